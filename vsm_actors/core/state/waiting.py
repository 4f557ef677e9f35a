"""Things that wait for something until a deadline: bounded, immutable, due without a scan."""

import math
from typing import Generic, TypeVar

import msgspec
from immutables import Map

K = TypeVar("K")
V = TypeVar("V")


class Waiting(msgspec.Struct, Generic[K, V], frozen=True, gc=False):
    """Values by key, each with a deadline. A change costs what it touches.

    Deadlines are sharp to one second: never early, less than a second late.

    Attributes:
        cells: value and due second by key.
        seconds: keys by due second; those that were taken or put off remain until then.
        limit: keys at most.
        refused: how often a new key found no room.
    """

    cells: "Map[K, tuple[V, int]]" = Map()
    seconds: "Map[int, Map[K, None]]" = Map()
    limit: int = 20_000
    refused: int = 0

    def __len__(self) -> int:
        """Count what waits."""
        return len(self.cells)

    def __contains__(self, key: object) -> bool:
        """Tell whether `key` waits."""
        return key in self.cells

    def get(self, key: K) -> V | None:
        """Return what waits under `key`, or None."""
        found = self.cells.get(key)
        return None if found is None else found[0]

    def put(self, key: K, value: V, deadline: float) -> "Waiting[K, V]":
        """Return this with `value` waiting until `deadline`, Unix seconds; the newest put holds."""
        known = self.cells.get(key)
        if known is None and len(self.cells) >= self.limit:
            return Waiting(self.cells, self.seconds, self.limit, self.refused + 1)
        second = math.ceil(deadline)
        cells = self.cells.set(key, (value, second))
        if known is not None and known[1] == second:
            return Waiting(cells, self.seconds, self.limit, self.refused)
        others: Map[K, None] = self.seconds.get(second, Map())
        seconds = self.seconds.set(second, others.set(key, None))
        return Waiting(cells, seconds, self.limit, self.refused)

    def take(self, key: K) -> "Waiting[K, V]":
        """Return this without `key`; itself where it does not wait."""
        if key not in self.cells:
            return self
        return Waiting(self.cells.delete(key), self.seconds, self.limit, self.refused)

    def due(self, now: float) -> tuple[tuple[tuple[K, V], ...], "Waiting[K, V]"]:
        """Return what waited too long at `now`, by due second, and this without it."""
        past = sorted(second for second in self.seconds if second <= now)
        if not past:
            return (), self
        cells, seconds = self.cells.mutate(), self.seconds.mutate()
        found: list[tuple[K, V]] = []
        for second in past:
            for key in seconds.pop(second):
                cell = cells.get(key)
                if cell is not None and cell[1] == second:
                    found.append((key, cell[0]))
                    del cells[key]
        return tuple(found), Waiting(cells.finish(), seconds.finish(), self.limit, self.refused)
