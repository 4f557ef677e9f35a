"""Waiting for the answers of several to one tick, but not for ever."""

import math
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Collation:
    """Who is still to answer the open tick.

    Attributes:
        expected: names of all that answer every tick.
        patience: monotonic seconds after the first word of a tick at which it is closed.
        tick: the open one, or the last that was; Unix seconds.
        missing: names that have not answered it.
        deadline: monotonic seconds; inf while no tick is open.
    """

    expected: frozenset[str]
    patience: float = 0.25
    tick: float = -math.inf
    missing: frozenset[str] = field(default_factory=frozenset)
    deadline: float = math.inf

    @property
    def is_open(self) -> bool:
        """Whether a tick waits for its answers."""
        return self.deadline < math.inf

    def begin(self, tick: float, monotonic: float) -> "Collation":
        """Return the collation with `tick` open; itself where it is not a newer one."""
        if tick <= self.tick:
            return self
        deadline = monotonic + self.patience
        return replace(self, tick=tick, missing=self.expected, deadline=deadline)

    def hear(self, name: str, tick: float) -> "Collation":
        """Return the collation with an answer; one to another tick is nobody's here."""
        if tick != self.tick or name not in self.missing:
            return self
        return replace(self, missing=self.missing - {name})

    def due(self, monotonic: float) -> bool:
        """Tell whether the open tick is to be closed: all answered, or patience is over."""
        return self.is_open and (not self.missing or monotonic >= self.deadline)

    def close(self) -> "Collation":
        """Return the collation with no tick open."""
        return replace(self, deadline=math.inf)
