"""OperationalMonitor: what the units achieve, how much they do, and how much of it fails."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from vsm_actors.core.reading import Reading
from vsm_actors.core.record import Event
from vsm_actors.core.state.bounded import Bounded, bounded
from vsm_actors.core.window.view import View
from vsm_actors.systems.s1_operations.achievement import Achievement
from vsm_actors.systems.s1_operations.outcomes import Outcomes, Unit, counted, forgotten

Index = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationalState:
    """What OperationalMonitor remembers.

    Attributes:
        indices: the latest report by path, unit and index.
        units: operations by path and unit.
    """

    indices: Bounded[Index, Achievement]
    units: Bounded[Unit, Outcomes]


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationalMonitor:
    """Beer's indices of achievement, the rate of operations and the error ratio of System 1.

    Indices come from the event lane, which knows their sense; operations from the bulk lane.

    Attributes:
        window: seconds that rates and shares cover.
        minimum: operations under which no share of them is said.
        memory: seconds after which a unit that did nothing is new again.
        held: windows after which a report that was not renewed is forgotten.
        limit: units, and indices, at most: the cap on the series of one metric.
    """

    window: float = 300.0
    memory: float = 3600.0
    minimum: int = 20
    held: int = 2
    limit: int = 20_000
    name: str = field(default="OperationalMonitor", init=False)
    system: int = field(default=1, init=False)

    def initial(self) -> OperationalState:
        """Return the state of one that has seen nothing."""
        return OperationalState(indices=bounded(self.limit), units=bounded(self.limit))

    def fold(self, state: OperationalState, event: Event) -> OperationalState:
        """Return `state` with performance.reported folded in; an older report changes nothing."""
        key = event.path, event.meant, event.attribute("index")
        known = state.indices.get(key)
        if known is not None and known.time > event.time:
            return state
        return replace(state, indices=state.indices.put(key, Achievement.of(event)))

    def observe(self, state: OperationalState, view: View) -> OperationalState:
        """Return `state` with the operations of one window counted, those of System 1."""
        return replace(state, units=counted(state.units, view, self.window))

    def conclude(
        self, state: OperationalState, now: float
    ) -> tuple[OperationalState, tuple[Reading, ...]]:
        """Return the indices reported lately, and rate and error ratio of the units at work."""
        readings: list[Reading] = []
        for index, achievement in state.indices.items():
            readings += self._achieved(index, achievement, now)
        for unit, outcomes in state.units.items():
            readings += self._done(unit, outcomes, now)
        old = [
            index
            for index, report in state.indices.items()
            if now - report.time > self.held * self.window
        ]
        kept = replace(
            state,
            indices=state.indices.without(*old),
            units=forgotten(state.units, now, self.memory),
        )
        return kept, tuple(readings)

    def refused(self, state: OperationalState) -> int:
        """Return how often the bound refused a unit or an index."""
        return state.indices.refused + state.units.refused

    def _achieved(self, index: Index, report: Achievement, now: float) -> Iterator[Reading]:
        age = max(0.0, now - report.time)
        if age > self.held * self.window:
            return
        path, unit, name = index
        labels = {"path": path, "unit": unit, "index": name}
        coverage = 1.0 if age <= self.window else self.window / age
        for family, value in report.figures():
            yield Reading(
                family=family, labels=labels, value=value, n=1, coverage=coverage, age=age
            )

    def _done(self, unit: Unit, outcomes: Outcomes, now: float) -> Iterator[Reading]:
        operations, errors = outcomes.counts.total(now)
        seconds = outcomes.seen(now)
        if operations <= 0 or seconds <= 0:
            return
        labels = {"path": unit[0], "unit": unit[1]}
        coverage = outcomes.coverage(now)
        age = max(0.0, now - outcomes.newest)
        n = int(operations)
        rate = operations / seconds
        yield Reading(
            family="vsm_operation_rate",
            labels=labels,
            value=rate,
            n=n,
            coverage=coverage,
            age=age,
        )
        if n >= self.minimum:
            yield Reading(
                family="vsm_error_ratio",
                labels=labels,
                value=errors / operations,
                n=n,
                coverage=coverage,
                age=age,
            )
