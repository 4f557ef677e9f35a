"""When a source looks again, given that windows come every second, or late, or merged. Pure."""

from dataclasses import dataclass

from vsm_actors.intake.errors import IntervalError

_HALF_A_WINDOW = 0.5
"""Windows come a little early or late; without this slack a look would often be a second late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """A rhythm.

    Attributes:
        interval: seconds between looks.
        due: monotonic seconds of the next; None: at once.
    """

    interval: float
    due: float | None = None

    def __post_init__(self) -> None:
        """Refuse a rhythm faster than its beat.

        Raises:
            IntervalError: `interval` is below 1 s.
        """
        if not self.interval >= 1.0:
            raise IntervalError(self.interval)

    def is_due(self, now: float) -> bool:
        """Tell whether to look at monotonic `now`."""
        return self.due is None or now + _HALF_A_WINDOW >= self.due

    def after(self, now: float) -> "Beat":
        """Return the rhythm after a look at `now`: looks that were missed are not made up for."""
        due = now if self.due is None else self.due
        return Beat(interval=self.interval, due=max(due, now - _HALF_A_WINDOW) + self.interval)
