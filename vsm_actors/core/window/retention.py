"""Which windows are kept: 15 of 1 s, then 19 of 15 s: five minutes, bounded in bytes."""

from dataclasses import dataclass, replace

from vsm_actors.core.window.merge import merge
from vsm_actors.core.window.model import Window
from vsm_actors.core.window.packing import PackedWindow, packed, size_of, unpacked

FINE = 15
"""Windows kept as they came."""

COARSE = 19
"""Windows kept of `FINE` merged ones each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retained:
    """The newest windows. They cover five minutes, and at most 15 s more, if the bytes suffice.

    Attributes:
        fine: the newest, oldest first.
        merging: what is being merged of those that came before; empty or one window.
        merged: how many are in it.
        coarse: what came before that, oldest first.
        bytes: of all of them.
        discarded: how many were dropped before their time, for their bytes.
    """

    fine: tuple[PackedWindow, ...] = ()
    merging: tuple[Window, ...] = ()
    merged: int = 0
    coarse: tuple[PackedWindow, ...] = ()
    bytes: int = 0
    discarded: int = 0

    @property
    def windows(self) -> tuple[Window, ...]:
        """All of them, oldest first."""
        return (*map(unpacked, self.coarse), *self.merging, *map(unpacked, self.fine))


def retained(state: Retained, window: Window, limit: int) -> Retained:
    """Keep one more window, within `limit` bytes; the newest is always kept.

    A call merges one window of 1 s into the open one: the cost is spread evenly.
    """
    fine, coarse = (*state.fine, packed(window)), state.coarse
    merging, merged = state.merging, state.merged
    if len(fine) > FINE:
        merging, merged = (_joined(merging, unpacked(fine[0])),), merged + 1
        fine = fine[1:]
    if merged == FINE:
        coarse, merging, merged = (*coarse, *map(packed, merging))[-COARSE:], (), 0
    kept = replace(state, fine=fine, merging=merging, merged=merged, coarse=coarse)
    kept = replace(kept, bytes=_bytes(kept))
    while kept.bytes > limit and len(kept.fine) > 1:
        kept = _without_oldest(kept)
    return kept


def _joined(merging: tuple[Window, ...], oldest: Window) -> Window:
    return merge(merging[0], oldest) if merging else oldest


def _bytes(state: Retained) -> int:
    tight = sum(one.bytes for one in (*state.coarse, *state.fine))
    return tight + sum(map(size_of, state.merging))


def _without_oldest(state: Retained) -> Retained:
    if state.coarse:
        left = replace(state, coarse=state.coarse[1:])
    elif state.merging:
        left = replace(state, merging=(), merged=0)
    else:
        left = replace(state, fine=state.fine[1:])
    return replace(left, bytes=_bytes(left), discarded=state.discarded + 1)
