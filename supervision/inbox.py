"""What pykka reads one incarnation's messages from: its own orders first, then the mailbox."""

from __future__ import annotations

from collections import deque
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Final

from pykka._envelope import Envelope  # the type of pykka's inbox protocol; pinned below 5

from supervision.mailbox import EMPTY

if TYPE_CHECKING:
    from supervision.mailbox import Mailbox

__all__ = ["NOTHING", "STOP", "Inbox"]

NOTHING: Final = object()
STOP: Final = object()


class Inbox:
    """One incarnation's view of its mailbox, with pykka's inbox interface.

    Attributes:
        current: the message in flight, or `NOTHING`.
        idle: the reader sleeps or is about to.
        fenced: it gets nothing any more.
        stopping: it was ordered to stop.
        owner: identity of the reading thread, 0 before it runs.
    """

    __slots__ = (
        "_drain",
        "_envelope",
        "_mailbox",
        "_own",
        "_tokens",
        "current",
        "fenced",
        "idle",
        "owner",
        "stopping",
    )

    def __init__(self, mailbox: Mailbox) -> None:
        """Make an inbox; it reads only once the mailbox is attached to it."""
        self._mailbox = mailbox
        self._own: deque[Envelope[Any]] = deque()
        self._tokens: SimpleQueue[None] = SimpleQueue()
        self._envelope: Envelope[Any] = Envelope(None)
        self._drain = 0
        self.current: object = NOTHING
        self.idle = False
        self.fenced = False
        self.stopping = False
        self.owner = 0

    # pykka's protocol

    def put(self, envelope: Envelope[Any], /) -> None:
        """Take an order for this incarnation alone; never bounded."""
        self._own.append(envelope)
        if self.idle:
            self.wake()

    def get(self) -> Envelope[Any]:
        """Wait for the next message; `STOP` when it has to end."""
        envelope = self._envelope
        envelope.message = None
        while True:
            if self._own:
                return self._own.popleft()
            if self.fenced or (self.stopping and self._drain <= 0):
                envelope.message = STOP
                return envelope
            item = self._mailbox.take(self)
            if item is not EMPTY:
                self._drain -= self.stopping
                envelope.message = item
                return envelope
            self._sleep()

    def empty(self) -> bool:
        """Whether no own order waits. Says nothing of the mailbox, or teardown would drain it."""
        return not self._own

    # Ours

    def post(self, message: object) -> None:
        """Put a bare message."""
        self.put(Envelope(message))

    def stop(self) -> None:
        """Order the reader to end, after what waits now if its mailbox drains."""
        self._drain = self._mailbox.depth if self._mailbox.policy.drain else 0
        self.stopping = True
        if self.idle:
            self.wake()

    def fence(self) -> None:
        """End the reader when it wakes. The mailbox has to be detached before."""
        self.fenced = True
        if self.idle:
            self.wake()

    def wake(self) -> None:
        """Wake the reader. The flag falls first: a lost token is fatal, a second one is not."""
        self.idle = False
        self._tokens.put(None)

    def _sleep(self) -> None:
        self.idle = True
        if (
            self._own
            or self.fenced
            or self.stopping
            or (self._mailbox.depth and self._mailbox.reader is self)
        ):
            self.idle = False
            return
        self._tokens.get()
        self.idle = False
