"""When the daemon ticks: a pure fold over the monotonic clock."""

import math
from dataclasses import dataclass, replace

from vsm_actors.core.messages import Tick

PERIOD = 0.025
"""Seconds between frames: 40 Hz, so that the tick itself costs a feed at most 25 ms."""

WINDOW = 40
"""Frames a window: one second."""

PATIENCE = 1.0
"""Seconds to wait for a tick to be answered; past it the collector has lost it in a crash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked:
    """The collector's answer to a tick: it is ready for the next."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Beating:
    """Where the clock stands.

    Attributes:
        origin: monotonic seconds of tick 0.
        number: of the last tick.
        sent: monotonic seconds at which it was sent.
        answered: whether the collector has answered it.
    """

    origin: float
    number: int = 0
    sent: float = 0.0
    answered: bool = True


def due(state: Beating, monotonic: float) -> float:
    """Return in how many seconds the next tick is due, at least 0."""
    return max(0.0, state.origin + (_number(state, monotonic) + 1) * PERIOD - monotonic)


def beat(state: Beating, *, monotonic: float, now: float) -> tuple[Beating, Tick | None, int]:
    """Tick if it is time.

    Ticks that were missed, because the clock's thread was late or the collector has not answered
    yet, merge into this one: nothing is caught up in a burst.

    Args:
        state: where the clock stands.
        monotonic: seconds.
        now: Unix seconds.

    Returns:
        The state, the tick if there is one, and how many merged into it.
    """
    number = _number(state, monotonic)
    waits = not state.answered and monotonic - state.sent < PATIENCE
    if number <= state.number or waits:
        return state, None, 0
    tick = Tick(
        number=number,
        now=now,
        monotonic=monotonic,
        window=number // WINDOW > state.number // WINDOW,
    )
    missed = number - state.number - 1
    return replace(state, number=number, sent=monotonic, answered=False), tick, missed


def answered(state: Beating, number: int) -> Beating:
    """Return the state once the tick of this number is answered."""
    return replace(state, answered=True) if number == state.number else state


def _number(state: Beating, monotonic: float) -> int:
    # A timer may fire early by the clock's own rounding: 25 ns early is in time.
    return math.floor((monotonic - state.origin) / PERIOD + 1e-6)
