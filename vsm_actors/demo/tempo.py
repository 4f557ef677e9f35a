"""Which simulated seconds are due, by a clock that does not jump."""

from dataclasses import dataclass, replace

BEHIND = 0.5
"""Real seconds that simulated time may lag; past them it stands still instead, so that a pause of
the machine is not followed by a burst. At a speed of 100 the burst would fit one request: 1 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tempo:
    """Simulated time beside real time.

    Attributes:
        speed: simulated seconds in a real one, above 0.
        start: where simulated second 0 lies, on a monotonic clock, in seconds.
        following: the simulated second that is due next.
        paused: real seconds for which simulated time stood still.
    """

    speed: float
    start: float
    following: int = 0
    paused: float = 0.0

    @property
    def due(self) -> float:
        """When the next simulated second is due, on the same clock."""
        return self.start + self.following / self.speed

    def advance(self, now: float) -> "tuple[Tempo, range]":
        """Return the tempo at `now`, and the simulated seconds that fell due."""
        late = now - self.due
        if late < 0:
            return self, range(0)
        if late > BEHIND:
            stood = replace(self, start=self.start + late, paused=self.paused + late)
            return replace(stood, following=self.following + 1), self._seconds(1)
        passed = 1 + int(late * self.speed)
        return replace(self, following=self.following + passed), self._seconds(passed)

    def _seconds(self, count: int) -> range:
        return range(self.following, self.following + count)
