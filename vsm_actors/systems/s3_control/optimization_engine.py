"""OptimizationEngine: which units do best with what they cost and use, and what lies idle."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from vsm_actors.core.reading import Reading
from vsm_actors.core.record import Event
from vsm_actors.core.state.account import Account, account
from vsm_actors.core.state.bounded import Bounded, bounded
from vsm_actors.core.window.view import View
from vsm_actors.systems.s3_control.economy import (
    OPERATIONS,
    SYSTEM_1,
    Key,
    Use,
    costs,
    tightness,
    used,
)
from vsm_actors.systems.s3_control.pareto import Point, front


@dataclass(frozen=True, slots=True, kw_only=True)
class Achievement:
    """The latest report of a unit's index (Beer's three levels), or of a resource's use.

    Attributes:
        idle: capability less actuality, in the unit of the index.
        performance: actuality over potentiality, inverted where lower is better; NaN undefined.
        time: Unix seconds of the report.
    """

    idle: float
    performance: float
    time: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OptimizationState:
    """What OptimizationEngine remembers.

    Attributes:
        achievements: by path, unit and index.
        uses: by path, unit and resource.
        spent: cost by path, unit and currency; operations under the currency "".
    """

    achievements: Bounded[Key, Achievement]
    uses: Bounded[Key, Use]
    spent: Bounded[Key, Account]


@dataclass(frozen=True, slots=True, kw_only=True)
class OptimizationEngine:
    """The Pareto front of the units of a path, and unused capability C - A.

    A unit's performance is the geometric mean of A/P over its indices, its cost the mean per
    operation, its utilisation that of its tightest resource. A respect that no unit reports is
    left out; so is cost where several currencies meet. A unit that lacks one that others report
    is not judged, and lowers the coverage.

    Attributes:
        window: seconds over which System 3 looks.
        limit: indices, resources and currencies of units at most, each.
    """

    window: float = 86400.0
    limit: int = 20_000
    name: str = "OptimizationEngine"
    system: int = 3

    def initial(self) -> OptimizationState:
        """Return the state of one that knows no unit."""
        limit = self.limit
        return OptimizationState(
            achievements=bounded(limit), uses=bounded(limit), spent=bounded(limit)
        )

    def fold(self, state: OptimizationState, event: Event) -> OptimizationState:
        """Return `state` with the latest report of an index; an older one changes nothing."""
        key = (event.path, event.meant, event.attribute("index"))
        known = state.achievements.get(key)
        if known is not None and known.time > event.time:
            return state
        return replace(state, achievements=state.achievements.put(key, _achievement(event)))

    def observe(self, state: OptimizationState, view: View) -> OptimizationState:
        """Return `state` with what System 1's units spent, did and used in a window."""
        added: defaultdict[Key, float] = defaultdict(float)
        for row in view.rows("vsm_operations_total"):
            path, system, unit, *_ = row.series.labels
            if system == SYSTEM_1:
                added[path, unit, OPERATIONS] += row.sum
        for row in view.rows("vsm_operation_cost_total"):
            path, system, unit, currency = row.series.labels
            if system == SYSTEM_1:
                added[path, unit, currency or "?"] += row.sum
        empty = account(self.window, 1)
        entered = {
            key: (state.spent.get(key) or empty).enter(view.end, amount)
            for key, amount in added.items()
        }
        return replace(
            state, spent=state.spent.update(entered), uses=state.uses.update(used(state.uses, view))
        )

    def conclude(
        self, state: OptimizationState, now: float
    ) -> tuple[OptimizationState, tuple[Reading, ...]]:
        """Return every unit's place and idle capability; what is older than the window goes."""
        state = self._forget(state, now)
        units: defaultdict[str, dict[str, list[Achievement]]] = defaultdict(dict)
        readings: list[Reading] = []
        for (path, unit, index), one in state.achievements.items():
            units[path].setdefault(unit, []).append(one)
            labels = {"path": path, "unit": unit, "index": index}
            old = max(0.0, now - one.time)
            readings.append(
                Reading(family="vsm_unused_capability", labels=labels, value=one.idle, n=1, age=old)
            )
        spending, using = costs(state.spent, now), tightness(state.uses)
        for path, of_units in units.items():
            readings += _places(path, of_units, spending.get(path, {}), using.get(path, {}), now)
        return state, tuple(readings)

    def refused(self, state: OptimizationState) -> int:
        """Return how many indices, resources and currencies the bound has refused."""
        return state.achievements.refused + state.uses.refused + state.spent.refused

    def _forget(self, state: OptimizationState, now: float) -> OptimizationState:
        since = now - self.window
        achievements, uses, spent = state.achievements, state.uses, state.spent
        old = [key for key, one in achievements.items() if one.time < since]
        idle = [key for key, use in uses.items() if use.time < since]
        for key, cell in spent.items():
            current = cell.advance(now)
            if current is not cell:
                spent = spent.without(key) if current.empty else spent.put(key, current)
        return OptimizationState(
            achievements=achievements.without(*old), uses=uses.without(*idle), spent=spent
        )


def _achievement(event: Event) -> Achievement:
    given = event.measurements
    actuality, capability = given["actuality"], given["capability"]
    best, lower = given["potentiality"], event.attribute("sense") == "lower"
    above, below = (best, actuality) if lower else (actuality, best)
    return Achievement(
        idle=actuality - capability if lower else capability - actuality,
        performance=above / below if below > 0 else math.nan,
        time=event.time,
    )


def _places(
    path: str,
    units: Mapping[str, list[Achievement]],
    spending: Mapping[str, float],
    using: Mapping[str, float],
    now: float,
) -> Iterator[Reading]:
    judged = {
        unit: _point(
            _mean([one.performance for one in reports]),
            spending.get(unit, math.nan) if spending else 0.0,
            using.get(unit, math.nan) if using else 0.0,
        )
        for unit, reports in units.items()
    }
    points = {unit: point for unit, point in judged.items() if point is not None}
    best = front(points)
    for unit in points:
        yield Reading(
            family="vsm_pareto_front",
            labels={"path": path, "unit": unit},
            value=float(unit in best),
            n=len(points),
            coverage=len(points) / len(units),
            age=max(0.0, now - max(one.time for one in units[unit])),
        )


def _point(performance: float, cost: float, use: float) -> Point | None:
    point = (performance, cost, use)
    return None if any(map(math.isnan, point)) else point


def _mean(figures: list[float]) -> float:
    """Return the geometric mean of those that are defined, NaN where none is."""
    defined = [figure for figure in figures if not math.isnan(figure)]
    if not defined:
        return math.nan
    if min(defined) == 0.0:
        return 0.0
    return math.exp(math.fsum(map(math.log, defined)) / len(defined))
