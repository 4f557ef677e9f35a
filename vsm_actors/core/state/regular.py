"""A regular series made of irregular points: one value a step, the newest N of them."""

import msgspec
import numpy as np

from vsm_actors.core.batch import Floats

_NONE: Floats = np.empty(0)


class Regular(msgspec.Struct, frozen=True, kw_only=True, eq=False, gc=False):
    """The completed steps of a series, and the one under way.

    A sum (operations) starts each step at zero, so that silence is a zero; a level (use of a
    resource) holds its last value.

    Attributes:
        step: seconds.
        length: steps that are kept.
        holds: whether it is a level.
        number: of the step under way, counted from the epoch.
        current: what it has come to.
        values: float64[<= length], completed steps, oldest first; never written to.
    """

    step: float
    length: int
    holds: bool
    number: int
    current: float
    values: Floats

    def add(self, now: float, value: float) -> "Regular":
        """Return this with a point at `now`, Unix seconds; what comes late counts in this step."""
        fresh = self.advance(now)
        return self._with(
            fresh.number, value if self.holds else fresh.current + value, fresh.values
        )

    def advance(self, now: float) -> "Regular":
        """Return this with the steps completed by `now`; itself where none is."""
        number = int(now // self.step)
        passed = min(number - self.number, self.length + 1)
        if passed <= 0:
            return self
        after = self.current if self.holds else 0.0
        new = np.full(passed, after)
        new[0] = self.current
        values = np.concatenate([self.values, new])[-self.length :]
        return self._with(number, after, values)

    def _with(self, number: int, current: float, values: Floats) -> "Regular":
        return Regular(
            step=self.step,
            length=self.length,
            holds=self.holds,
            number=number,
            current=current,
            values=values,
        )


def regular(step: float, length: int, now: float, *, holds: bool) -> Regular:
    """Return a series whose first step is the one under way at `now`, Unix seconds."""
    return Regular(
        step=step,
        length=length,
        holds=holds,
        number=int(now // step),
        current=0.0,
        values=_NONE,
    )
