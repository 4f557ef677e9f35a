"""Stable addresses: what senders hold, never an incarnation."""

from __future__ import annotations

from threading import get_ident
from typing import TYPE_CHECKING, Final

from supervision.errors import ActorDown, CallingSelf
from supervision.reply import Call, ReplyCell

if TYPE_CHECKING:
    from supervision.mailbox import Mailbox, Reservation

__all__ = ["Address"]

# Identities of abandoned threads. A thread can be fenced only by what it calls, and a sender's
# thread is the one thing that every send knows; so this is the process's, like threads are.
FENCED: Final[set[int]] = set()


class Address:
    """Where to send. It exists before its actor, survives its incarnations, and never blocks."""

    __slots__ = ("_mailbox", "fenced_sends", "path")

    def __init__(self, mailbox: Mailbox) -> None:
        """Make the address of a mailbox."""
        self._mailbox = mailbox
        self.path = mailbox.path
        self.fenced_sends = 0

    def __repr__(self) -> str:
        """Show the path."""
        return f"<Address {self.path}>"

    def tell(self, message: object) -> bool:
        """Send control: never bounded, never blocked. Safe in signal handlers.

        Returns:
            False, counted as a dead letter, when nobody will ever take it.
        """
        if FENCED and get_ident() in FENCED:
            return self._refuse_fenced()
        return self._mailbox.put(message)

    def offer(self, message: object, cost: int = 1) -> bool:
        """Send data, within the mailbox's limit.

        Args:
            message: what to send.
            cost: what it takes of the limit, in the mailbox's units (points, say).

        Returns:
            False when there is no room (counted in `refused`) or nobody to take it.
        """
        if FENCED and get_ident() in FENCED:
            return self._refuse_fenced()
        return self._mailbox.offer(message, cost)

    def reserve(self, cost: int = 1) -> Reservation | None:
        """Take room first, send later; None, counted in `refused`, when there is no room."""
        if FENCED and get_ident() in FENCED:
            self._refuse_fenced()
            return None
        return self._mailbox.reserve(cost)

    def ask(self, message: object, timeout: float) -> object:
        """Send a query and wait for what `handle` returns.

        Args:
            message: the query.
            timeout: seconds.

        Raises:
            AskTimeout: no answer in time; it may still be handled.
            ActorDown: nobody will answer.
            CallingSelf: an actor asks itself.
            Exception: what `handle` raised; the actor crashed of it, too.
        """
        reader = self._mailbox.reader
        if reader is not None and reader.owner == get_ident():
            raise CallingSelf(self.path)
        reply = ReplyCell()
        if not self.tell(Call(message, reply)):
            raise ActorDown(self.path)
        return reply.wait(self.path, timeout)

    @property
    def depth(self) -> int:
        """Messages that wait."""
        return self._mailbox.depth

    @property
    def load(self) -> int:
        """Cost that waits or is reserved."""
        return self._mailbox.load

    @property
    def limit(self) -> int | None:
        """Most cost that may wait; None for no bound."""
        return self._mailbox.policy.limit

    @property
    def refused(self) -> int:
        """Offers and reservations refused for want of room."""
        return self._mailbox.refused

    @property
    def dead_letters(self) -> int:
        """Messages that nobody took, or will."""
        return self._mailbox.dead_letters

    def _refuse_fenced(self) -> bool:
        self.fenced_sends += 1
        return False
