"""Windows packed for keeping: nothing is lost, and a busy one takes a quarter of the bytes.

Cells are nearly all of a busy window. Unpacked they are columns of one width, quick to merge; most
counts fit a byte, every index 16 bits, and a series need not be repeated on each of its cells.
"""

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from vsm_actors.core.batch import Floats, Ids
from vsm_actors.core.window.cells import NO_CELLS
from vsm_actors.core.window.model import Cells, Members, Window

_OVERHEAD = 1024
"""Bytes of a window besides its columns: its objects and the headers of its arrays."""

_WHOLE = (np.uint8, np.uint16, np.uint32)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedCells:
    """Cells, each series once.

    Attributes:
        series: int32[k], ascending.
        length: int16[k], how many cells each has.
        index: int16[m].
        count: of the narrowest type that holds every count exactly.
    """

    series: Ids
    length: NDArray[np.int16]
    index: NDArray[np.int16]
    count: NDArray[np.generic]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedWindow:
    """A window whose cells are packed.

    Attributes:
        rest: the window without its cells.
        sketch: cells of the sketches.
        buckets: cells of the fixed buckets.
        bytes: that it takes.
    """

    rest: Window
    sketch: PackedCells
    buckets: PackedCells
    bytes: int


def packed(window: Window) -> PackedWindow:
    """Pack a window."""
    rest = replace(window, sketch=NO_CELLS, buckets=NO_CELLS)
    sketch, buckets = packed_cells(window.sketch), packed_cells(window.buckets)
    size = size_of(rest) + size_of(sketch) + size_of(buckets)
    return PackedWindow(rest=rest, sketch=sketch, buckets=buckets, bytes=size)


def unpacked(window: PackedWindow) -> Window:
    """Return the window that was packed."""
    return replace(
        window.rest,
        sketch=unpacked_cells(window.sketch),
        buckets=unpacked_cells(window.buckets),
    )


def packed_cells(cells: Cells) -> PackedCells:
    """Pack cells whose indices fit 16 bits."""
    first = np.flatnonzero(np.diff(cells.series, prepend=-1))
    return PackedCells(
        series=cells.series[first],
        length=np.diff(first, append=len(cells.series)).astype(np.int16),
        index=cells.index.astype(np.int16),
        count=_narrowest(cells.count),
    )


def unpacked_cells(cells: PackedCells) -> Cells:
    """Return the cells that were packed."""
    return Cells(
        series=np.repeat(cells.series, cells.length),
        index=cells.index.astype(np.int32),
        count=cells.count.astype(np.float64),
    )


def size_of(part: Window | Cells | PackedCells | Members) -> int:
    """Return the bytes of a window, or of its cells or members."""
    total = _OVERHEAD if isinstance(part, Window) else 0
    for column in fields(part):
        value = getattr(part, column.name)
        if isinstance(value, np.ndarray):
            total += value.nbytes
        elif isinstance(value, Cells | Members):
            total += size_of(value)
    return total


def _narrowest(count: Floats) -> NDArray[np.generic]:
    greatest = count.max(initial=0.0)
    for kind in _WHOLE:
        if greatest <= np.iinfo(kind).max:
            whole = count.astype(kind)
            return whole if np.array_equal(whole, count) else count
    return count
