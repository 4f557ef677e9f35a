"""The heir: one cell of state that outlives the incarnations of its actor (after ETS's heir)."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

from supervision.errors import StaleIncarnation

__all__ = ["Heir"]

T = TypeVar("T")


class Heir(Generic[T]):
    """State of one child. Only the current incarnation commits; anyone may read.

    A commit swaps one reference, so it costs what building the new value costs. Commit immutable
    values, or values that are not touched afterwards.
    """

    __slots__ = ("_current", "_lock", "_state", "path")

    def __init__(self, path: str) -> None:
        """Make an empty cell for the child at `path`."""
        self.path = path
        self._state: T | None = None
        self._current = 0
        self._lock = threading.Lock()

    @property
    def state(self) -> T | None:
        """What was committed last; None before the first commit and after an erasure."""
        return self._state

    def commit(self, incarnation: int, state: T) -> None:
        """Replace the state.

        Raises:
            StaleIncarnation: `incarnation` is not the current one, or it was fenced.
        """
        with self._lock:
            if incarnation != self._current or not incarnation:
                raise StaleIncarnation(self.path, incarnation)
            self._state = state

    def entrust(self, incarnation: int) -> None:
        """Let this incarnation commit, and no other."""
        with self._lock:
            self._current = incarnation

    def revoke(self, incarnation: int) -> None:
        """Let this incarnation commit no more; does nothing to a later one."""
        with self._lock:
            if self._current == incarnation:
                self._current = 0

    def erase(self) -> bool:
        """Throw the state away; False if there was none."""
        with self._lock:
            had = self._state is not None
            self._state = None
            return had
