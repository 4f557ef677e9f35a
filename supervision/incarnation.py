"""One life of a child: its thread, its inbox, its end, its fence."""

from __future__ import annotations

import sys
import threading
import traceback
from typing import TYPE_CHECKING, Any

from pykka import ActorRegistry

from supervision.address import FENCED
from supervision.exits import Abandoned, Crash, InitFailed, Normal, Shutdown
from supervision.inbox import NOTHING, Inbox
from supervision.policy.events import Exited, Started, StartIgnored
from supervision.reply import Call
from supervision.reports import AbandonedEnded, MessageLost, ThreadAbandoned

if TYPE_CHECKING:
    from collections.abc import Callable

    from pykka import ActorRef

    from supervision.cell import Cell
    from supervision.exits import Exit
    from supervision.policy.events import Event
    from supervision.runtime import Runtime

__all__ = ["Failing", "Incarnation"]


class Failing:
    """An incarnation has crashed and now runs its `terminate`."""

    __slots__ = ("child", "incarnation")

    def __init__(self, child: str, incarnation: int) -> None:
        """Name it."""
        self.child = child
        self.incarnation = incarnation


class Incarnation:
    """One life of a child.

    Attributes:
        number: 1 for the first.
        exit: how it ended or is ending; None while it runs on.
        ended: set when its thread has nothing more to do.
    """

    def __init__(  # noqa: PLR0913 -- one place makes these; a record of the same would only hide it
        self,
        *,
        cell: Cell,
        child: str,
        number: int,
        birth: Callable[[Incarnation], object],
        order: object,
        tell: Callable[[Event | Failing], None],
        runtime: Runtime,
    ) -> None:
        """Prepare a life that `start` begins.

        Args:
            cell: the child's place.
            child: its id, as its supervisor knows it.
            number: which life of the child it is.
            birth: makes the actor and runs it to its end, in this incarnation's thread.
            order: what to put into its inbox to stop it; None stops the inbox.
            tell: how its supervisor hears of it.
            runtime: what all share.
        """
        self.cell = cell
        self.child = child
        self.number = number
        self.runtime = runtime
        self.exit: Exit | None = None
        self.ignored = False
        self.inbox = Inbox(cell.mailbox)
        self.ended = threading.Event()
        self.ref: ActorRef[Any] | None = None
        self._birth = birth
        self._order = order
        self._tell = tell
        self._lock = threading.Lock()
        self._was_abandoned = False
        self.thread = threading.Thread(target=self._live, name=f"{cell.path}#{number}", daemon=True)

    def start(self) -> None:
        """Take the mailbox and the heir over, and run."""
        self.cell.incarnation = self.number
        self.cell.run = self
        self.cell.heir.entrust(self.number)
        self.cell.mailbox.attach(self.inbox)
        self.thread.start()

    # From the supervisor's thread

    def order_stop(self) -> None:
        """Ask it to end in good order."""
        if self._order is None:
            self.inbox.stop()
        else:
            self.inbox.post(self._order)

    def fence(self) -> None:
        """Take its name from it: no message, no commit and no send any more."""
        self._let_go(Shutdown(detail="fenced"))
        self.inbox.fence()
        self.cell.heir.revoke(self.number)
        with self._lock:
            if self.inbox.owner and not self.ended.is_set():
                FENCED.add(self.inbox.owner)

    def abandon(self) -> Abandoned | None:
        """Fence it and leave its thread behind; None if it had just ended."""
        self.fence()
        with self._lock:
            if self.ended.is_set() or self._was_abandoned:
                return None
            self._was_abandoned = True
            self.cell.run = None
            self.cell.stats.since = None
            self.runtime.add_abandoned(self)
        cause = Abandoned(stack=self.stack())
        self.cell.stats.abandoned += 1
        self.cell.last_error = str(cause)
        if self.ref is not None:
            ActorRegistry.unregister(self.ref)
        self.lose(cause, None)
        self._report_abandoned(cause)
        return cause

    def stack(self) -> str:
        """Where its thread is now, as text; empty if it has ended."""
        frame = sys._current_frames().get(self.inbox.owner)  # noqa: SLF001 -- documented; the only way to see where another thread is
        return "".join(traceback.format_stack(frame)) if frame is not None else ""

    def _report_abandoned(self, cause: Abandoned) -> None:
        report = ThreadAbandoned(
            path=self.cell.path,
            incarnation=self.number,
            at=self.runtime.clock.monotonic(),
            thread=self.thread.name,
            stack=cause.stack,
        )
        self.runtime.publish(report)

    # From its own thread

    def started(self) -> None:
        """Its init is done."""
        self._tell(Started(child=self.child, incarnation=self.number))

    def failing(self, error: BaseException) -> None:
        """A message took it down: its asker and the senders' callback learn it at once."""
        cause = Crash(error=error)
        self.exit = cause
        self.lose(cause, error if isinstance(error, Exception) else None)

    def terminating(self) -> None:
        """It crashed, and what its class does about that may take time."""
        self._tell(Failing(self.child, self.number))

    def lose(self, cause: Exit, answer: Exception | None) -> None:
        """Report the message in flight as lost, once; `answer` is what its asker gets."""
        with self._lock:
            item, self.inbox.current = self.inbox.current, NOTHING
        if item is NOTHING:
            return
        self.cell.stats.lost += 1
        message = item.message if isinstance(item, Call) else item
        if isinstance(item, Call) and answer is not None:
            item.reply.fail(answer)
        self.cell.mailbox.lose(item, cause)
        report = MessageLost(
            path=self.cell.path,
            incarnation=self.number,
            at=self.runtime.clock.monotonic(),
            message=message,
            cause=cause,
        )
        self.runtime.publish(report)

    def _live(self) -> None:
        self.inbox.owner = threading.get_ident()
        if self.inbox.fenced:
            FENCED.add(self.inbox.owner)
        try:
            self._birth(self)
        except BaseException as error:  # noqa: BLE001 -- whatever it is, it ends this actor only
            if self.exit is None:
                self.exit = InitFailed(error=error)
        finally:
            self._end()

    def _end(self) -> None:
        cell = self.cell
        cause = self.exit or Normal()
        self._let_go(cause)
        cell.heir.revoke(self.number)
        if not isinstance(cause, Normal | Shutdown) and not self.inbox.fenced:
            cell.stats.crashes += 1
            cell.last_error = str(cause)
        with self._lock:
            self.ended.set()
            FENCED.discard(self.inbox.owner)
            if not self._was_abandoned:
                cell.run = None
                cell.stats.since = None
        if self._was_abandoned:
            # Its supervisor has long taken its end for granted, and may have reused its number.
            self.runtime.drop_abandoned(self)
            self._report_ended()
        else:
            self._tell(self._last_word(cause))

    def _let_go(self, cause: Exit) -> None:
        mailbox = self.cell.mailbox
        if mailbox.detach(self.inbox) and not mailbox.policy.keep:
            mailbox.clear(cause)

    def _last_word(self, cause: Exit) -> Event:
        if self.ignored:
            return StartIgnored(child=self.child, incarnation=self.number)
        return Exited(child=self.child, incarnation=self.number, exit=cause)

    def _report_ended(self) -> None:
        report = AbandonedEnded(
            path=self.cell.path,
            incarnation=self.number,
            at=self.runtime.clock.monotonic(),
            thread=self.thread.name,
        )
        self.runtime.publish(report)
