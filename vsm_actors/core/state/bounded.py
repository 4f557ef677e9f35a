"""A persistent map with a bound on its keys, and a count of those that it refused."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from immutables import Map

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounded(Generic[K, V]):
    """Cells by key. A change costs what it touches; the rest is shared with the predecessor.

    Attributes:
        limit: keys at most.
        cells: what is held.
        refused: how many new keys came when there was no room.
    """

    limit: int
    cells: Map[K, V]
    refused: int = 0

    def __len__(self) -> int:
        """Count the keys held."""
        return len(self.cells)

    def __contains__(self, key: object) -> bool:
        """Tell whether `key` is held."""
        return key in self.cells

    def get(self, key: K) -> V | None:
        """Return the cell of `key`, or None."""
        return self.cells.get(key)

    def items(self) -> Iterator[tuple[K, V]]:
        """Iterate over keys and cells, in no order that one may rely on."""
        return iter(self.cells.items())

    def put(self, key: K, cell: V) -> "Bounded[K, V]":
        """Return a map that holds `cell` under `key`; a new key past the limit is refused."""
        if key not in self.cells and len(self.cells) >= self.limit:
            return Bounded(limit=self.limit, cells=self.cells, refused=self.refused + 1)
        return Bounded(limit=self.limit, cells=self.cells.set(key, cell), refused=self.refused)

    def update(self, cells: Mapping[K, V]) -> "Bounded[K, V]":
        """Return a map that holds all of `cells`; new keys past the limit are refused."""
        if not cells:
            return self
        draft, refused = self.cells.mutate(), self.refused
        for key, cell in cells.items():
            if len(draft) < self.limit or key in draft:
                draft[key] = cell
            else:
                refused += 1
        return Bounded(limit=self.limit, cells=draft.finish(), refused=refused)

    def without(self, *keys: K) -> "Bounded[K, V]":
        """Return a map that does not hold `keys`; those that it never held do not matter."""
        held = [key for key in keys if key in self.cells]
        if not held:
            return self
        cells = self.cells.mutate()
        for key in held:
            del cells[key]
        return replace(self, cells=cells.finish())


def bounded(limit: int) -> Bounded[K, V]:
    """Return an empty map that holds at most `limit` keys."""
    return Bounded(limit=limit, cells=Map())
