"""PubSub: hands frames and windows on, and keeps the newest windows for who starts later."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from supervision import Actor, Address, Context, MailboxPolicy
from vsm_actors.core.ledger import Ledger
from vsm_actors.core.messages import Destination
from vsm_actors.core.window import Frame, Window
from vsm_actors.core.window.retention import Retained, retained

BYTES = 64 * 1024 * 1024
"""Bytes of retained windows: five minutes of 10,000 busy series, 13% of the memory goal."""

FRAME_COST = 25
"""What a frame takes of a subscriber's mailbox: 40 of them as much as their window."""

WINDOW_COST = 1000
"""What a window takes of a subscriber's mailbox, in its units (records, for a monitor)."""

MAILBOX = MailboxPolicy()
"""Unbounded: the collector publishes 41 messages a second, one per tick that was answered, and a
frame per scrape; the HTTP listener bounds scrapes."""


class Topic(enum.Enum):
    """What can be subscribed to."""

    FRAMES = "frames"
    WINDOWS = "windows"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """A frame for one feed only, in order with those for all."""

    to: Destination
    frame: Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    """Asks for the retained windows, oldest first.

    An ask is answered with them; with `to`, they are told there as `Windows`, in order with those
    that follow, so that nothing comes twice.
    """

    to: Address | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """The retained windows, oldest first: some of 15 s, then some of 1 s."""

    windows: tuple[Window, ...]


Message: TypeAlias = Frame | Window | Forward | Recent


class PubSub(Actor):
    """Hands on to static subscribers, which the composition gives.

    What a subscriber has no room for, it misses; its address counts it. A feed sees it by the
    number of the next frame, and asks the collector for a full one.
    """

    def __init__(
        self,
        context: Context,
        *,
        subscribers: Mapping[Topic, tuple[Address, ...]],
        ledger: Ledger,
        limit: int = BYTES,
    ) -> None:
        """Take the wiring.

        Args:
            context: as for every actor.
            subscribers: who gets what.
            ledger: where windows that are dropped early are counted.
            limit: bytes of retained windows.
        """
        super().__init__(context)
        self._frames = subscribers.get(Topic.FRAMES, ())
        self._windows = subscribers.get(Topic.WINDOWS, ())
        self._ledger = ledger
        self._limit = limit

    def init(self) -> None:
        """Take the retained windows over."""
        held = self.context.heir.state
        self._retained = held if isinstance(held, Retained) else Retained()

    def handle(self, message: Message) -> tuple[Window, ...] | None:
        """Take one message."""
        match message:
            case Frame():
                for feed in self._frames:
                    feed.offer(message, cost=FRAME_COST)
            case Window():
                self._publish(message)
            case Forward():
                message.to.offer(message.frame, cost=FRAME_COST)
            case Recent():
                return self._tell_recent(message)
            case _:
                assert_never(message)
        return None

    def _publish(self, window: Window) -> None:
        for subscriber in self._windows:
            subscriber.offer(window, cost=WINDOW_COST)
        before = self._retained.discarded
        self._retained = retained(self._retained, window, self._limit)
        self.commit(self._retained)
        if self._retained.discarded > before:
            dropped = self._retained.discarded - before
            self._ledger.count("vsm_run_windows_discarded_total", dropped)

    def _tell_recent(self, query: Recent) -> tuple[Window, ...]:
        windows = self._retained.windows
        if query.to is not None:
            query.to.offer(Windows(windows=windows), cost=WINDOW_COST)
        return windows
