"""A window as a monitor reads it: rows of one family, with their labels beside the columns."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vsm_actors.core.series import Series


@dataclass(frozen=True, slots=True)
class Row:
    """What one series did in a window.

    Attributes:
        series: which one.
        count: weight of its points.
        sum: of values times weights (the delta, for a counter).
        min: the least value.
        max: the greatest value.
        last: the latest value by (time, source, ordinal).
        time: Unix seconds of `last`.
    """

    series: Series
    count: float
    sum: float
    min: float
    max: float
    last: float
    time: float


@dataclass(frozen=True, slots=True)
class Sketch:
    """The occupied cells of one series' quantile sketch in a window.

    Attributes:
        index: int16[m] or wider, indices of `core.sketch`, ascending.
        count: float64[m], weight in each.
    """

    index: NDArray[np.integer]
    count: NDArray[np.float64]


class View(Protocol):
    """A window of the bulk lane. Readings are never in it; the daemon's own path is."""

    @property
    def start(self) -> float:
        """Unix seconds at which the window began (arrival)."""
        ...

    @property
    def end(self) -> float:
        """Unix seconds at which it ended: the monitor's now."""
        ...

    def rows(self, family: str) -> tuple[Row, ...]:
        """Return the touched series of a family, in the order of their ids."""
        ...

    def sketch(self, series: int) -> Sketch:
        """Return the sketch of a touched histogram or summary series; empty if it has none."""
        ...
