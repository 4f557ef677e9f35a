"""The stable mailbox: it belongs to an address, and incarnations come and read from it.

`put` takes no lock: `deque.append` is atomic, and a reader that found nothing declares itself
idle before it looks again, so either the reader sees the message or the sender sees the idle
reader. It is therefore safe in signal handlers and finalisers. All else is under one lock.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Final, Self

from supervision.errors import ActorDown, ReservationSpent
from supervision.reply import Call
from supervision.spec import MailboxPolicy

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from supervision.inbox import Inbox

__all__ = ["EMPTY", "Mailbox", "Reservation"]

EMPTY: Final = object()
_OPEN: Final = object()


class _Parcel:
    """A message with its cost."""

    __slots__ = ("cost", "message")

    def __init__(self, message: object, cost: int) -> None:
        self.message = message
        self.cost = cost


class Mailbox:
    """Messages that wait for whoever is the incarnation now.

    Attributes:
        path: whose.
        policy: see `MailboxPolicy`; bound by the spec.
        load: cost that waits or is reserved.
        refused: offers and reservations refused for want of room.
        dead_letters: messages that nobody took, or will.
    """

    def __init__(self, path: str) -> None:
        """Make an open mailbox without a reader."""
        self.path = path
        self.policy = MailboxPolicy()
        self.load = 0
        self.refused = 0
        self.dead_letters = 0
        self.on_callback_error: Callable[[str, BaseException], None] = lambda _name, _error: None
        self._items: deque[object] = deque()
        self._reader: Inbox | None = None
        self._closed: object = _OPEN
        self._lock = threading.RLock()

    @property
    def depth(self) -> int:
        """Messages that wait."""
        return len(self._items)

    @property
    def reader(self) -> Inbox | None:
        """The inbox of the incarnation that reads now."""
        return self._reader

    # Senders

    def put(self, item: object) -> bool:
        """Append without bound; False when nobody will ever take it."""
        if self._closed is not _OPEN:
            return self._bury_late(item, queued=False)
        self._items.append(item)
        reader = self._reader
        if reader is not None and reader.idle:
            reader.wake()
        if self._closed is not _OPEN:
            return self._bury_late(item, queued=True)
        return True

    def offer(self, message: object, cost: int) -> bool:
        """Append within the bound; False when there is no room or nobody to take it."""
        return self.claim(cost) and self.put(_Parcel(message, cost))

    def claim(self, cost: int) -> bool:
        """Take room; False, and counted, when there is not enough."""
        if cost < 0:
            msg = f"cost must be at least 0, not {cost}"
            raise ValueError(msg)
        with self._lock:
            limit = self.policy.limit
            if limit is not None and self.load + cost > limit:
                self.refused += 1
                return False
            self.load += cost
            return True

    def release(self, cost: int) -> None:
        """Give room back."""
        with self._lock:
            self.load -= cost

    def reserve(self, cost: int) -> Reservation | None:
        """Take room for a message to come; None when there is not enough."""
        return Reservation(self, cost) if self.claim(cost) else None

    # Readers

    def attach(self, inbox: Inbox) -> None:
        """Let a new incarnation read; open if closed."""
        with self._lock:
            self._closed = _OPEN
            self._reader = inbox

    def detach(self, inbox: Inbox) -> bool:
        """Take the mailbox away from an incarnation; it can take no more when this returns.

        Returns:
            False if another incarnation has it, or none.
        """
        with self._lock:
            had = self._reader is inbox
            if had:
                self._reader = None
            return had

    def take(self, inbox: Inbox) -> object:
        """Hand the oldest message to the reader, as its message in flight; else `EMPTY`."""
        with self._lock:
            if self._reader is not inbox or not self._items:
                return EMPTY
            item = self._items.popleft()
            if type(item) is _Parcel:
                self.load -= item.cost
                item = item.message
            inbox.current = item
            return item

    # Ends

    def close(self, cause: object) -> None:
        """Take no more until an incarnation attaches; what waits becomes dead letters."""
        with self._lock:
            if self._reader is None:
                self._closed = cause
        self.clear(cause)

    def clear(self, cause: object) -> None:
        """Make dead letters of what waits now."""
        for _ in range(len(self._items)):
            with self._lock:
                if not self._items:
                    return
                item = self._items.popleft()
            self._bury(item, cause)

    def lose(self, item: object, cause: object) -> None:
        """Tell who has to know that an accepted message will not be handled."""
        message = item
        if isinstance(item, Call):
            message = item.message
            item.reply.fail(ActorDown(self.path, cause))
        on_lost = self.policy.on_lost
        if on_lost is not None:
            try:
                on_lost(message, cause)
            except Exception as error:  # noqa: BLE001 -- a callback must not harm who calls it
                self.on_callback_error("on_lost", error)

    def _bury(self, item: object, cause: object) -> None:
        with self._lock:
            self.dead_letters += 1
            if type(item) is _Parcel:
                self.load -= item.cost
                item = item.message
        self.lose(item, cause)

    def _bury_late(self, item: object, *, queued: bool) -> bool:
        with self._lock:
            if queued:
                # Closed while it was being appended: it may have been taken or buried already.
                for index, waiting in enumerate(self._items):
                    if waiting is item:
                        del self._items[index]
                        break
                else:
                    return True
            self.dead_letters += 1
            if type(item) is _Parcel:
                self.load -= item.cost
        return False


class Reservation:
    """Room in a mailbox, for one message. Leaving its `with` block unsent gives the room back."""

    __slots__ = ("_mailbox", "_open", "cost")

    def __init__(self, mailbox: Mailbox, cost: int) -> None:
        """Hold room that has been claimed."""
        self._mailbox = mailbox
        self._open = True
        self.cost = cost

    def send(self, message: object) -> bool:
        """Fill the room; False when nobody will ever take the message.

        Raises:
            ReservationSpent: it was sent or released before.
        """
        if not self._open:
            raise ReservationSpent(self._mailbox.path)
        self._open = False
        return self._mailbox.put(_Parcel(message, self.cost))

    def release(self) -> None:
        """Give the room back; does nothing after `send` or `release`."""
        if self._open:
            self._open = False
            self._mailbox.release(self.cost)

    def __enter__(self) -> Self:
        """Use as a context manager."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Give unused room back."""
        self.release()
