"""What all actors of one system share: addresses, clock, chance, reports, the abandoned."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from supervision.reports import CallbackFailed, HeirErased

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from supervision.actor import Actor
    from supervision.cell import AddressBook, Cell
    from supervision.clock import Clock
    from supervision.exits import Abandoned
    from supervision.incarnation import Incarnation
    from supervision.reports import Report

__all__ = ["Runtime"]

_log = logging.getLogger("supervision")


class Runtime:
    """Shared by all threads of one system.

    Attributes:
        supervisor: the class that runs supervisor specs, which itself starts such children.
        abandoned_total: threads left behind so far, those that ended later included.
        report_failures: reports on which `on_report` raised.
    """

    def __init__(
        self,
        *,
        book: AddressBook,
        clock: Clock,
        random: Random,
        on_report: Callable[[Report], None],
        supervisor: type[Actor],
    ) -> None:
        """Bring together what was injected."""
        self.book = book
        self.clock = clock
        self.supervisor = supervisor
        self.abandoned_total = 0
        self.report_failures = 0
        self._random = random
        self._on_report = on_report
        self._abandoned: set[Incarnation] = set()
        self._lock = threading.Lock()

    def publish(self, report: Report) -> None:
        """Hand a report out; a failing reader of reports harms nobody."""
        try:
            self._on_report(report)
        except Exception:  # noqa: BLE001 -- a reader of reports may fail in any way
            self.report_failures += 1
            _log.exception("on_report raised on %s of %s", type(report).__name__, report.path)

    def spread(self, jitter: float) -> float:
        """Draw a factor from 1 - jitter to 1 + jitter."""
        with self._lock:
            return 1.0 + jitter * (2.0 * self._random.random() - 1.0)

    def callback_failed(self, cell: Cell, callback: str, error: BaseException) -> None:
        """Report a user's callback that raised."""
        report = CallbackFailed(
            path=cell.path,
            incarnation=cell.incarnation,
            at=self.clock.monotonic(),
            callback=callback,
            error=error,
        )
        self.publish(report)

    def erase_heirs(self, path: str) -> None:
        """Erase the state of a whole branch, and report what there was."""
        for cell in self.book.at_or_below(path):
            if cell.heir.erase():
                report = HeirErased(
                    path=cell.path, incarnation=cell.incarnation, at=self.clock.monotonic()
                )
                self.publish(report)

    def silence(self, path: str, cause: object) -> None:
        """Close the mailboxes of a whole branch."""
        for cell in self.book.at_or_below(path):
            cell.mailbox.close(cause)

    def forget(self, path: str, cause: object, *, keep: bool = False) -> None:
        """Close a branch, erase its state, and drop its addresses unless told to keep them."""
        for cell in self.book.at_or_below(path):
            cell.heir.erase()
            cell.mailbox.close(cause)
            if not keep:
                self.book.drop(cell)

    def path_of_this_thread(self) -> str | None:
        """The path of the actor that runs in the calling thread, if it is one of this system."""
        me = threading.get_ident()
        for cell in self.book.at_or_below(self.book.root):
            run = cell.run
            if run is not None and run.inbox.owner == me:
                return cell.path
        return None

    def fence_branch(self, path: str) -> None:
        """Fence all that runs in a branch, its root first so that it restarts nobody."""
        for cell in self.book.at_or_below(path):
            run = cell.run
            if run is not None:
                run.fence()

    def abandon_branch(self, path: str) -> Abandoned | None:
        """Fence and leave behind all that still runs in a branch; returns its root's exit."""
        exits = {cell.path: cell.run.abandon() for cell in self.book.at_or_below(path) if cell.run}
        return exits.get(path)

    def abandoned(self) -> list[Incarnation]:
        """The incarnations whose threads were left behind and still live."""
        with self._lock:
            return sorted(self._abandoned, key=lambda run: (run.cell.path, run.number))

    def add_abandoned(self, run: Incarnation) -> None:
        """Remember a thread that was left behind."""
        with self._lock:
            self._abandoned.add(run)
            self.abandoned_total += 1

    def drop_abandoned(self, run: Incarnation) -> None:
        """Forget an abandoned thread that has ended."""
        with self._lock:
            self._abandoned.discard(run)
