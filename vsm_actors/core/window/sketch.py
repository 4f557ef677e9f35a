"""The quantile sketch: logarithmic cells with one global gamma and one global index range.

After DDSketch (Masson, Rim and Lee, VLDB 2019). A value falls into the cell of its logarithm, so
that a cell's representative is within 1% of every value in it, and sketches merge by adding cells.
Cells are never collapsed: merging stays exact, whatever the order.

Cell 0 holds zero. Cell k in 1..`CELLS` holds ``(SMALLEST * GAMMA**(k-1), SMALLEST * GAMMA**k]``,
and cell -k the same magnitudes below zero, so that ascending cells are ascending values. What is
not zero but at most `SMALLEST` in magnitude goes to cell 1 or -1, what is beyond `LARGEST` to cell
`CELLS` or -`CELLS`; `outside` counts both.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vsm_actors.core.batch import Floats, Ids
from vsm_actors.core.window.model import Cells
from vsm_actors.core.window.view import Sketch

Indices = NDArray[np.int32]

ACCURACY = 0.01
"""Relative error of a quantile within the range."""

GAMMA = (1 + ACCURACY) / (1 - ACCURACY)
"""Ratio of the bounds of a cell."""

SMALLEST = 1e-12
"""Magnitude under which values are not told apart: a picosecond, in base units."""

CELLS = 3200
"""Cells on each side of zero."""

LARGEST = SMALLEST * GAMMA**CELLS
"""Magnitude beyond which values are clamped, about 6.3e15."""

_STEP = float(np.log(GAMMA))
_REPRESENTATIVE = 2 * SMALLEST / (GAMMA + 1)


def index_of(values: Floats) -> Indices:
    """Return the cell of each finite value."""
    magnitude = np.abs(values)
    with np.errstate(divide="ignore", over="ignore"):
        power = np.ceil(np.log(magnitude / SMALLEST) / _STEP)
    cell = np.clip(power, 1, CELLS)
    return np.where(magnitude == 0, 0, np.copysign(cell, values)).astype(np.int32)


def outside(values: Floats) -> int:
    """Count the values whose magnitude the range does not cover; zero is covered."""
    magnitude = np.abs(values)
    low = (magnitude < SMALLEST) & (magnitude != 0)
    return int(np.count_nonzero(low | (magnitude > LARGEST)))


def value_of(index: NDArray[np.integer]) -> Floats:
    """Return the representative of each cell, within 1% of every value that fell into it."""
    power = np.abs(index).astype(np.float64)
    return np.asarray(np.sign(index) * _REPRESENTATIVE * GAMMA**power, dtype=np.float64)


def quantile(sketch: Sketch, q: float) -> float:
    """Return the lower q-quantile (0 <= q <= 1), within 1%; NaN of an empty sketch.

    Of n observations it is the one of rank floor(q * (n - 1)), counted from 0.
    """
    if not len(sketch.index):
        return float("nan")
    running = np.cumsum(sketch.count)
    rank = max(np.floor(q * (running[-1] - 1)), 0.0)
    place = int(np.searchsorted(running, rank, side="right"))
    return float(value_of(sketch.index[min(place, len(running) - 1)]))


def quantiles(cells: Cells, levels: Sequence[float]) -> tuple[Ids, Floats]:
    """Return the quantiles of every series in `cells` at once.

    Args:
        cells: of the quantile sketch.
        levels: m levels from 0 to 1.

    Returns:
        The series, ascending, and float64[len(series), m].
    """
    first = np.flatnonzero(np.diff(cells.series, prepend=-1))
    if not len(first):
        return cells.series, np.empty((0, len(levels)))
    last = np.append(first[1:], len(cells.series)) - 1
    running = np.cumsum(cells.count)
    before = running[first] - cells.count[first]
    rank = np.maximum(np.floor(np.outer(running[last] - before - 1, levels)), 0.0)
    place = np.searchsorted(running, before[:, None] + rank, side="right")
    place = np.clip(place, first[:, None], last[:, None])
    return cells.series[first], value_of(cells.index[place])
