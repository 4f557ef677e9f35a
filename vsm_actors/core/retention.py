"""Which windows are kept: 15 of 1 s, then 19 of 15 s: five minutes, bounded in bytes."""

from dataclasses import dataclass, field, fields

import numpy as np

from vsm_actors.core.merge import merge
from vsm_actors.core.window import Cells, Members, Window

FINE = 15
"""Windows kept as they came."""

COARSE = 19
"""Windows kept of `FINE` merged ones each."""

_OVERHEAD = 1024
"""Bytes of a window besides its columns: its objects and the headers of its arrays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retained:
    """The newest windows. They always cover five minutes, and at most 15 s more.

    Attributes:
        fine: the newest, oldest first.
        merging: what is being merged of those that followed, newest last; empty or one window.
        merged: how many are in it.
        coarse: oldest first.
        bytes: of all of them.
        discarded: windows that were dropped before their time, for their bytes.
    """

    fine: tuple[Window, ...] = field(default=())
    merging: tuple[Window, ...] = field(default=())
    merged: int = 0
    coarse: tuple[Window, ...] = field(default=())
    bytes: int = 0
    discarded: int = 0

    @property
    def windows(self) -> tuple[Window, ...]:
        """All of them, oldest first."""
        return (*self.coarse, *self.merging, *self.fine)


def size_of(part: Window | Cells | Members) -> int:
    """Return the bytes of a window, or of its cells or members."""
    total = _OVERHEAD if isinstance(part, Window) else 0
    for column in fields(part):
        value = getattr(part, column.name)
        if isinstance(value, np.ndarray):
            total += value.nbytes
        elif isinstance(value, Cells | Members):
            total += size_of(value)
    return total


def retained(state: Retained, window: Window, limit: int) -> Retained:
    """Keep one more window, within `limit` bytes; the newest is always kept.

    One merge of a 1 s window into the open one a call: the cost is spread evenly.
    """
    fine, merging, merged, coarse = (*state.fine, window), state.merging, state.merged, state.coarse
    if len(fine) > FINE:
        oldest, *rest = fine
        fine, merging, merged = tuple(rest), (_joined(merging, oldest),), merged + 1
    if merged == FINE:
        coarse, merging, merged = (*coarse, *merging)[-COARSE:], (), 0
    return _bounded(fine, merging, merged, coarse, limit=limit, discarded=state.discarded)


def _joined(merging: tuple[Window, ...], oldest: Window) -> Window:
    return merge(merging[0], oldest) if merging else oldest


def _bounded(
    fine: tuple[Window, ...],
    merging: tuple[Window, ...],
    merged: int,
    coarse: tuple[Window, ...],
    *,
    limit: int,
    discarded: int,
) -> Retained:
    kept = [*coarse, *merging, *fine]
    sizes = [size_of(one) for one in kept]
    total, drop = sum(sizes), 0
    while total > limit and drop < len(kept) - 1:
        total -= sizes[drop]
        drop += 1
    left = drop - len(coarse) - len(merging)
    keeps_merging = drop <= len(coarse)
    return Retained(
        fine=fine[max(0, left) :],
        merging=merging if keeps_merging else (),
        merged=merged if keeps_merging else 0,
        coarse=coarse[drop:],
        bytes=total,
        discarded=discarded + drop,
    )
