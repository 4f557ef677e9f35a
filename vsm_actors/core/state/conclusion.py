"""Concluding over bounded cells of rolling figures: what every monitor does on a tick."""

from collections.abc import Callable, Iterable
from typing import Protocol, Self, TypeVar

from vsm_actors.core.reading import Reading
from vsm_actors.core.state.bounded import Bounded


class Cell(Protocol):
    """Rolling figures of one key: a `Tally` or an `Account`."""

    @property
    def empty(self) -> bool:
        """Whether nothing is left in the window; certain only after `advance`."""
        ...

    @property
    def newest(self) -> float:
        """Unix seconds of the newest data in it."""
        ...

    def advance(self, now: float) -> Self:
        """Return the cell without what left its window; itself where nothing did."""
        ...


K = TypeVar("K")
C = TypeVar("C", bound=Cell)


def conclude(
    cells: Bounded[K, C], now: float, say: Callable[[K, C, float], Iterable[Reading]]
) -> tuple[Bounded[K, C], list[Reading]]:
    """Return the cells at `now` without the empty ones, and what `say` reads in each.

    Args:
        cells: rolling figures per key.
        now: Unix seconds.
        say: given a key, its cell and `now`.
    """
    readings: list[Reading] = []
    kept = cells
    for key, cell in cells.items():
        current = cell.advance(now)
        if current.empty:
            kept = kept.without(key)
            continue
        if current is not cell:
            kept = kept.put(key, current)
        readings += say(key, current, now)
    return kept, readings


def age(cell: Cell, now: float) -> float:
    """Return the seconds since the newest data in a cell, at least 0."""
    return max(0.0, now - cell.newest)
