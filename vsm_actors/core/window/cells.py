"""Sparse counts by (series, index): adding them up, and packing both into one sortable key."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vsm_actors.core.batch import NO_IDS, Floats, Ids
from vsm_actors.core.window.model import Cells

WIDTH = 1 << 13
"""Different indices a series can have, of the sketch or of a histogram's buckets."""

_ZERO = WIDTH // 2

NO_CELLS = Cells(series=NO_IDS, index=NO_IDS, count=np.empty(0))


def cells_of(series: Ids, index: NDArray[np.int32], weight: Floats) -> Cells:
    """Add up `weight` by (series, index), where -4096 <= index < 4096."""
    return _added(series.astype(np.int64) * WIDTH + (index + _ZERO), weight)


def merged_cells(parts: Sequence[Cells]) -> Cells:
    """Add several cells up. Counts are whole or dyadic, so the order does not matter."""
    occupied = [part for part in parts if len(part.series)]
    if len(occupied) <= 1:
        return occupied[0] if occupied else NO_CELLS
    series = np.concatenate([part.series for part in occupied])
    index = np.concatenate([part.index for part in occupied])
    return cells_of(series, index, np.concatenate([part.count for part in occupied]))


def _added(keys: NDArray[np.int64], weight: Floats) -> Cells:
    # A stable sort merges runs that are already sorted, which parts of windows are: 3 ms for two
    # runs of 860,000 cells together, where the default sort takes 94.
    order = np.argsort(keys, kind="stable")
    ascending = keys[order]
    first = np.flatnonzero(np.diff(ascending, prepend=-1))
    unique = ascending[first]
    count = np.add.reduceat(weight[order], first) if len(first) else np.empty(0)
    return Cells(
        series=(unique // WIDTH).astype(np.int32),
        index=(unique % WIDTH - _ZERO).astype(np.int32),
        count=count,
    )
