"""What travels between actors besides batches and windows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias, TypeVar

from vsm_actors.core.algedonic import Alert
from vsm_actors.core.reading import Reading
from vsm_actors.core.record import Event

T = TypeVar("T")

Reply: TypeAlias = Callable[[T], None]
"""Answers a waiter exactly once, from any thread; a late or second answer is dropped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """The one clock beat, to the collector.

    Attributes:
        number: counts frames since the start; missed ones are skipped.
        now: Unix seconds.
        monotonic: monotonic seconds.
        window: whether a one-second window ends here.
    """

    number: int
    now: float
    monotonic: float
    window: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    """Asks the collector to publish a frame now that carries `token`.

    It rides the way of the data, so whoever sees the frame has seen all that was accepted before.
    """

    token: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Event-lane records for one monitor, from one request."""

    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What became of `Signals`.

    Attributes:
        durable: whether the commit succeeded; they were delivered all the same.
        errors: index in `Signals.events` and reason, for those that were refused
            (an acknowledgement of a signal that is not known, say).
    """

    durable: bool
    errors: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """Algedonic events from one request, straight from the decoder to the AlgedonicChannel.

    Attributes:
        events: algedonic.raised, .acknowledged or .cleared.
        reply: told once each is decided: durable, or not.
        accepted: monotonic seconds of acceptance, for the delivery's latency.
    """

    events: tuple[Event, ...]
    reply: Reply[Stored]
    accepted: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliver:
    """Algedonic events on their way into System 5; the receipt goes back to `receipt`."""

    events: tuple[Event, ...]
    receipt: Reply[tuple[Event, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Concluded:
    """A monitor's or calculator's answer to a window, possibly empty.

    Attributes:
        monitor: its name.
        system: 1 to 5, or 0 for a calculator.
        tick: the end of the window that it answers, Unix seconds.
        readings: what it concluded.
    """

    monitor: str
    system: int
    tick: float
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """System 5's PolicyMonitor folded these algedonic events.

    Attributes:
        events: what it folded.
    """

    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """Asks the AlgedonicChannel to deliver again what is open or undelivered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """Asks the AlgedonicChannel for every alert that it holds, the newest first."""

    reply: Reply[tuple[Alert, ...]]


class Destination(Protocol):
    """Whatever takes messages: an actor's stable address."""

    def offer(self, message: object, cost: int = 1) -> bool:
        """Send within the bound; False where there is no room."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Resend:
    """Asks the collector for a full frame: what a feed needs that has just started.

    Attributes:
        to: who gets it.
    """

    to: Destination
