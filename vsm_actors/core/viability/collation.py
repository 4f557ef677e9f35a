"""Waiting for the answers of several to one tick, but not for ever."""

import math
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Collation:
    """Who is still to answer the open tick.

    Attributes:
        expected: names of all that answer every tick.
        patience: seconds after the first word of a tick at which it is closed all the same.
        tick: the open one, or the last that was; Unix seconds.
        missing: names that have not answered it.
        is_open: whether a tick waits for its answers.
    """

    expected: frozenset[str]
    patience: float = 0.25
    tick: float = -math.inf
    missing: frozenset[str] = field(default_factory=frozenset)
    is_open: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether the open tick has all its answers."""
        return self.is_open and not self.missing

    def begin(self, tick: float) -> "Collation":
        """Return the collation with a newer `tick` open."""
        return replace(self, tick=tick, missing=self.expected, is_open=True)

    def hear(self, name: str, tick: float) -> "Collation":
        """Return the collation with an answer; one to another tick changes nothing."""
        if tick != self.tick or name not in self.missing:
            return self
        return replace(self, missing=self.missing - {name})

    def close(self) -> "Collation":
        """Return the collation with no tick open."""
        return replace(self, is_open=False)
