"""Conflicts between units: which are open, and how long it takes to end them."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

import msgspec

from vsm_actors.core.reading import Reading
from vsm_actors.core.record import Event
from vsm_actors.core.state.bounded import Bounded, bounded
from vsm_actors.core.state.rolling import Rolling, Sums, rolling_sums
from vsm_actors.core.state.waiting import Waiting

Key: TypeAlias = tuple[str, str]
"""Path and id of a conflict; path and unit of a record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """One open conflict.

    Attributes:
        unit: the unit that it is about, "" where none is said.
        since: Unix seconds of its first detection.
    """

    unit: str
    since: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """How conflicts about one unit ended.

    Attributes:
        ended: resolved ones, those of them in time, and the seconds that all took.
        newest: Unix seconds of the latest detection or resolution.
    """

    ended: Rolling[Sums]
    newest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What counts as what.

    Attributes:
        window: seconds over which resolutions are judged.
        due: seconds within which a conflict is resolved in time.
        patience: seconds that a resolution waits for its detection, should it come first.
        held: seconds after which a quiet unit is forgotten.
        limit: open conflicts, and units, at most.
    """

    window: float = 3600.0
    due: float = 300.0
    patience: float = 600.0
    held: float = 86400.0
    limit: int = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflicts:
    """All conflicts that are known.

    Attributes:
        rules: what counts as what.
        open: by path and id.
        early: times of resolutions that came before their detections.
        records: by path and unit.
    """

    rules: Rules
    open: Bounded[Key, Conflict]
    early: Waiting[Key, float]
    records: Bounded[Key, Record]

    @property
    def refused(self) -> int:
        """How often a bound refused a conflict or a unit."""
        return self.open.refused + self.early.refused + self.records.refused

    def detected(self, event: Event) -> "Conflicts":
        """Return this with a conflict opened; a repeated detection changes nothing."""
        key = event.path, event.attribute("id")
        if key in self.open:
            return self
        conflict = Conflict(unit=event.meant, since=event.time)
        resolved = self.early.get(key)
        if resolved is not None:
            return replace(self, early=self.early.take(key)).ended(key, conflict, resolved, event)
        known = replace(self, open=self.open.put(key, conflict))
        return known.noted(event.path, conflict.unit, event.time, event.arrival)

    def resolved(self, event: Event) -> "Conflicts":
        """Return this with a conflict closed; one that is not known waits for its detection."""
        key = event.path, event.attribute("id")
        conflict = self.open.get(key)
        if conflict is None:
            deadline = event.arrival + self.rules.patience
            return replace(self, early=self.early.put(key, event.time, deadline))
        return replace(self, open=self.open.without(key)).ended(key, conflict, event.time, event)

    def advance(self, now: float) -> "Conflicts":
        """Return this without what has been quiet for too long."""
        alive = {(path, conflict.unit) for (path, _), conflict in self.open.items()}
        quiet = (
            key
            for key, record in self.records.items()
            if key not in alive and now - record.newest > self.rules.held
        )
        _, early = self.early.due(now)
        return replace(self, early=early, records=self.records.without(*quiet))

    def readings(self, now: float) -> Iterator[Reading]:
        """Yield what can be said of each unit that had conflicts."""
        ages: defaultdict[Key, list[float]] = defaultdict(list)
        for (path, _), conflict in self.open.items():
            ages[path, conflict.unit].append(max(0.0, now - conflict.since))
        for key, record in self.records.items():
            yield from self._said(key, record, ages.get(key, []), now)

    def _said(self, key: Key, record: Record, ages: list[float], now: float) -> Iterator[Reading]:
        ended, timely, seconds = record.ended.total(now)
        open_, late = len(ages), sum(age > self.rules.due for age in ages)
        known = Reading(
            family="vsm_conflicts_open",
            labels={"path": key[0], "unit": key[1]},
            value=float(open_),
            n=open_ + int(ended),
            age=max(0.0, now - record.newest),
        )
        yield known
        if known.n:
            mean = (seconds + sum(ages)) / known.n
            yield msgspec.structs.replace(
                known, family="vsm_conflict_resolution_seconds", value=mean
            )
        if ended + late:
            share, n = timely / (ended + late), int(ended) + late
            yield msgspec.structs.replace(
                known, family="vsm_conflicts_timely_ratio", value=share, n=n
            )

    def ended(self, key: Key, conflict: Conflict, time: float, event: Event) -> "Conflicts":
        """Return this with a conflict, open no more, that ended at `time` by `event`."""
        seconds = max(0.0, time - conflict.since)
        ended = (1.0, float(seconds <= self.rules.due), seconds)
        return self.noted(key[0], conflict.unit, event.time, event.arrival, ended)

    def noted(
        self, path: str, unit: str, time: float, arrival: float, ended: Sums = (0.0, 0.0, 0.0)
    ) -> "Conflicts":
        """Return this with news of a unit: nothing by default, or what `Record.ended` sums."""
        known = self.records.get((path, unit))
        past = rolling_sums(self.rules.window, 3) if known is None else known.ended
        newest = time if known is None else max(time, known.newest)
        record = Record(ended=past.add(arrival, ended), newest=newest)
        return replace(self, records=self.records.put((path, unit), record))


def no_conflicts(rules: Rules) -> Conflicts:
    """Return the state before any conflict."""
    return Conflicts(
        rules=rules,
        open=bounded(rules.limit),
        early=Waiting(limit=rules.limit),
        records=bounded(rules.limit),
    )
