"""The regular series of the units, and whether they oscillate."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

import msgspec

from vsm_actors.core.reading import Reading
from vsm_actors.core.state.bounded import Bounded, bounded
from vsm_actors.core.state.regular import Regular, regular
from vsm_actors.core.statistics.oscillation import oscillation_index
from vsm_actors.core.window.view import View

Key: TypeAlias = tuple[str, str, str]
"""Path, unit and what is watched: ``operations`` or ``resource.<name>``."""


class Beat(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One series with its latest verdict.

    Attributes:
        series: the regular series.
        newest: Unix seconds of its latest point.
        judged: the step at which it was judged last.
        index: the verdict, None where there was none.
        n: steps that the verdict rests on.
    """

    series: Regular
    newest: float
    judged: int
    index: float | None = None
    n: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """All series that are watched.

    Attributes:
        step: seconds.
        length: steps of a full window.
        minimum: steps under which nothing is judged.
        batch: series judged a tick at most, those that wait longest first: it costs about 80
            microseconds each.
        beats: by path, unit and what is watched.
    """

    step: float
    length: int
    minimum: int
    batch: int
    beats: Bounded[Key, Beat]

    def observe(self, view: View) -> "Rhythm":
        """Return this with the operations and the use of resources of one window."""
        touched: dict[Key, Beat] = {}
        for key, (value, time) in _watched(view).items():
            beat = self.beats.get(key) or self._fresh(key, view.start, time)
            touched[key] = Beat(
                series=beat.series.add(view.start, value),
                newest=max(beat.newest, time),
                judged=beat.judged,
                index=beat.index,
                n=beat.n,
            )
        return replace(self, beats=self.beats.update(touched))

    def advance(self, now: float) -> "Rhythm":
        """Return this with the series that gained a step judged, as many as a tick allows."""
        number = int(now // self.step)
        oldest = now - self.step * self.length
        beats = self.beats.without(
            *(key for key, beat in self.beats.items() if beat.newest < oldest)
        )
        waiting = [one for one in beats.items() if one[1].judged < number]
        waiting.sort(key=lambda one: (one[1].judged, one[0]))
        judged = {key: self._judged(beat, now, number) for key, beat in waiting[: self.batch]}
        beats = beats.update(judged) if judged else beats
        return self if beats is self.beats else replace(self, beats=beats)

    def readings(self, now: float) -> Iterator[Reading]:
        """Yield the verdict on every series that has one."""
        for (path, unit, series), beat in self.beats.items():
            if beat.index is not None:
                yield Reading(
                    family="vsm_oscillation_index",
                    labels={"path": path, "unit": unit, "series": series},
                    value=beat.index,
                    n=beat.n,
                    coverage=beat.n / self.length,
                    age=max(0.0, now - beat.newest),
                )

    def _judged(self, beat: Beat, now: float, number: int) -> Beat:
        series = beat.series.advance(now)
        n = len(series.values)
        index = oscillation_index(series.values) if n >= self.minimum else None
        return Beat(series=series, newest=beat.newest, judged=number, index=index, n=n)

    def _fresh(self, key: Key, now: float, time: float) -> Beat:
        holds = key[2] != "operations"
        series = regular(self.step, self.length, now, holds=holds)
        return Beat(series=series, newest=time, judged=series.number)


def no_rhythm(*, step: float, length: int, minimum: int, batch: int, limit: int) -> Rhythm:
    """Return the state before any series."""
    return Rhythm(step=step, length=length, minimum=minimum, batch=batch, beats=bounded(limit))


def _watched(view: View) -> dict[Key, tuple[float, float]]:
    found: defaultdict[Key, tuple[float, float]] = defaultdict(lambda: (0.0, 0.0))
    for row in view.rows("vsm_operations_total"):
        path, system, unit, _, _ = row.series.labels
        if system == "1":
            count, newest = found[path, unit, "operations"]
            found[path, unit, "operations"] = count + row.sum, max(newest, row.time)
    for row in view.rows("vsm_resource_used"):
        path, system, unit, resource = row.series.labels
        if system == "1":
            found[path, unit, f"resource.{resource}"] = row.last, row.time
    return found
