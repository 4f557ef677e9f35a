"""PerformanceTracker: how long operations take, and how surely their share of errors is known."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import msgspec
import numpy as np

from vsm_actors.core.families import QUANTILES
from vsm_actors.core.reading import Reading
from vsm_actors.core.record import Event
from vsm_actors.core.state.bounded import Bounded, bounded
from vsm_actors.core.state.rolling import Rolling
from vsm_actors.core.statistics.proportion import wilson
from vsm_actors.core.window import Cells
from vsm_actors.core.window.cells import NO_CELLS, merged_cells
from vsm_actors.core.window.sketch import quantiles
from vsm_actors.core.window.view import View
from vsm_actors.systems.s1_operations.outcomes import Outcomes, Unit, counted, forgotten


class Timed(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One series of response times.

    Attributes:
        labels: path, system and unit.
        newest: Unix seconds of the latest observation.
        began: Unix seconds at which the first window that saw it began.
    """

    labels: tuple[str, ...]
    newest: float
    began: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceState:
    """What PerformanceTracker remembers.

    Attributes:
        times: sketches of all series side by side, over the window.
        series: whose they are, by id.
        units: operations and errors by path and unit.
    """

    times: Rolling[Cells]
    series: Bounded[int, Timed]
    units: Bounded[Unit, Outcomes]


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceTracker:
    """Quantiles of response times within 1%, and Wilson's interval of the error ratio.

    Attributes:
        window: seconds that both cover.
        memory: seconds after which a unit, or a series, that did nothing is new again.
        minimum: operations under which neither is said.
        levels: which quantiles.
        limit: series, and units, at most: the cap on the series of one metric.
    """

    window: float = 300.0
    memory: float = 3600.0
    minimum: int = 20
    levels: tuple[float, ...] = QUANTILES
    limit: int = 20_000
    name: str = field(default="PerformanceTracker", init=False)
    system: int = field(default=1, init=False)

    def initial(self) -> PerformanceState:
        """Return the state of one that has seen nothing."""
        return PerformanceState(
            times=Rolling(self.window, NO_CELLS, _merge, NO_CELLS),
            series=bounded(self.limit),
            units=bounded(self.limit),
        )

    def fold(self, state: PerformanceState, event: Event) -> PerformanceState:  # noqa: ARG002 - the protocol's
        """Return `state`: operations come on the bulk lane only."""
        return state

    def observe(self, state: PerformanceState, view: View) -> PerformanceState:
        """Return `state` with the operations of one window and their response times."""
        series, cells = _timed(state.series, view)
        return replace(
            state,
            times=state.times.add(view.start, cells) if len(cells.series) else state.times,
            series=series,
            units=counted(state.units, view, self.window),
        )

    def conclude(
        self, state: PerformanceState, now: float
    ) -> tuple[PerformanceState, tuple[Reading, ...]]:
        """Return the quantiles and intervals of all that had operations enough."""
        times = state.times.at(now)
        readings = [
            *self._quantiles(state.series, times.total(now), now),
            *self._intervals(state.units, now),
        ]
        oldest = now - self.memory
        idle = [series for series, one in state.series.items() if one.newest < oldest]
        kept = replace(
            state,
            times=times,
            series=state.series.without(*idle),
            units=forgotten(state.units, now, self.memory),
        )
        return kept, tuple(readings)

    def refused(self, state: PerformanceState) -> int:
        """Return how often the bound refused a series or a unit."""
        return state.series.refused + state.units.refused

    def _quantiles(
        self, series: Bounded[int, Timed], cells: Cells, now: float
    ) -> Iterator[Reading]:
        ids, values = quantiles(cells, self.levels)
        first = np.searchsorted(cells.series, ids)
        counts = np.add.reduceat(cells.count, first) if len(ids) else np.empty(0)
        for one, row, n in zip(ids.tolist(), values.tolist(), counts.tolist(), strict=True):
            timed = series.get(one)
            if timed is None or n < self.minimum:
                continue
            path, system, unit = timed.labels
            age = max(0.0, now - timed.newest)
            coverage = min(1.0, (now - timed.began) / self.window)
            for level, value in zip(self.levels, row, strict=True):
                yield Reading(
                    family="vsm_response_time_quantile_seconds",
                    labels={"path": path, "unit": unit, "system": system, "q": str(level)},
                    value=value,
                    n=int(n),
                    coverage=coverage,
                    age=age,
                )

    def _intervals(self, units: Bounded[Unit, Outcomes], now: float) -> Iterator[Reading]:
        for (path, unit), outcomes in units.items():
            operations, errors = outcomes.counts.total(now)
            if operations < self.minimum:
                continue
            for bound, value in zip(("lower", "upper"), wilson(errors, operations), strict=True):
                yield Reading(
                    family=f"vsm_error_{bound}_ratio",
                    labels={"path": path, "unit": unit},
                    value=value,
                    n=int(operations),
                    coverage=outcomes.coverage(now),
                    age=max(0.0, now - outcomes.newest),
                )


def _merge(older: Cells, newer: Cells) -> Cells:
    return merged_cells((older, newer))


def _timed(series: Bounded[int, Timed], view: View) -> tuple[Bounded[int, Timed], Cells]:
    touched: dict[int, Timed] = {}
    for row in view.rows("vsm_response_time_seconds"):
        known = series.get(row.series.id)
        newest = row.time if known is None else max(row.time, known.newest)
        began = view.start if known is None else known.began
        touched[row.series.id] = Timed(labels=row.series.labels, newest=newest, began=began)
    series = series.update(touched)
    ids = [one for one in touched if one in series]
    if not ids:
        return series, NO_CELLS
    sketches = [view.sketch(one) for one in ids]
    sizes = [len(sketch.index) for sketch in sketches]
    cells = Cells(
        series=np.repeat(np.array(ids, dtype=np.int32), sizes),
        index=np.concatenate([sketch.index for sketch in sketches]).astype(np.int32),
        count=np.concatenate([sketch.count for sketch in sketches]),
    )
    return series, cells
