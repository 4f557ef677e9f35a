"""Batches become the columns of a window: array work only, however many points there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from vsm_actors.core.batch import Batch, Floats, Ids
from vsm_actors.core.families import Kind
from vsm_actors.core.series.directory import Directory
from vsm_actors.core.window import Cells, Ordinals, Window
from vsm_actors.core.window.cells import NO_CELLS, cells_of
from vsm_actors.core.window.exemplars import newest
from vsm_actors.core.window.grouping import grouped
from vsm_actors.core.window.members import members_of
from vsm_actors.core.window.sketch import index_of, outside


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A batch that waits to be reduced.

    Attributes:
        batch: its points, as `admission` lets them in.
        ordinal: how many points its source had sent before it.
    """

    batch: Batch
    ordinal: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduction:
    """What batches become.

    Attributes:
        window: timeless (`start` is inf, `end` -inf, `duration` 0) until it is merged or dated.
        outside: observations beyond the sketch's range, clamped.
    """

    window: Window
    outside: int


@dataclass(frozen=True, slots=True)
class _Points:
    series: Ids
    value: Floats
    weight: Floats
    time: Floats
    source: NDArray[np.int32]
    ordinal: Ordinals


@lru_cache(maxsize=64)
def rank_of(source: str) -> int:
    """Return the rank of a source among equal times: arbitrary, but the same in every process."""
    return crc32(source.encode()) >> 1


def reduced(pending: Sequence[Pending], directory: Directory) -> Reduction:
    """Reduce batches whose series the directory covers.

    Counters and observations add up with their weights; `last` is by (time, source, ordinal).
    """
    points = _joined(pending)
    groups = grouped(points.series)
    kind = directory.kind[points.series]
    observed = kind >= Kind.HISTOGRAM
    sketch, clamped = _sketched(points, observed)
    last = groups.latest(points.time, points.source, points.ordinal)
    window = Window(
        start=float("inf"),
        end=float("-inf"),
        duration=0.0,
        series=groups.ids,
        count=groups.total(points.weight),
        sum=groups.total(points.value * points.weight),
        min=groups.least(points.value),
        max=groups.greatest(points.value),
        last=points.value[last],
        time=points.time[last],
        source=points.source[last],
        ordinal=points.ordinal[last],
        sketch=sketch,
        buckets=_bucketed(points, kind == Kind.HISTOGRAM, directory),
        members=members_of(
            np.concatenate([one.batch.members for one in pending]),
            np.concatenate([one.batch.hashes for one in pending]),
        ),
        exemplars=newest([one.batch.exemplars for one in pending]),
    )
    return Reduction(window=window, outside=clamped)


def _joined(pending: Sequence[Pending]) -> _Points:
    batches = [one.batch for one in pending]
    sizes = [len(batch.series) for batch in batches]
    ranks = np.array([rank_of(batch.source) for batch in batches], dtype=np.int32)
    return _Points(
        np.concatenate([batch.series for batch in batches]),
        np.concatenate([batch.value for batch in batches]),
        np.concatenate([batch.weight for batch in batches]),
        np.concatenate([batch.time for batch in batches]),
        np.repeat(ranks, sizes),
        np.concatenate(
            [
                np.arange(one.ordinal, one.ordinal + size, dtype=np.int64)
                for one, size in zip(pending, sizes, strict=True)
            ]
        ),
    )


def _sketched(points: _Points, observed: NDArray[np.bool_]) -> tuple[Cells, int]:
    values = points.value[observed]
    if not len(values):
        return NO_CELLS, 0
    cells = cells_of(points.series[observed], index_of(values), points.weight[observed])
    return cells, outside(values)


def _bucketed(points: _Points, histogram: NDArray[np.bool_], directory: Directory) -> Cells:
    series = points.series[histogram]
    if not len(series):
        return NO_CELLS
    values = points.value[histogram]
    ladder = directory.ladder[series]
    index = np.empty(len(series), dtype=np.int32)
    for rung, bounds in enumerate(directory.ladders):
        on = ladder == rung
        # The first bound that is not less than the value: `le` includes it.
        index[on] = np.searchsorted(bounds, values[on], side="left")
    return cells_of(series, index, points.weight[histogram])
