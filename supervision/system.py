"""A whole tree: started, watched and stopped as one."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from random import SystemRandom
from typing import TYPE_CHECKING

from supervision.administration import Administration
from supervision.cell import AddressBook
from supervision.clock import SystemClock
from supervision.errors import NotFound, SpecError, StartFailed, SystemStateError
from supervision.exits import InitFailed
from supervision.policy.events import Exited, Started
from supervision.runtime import Runtime
from supervision.spawning import bind, conceive
from supervision.spec import KILL_GRACE, DynamicSpec, SupervisorSpec
from supervision.supervisor import Supervisor
from supervision.tree import TreeNode, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from supervision.address import Address
    from supervision.clock import Clock
    from supervision.exits import Exit
    from supervision.incarnation import Incarnation
    from supervision.reports import Report
    from supervision.spec import AnySpec

__all__ = ["StopReport", "System", "Unstopped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unstopped:
    """A thread that did not end.

    Attributes:
        path: of its child.
        incarnation: which life.
        thread: its name.
        stack: where it is now, as text.
    """

    path: str
    incarnation: int
    thread: str
    stack: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopReport:
    """How a stop went.

    Attributes:
        exit: how the root ended; None if it had to be abandoned.
        seconds: real time that it took.
        unstopped: threads that live on; when there are any, end the process with `os._exit`.
        dead_letters: messages that nobody will take, by path, where there are any.
    """

    exit: Exit | None
    seconds: float
    unstopped: tuple[Unstopped, ...]
    dead_letters: dict[str, int]


class System:
    """A supervision tree in this process. It starts once and stops once."""

    def __init__(
        self,
        root: SupervisorSpec,
        *,
        addresses: AddressBook | None = None,
        clock: Clock | None = None,
        on_report: Callable[[Report], None] = lambda _report: None,
        random: Random | None = None,
    ) -> None:
        """Prepare a tree; nothing runs yet, but its addresses take messages.

        Args:
            root: the root supervisor.
            addresses: the book from which the specs' addresses come; a new one if None.
            clock: what time it is; the system's if None.
            on_report: gets every report, from the thread that decides; must be quick.
            random: chance for backoff jitter; the operating system's if None.

        Raises:
            SpecError: the book is of another root, or has an address of no child.
        """
        book = addresses if addresses is not None else AddressBook(root.id)
        if book.root != root.id:
            raise SpecError(root.id, f"its address book was made for {book.root!r}")
        self._own_clock = SystemClock() if clock is None else None
        self._clock: Clock = clock if clock is not None else self._own_clock or SystemClock()
        self._runtime = Runtime(
            book=book,
            clock=self._clock,
            random=random if random is not None else SystemRandom(),
            on_report=on_report,
            supervisor=Supervisor,
        )
        self._spec = root
        self._run: Incarnation | None = None
        self._booted = False
        self._exit: Exit | None = None
        self._progress = threading.Event()
        self._ended = threading.Event()
        self._stop_lock = threading.Lock()
        self._stop_report: StopReport | None = None
        known = self._bind(root, root.id)
        _check_book(book, known)

    def _bind(self, spec: AnySpec, path: str) -> dict[str, AnySpec]:
        bind(self._runtime.book.cell(path), spec, self._runtime)
        known = {path: spec}
        if isinstance(spec, SupervisorSpec):
            for child in spec.children:
                known |= self._bind(child, f"{path}/{child.id}")
        return known

    # Life

    def start(self) -> None:
        """Start the tree; returns when every child of the specs has started.

        Raises:
            StartFailed: a child did not; all that had started has been stopped again.
            SystemStateError: it was started before.
        """
        if self._run is not None:
            msg = "a system starts once; make a new one"
            raise SystemStateError(msg)
        cell = self._runtime.book.cell(self._spec.id)
        self._run = conceive(self._spec, cell, 1, self._hear, self._runtime)
        self._run.start()
        self._progress.wait()
        if not self._booted:
            self._ended.wait()
            self._release()
            if isinstance(self._exit, InitFailed) and isinstance(self._exit.error, StartFailed):
                raise self._exit.error
            raise StartFailed(cell.path, RuntimeError(f"ended during its start: {self._exit}"))

    def _hear(self, event: object) -> None:
        match event:
            case Started():
                self._booted = True
                self._progress.set()
            case Exited(exit=cause):
                self._exit = cause
                self._runtime.silence(self._spec.id, cause)
                self._ended.set()
                self._progress.set()
            case _:
                pass

    def wait(self, timeout: float | None = None) -> Exit | None:
        """Wait until the root has ended, by itself or by `stop`.

        Returns:
            Its exit, or None if it still runs after `timeout` seconds.
        """
        return self._exit if self._ended.wait(timeout) else None

    def stop(self, timeout: float = 30.0) -> StopReport:
        """Stop the tree in reverse start order; later calls return the first one's report.

        Args:
            timeout: real seconds; what has not stopped by then is fenced and abandoned.

        Raises:
            SystemStateError: an actor of this system asks, which could only wait for itself.
        """
        caller = self._runtime.path_of_this_thread()
        if caller is not None:
            msg = f"{caller} cannot wait for the end of its own system; tell a thread outside"
            raise SystemStateError(msg)
        with self._stop_lock:
            if self._stop_report is None:
                self._stop_report = self._stop(timeout)
            return self._stop_report

    def _stop(self, timeout: float) -> StopReport:
        begun = time.monotonic()
        if self._run is not None and not self._ended.is_set():
            self._run.order_stop()
            if not self._ended.wait(timeout):
                self._runtime.abandon_branch(self._spec.id)
                self._give_grace()
        self._release()
        cells = self._runtime.book.at_or_below(self._spec.id)
        return StopReport(
            exit=self._exit,
            seconds=time.monotonic() - begun,
            unstopped=tuple(
                Unstopped(
                    path=run.cell.path,
                    incarnation=run.number,
                    thread=run.thread.name,
                    stack=run.stack(),
                )
                for run in self._runtime.abandoned()
            ),
            dead_letters={c.path: c.mailbox.dead_letters for c in cells if c.mailbox.dead_letters},
        )

    def _give_grace(self) -> None:
        # Who only waited for others ends at once when fenced; it should not be counted as hung.
        deadline = time.monotonic() + KILL_GRACE
        for run in self._runtime.abandoned():
            run.ended.wait(max(0.0, deadline - time.monotonic()))

    def _release(self) -> None:
        self._runtime.silence(self._spec.id, "system stopped")
        if self._own_clock is not None:
            self._own_clock.close()

    # Views

    def address(self, path: str) -> Address:
        """The address of a child, by its path below the root; "" is the root itself."""
        return self._runtime.book[path]

    def tree(self) -> TreeNode:
        """A snapshot of the whole tree. It asks no actor."""
        return snapshot(self._runtime.book, self._spec, self._state(), self._clock.monotonic())

    def supervisor(self, path: str = "") -> Administration:
        """Administration of a supervisor, by its path below the root; "" is the root itself.

        Raises:
            NotFound: there is nothing at this path.
        """
        full = f"{self._spec.id}/{path}" if path else self._spec.id
        cell = self._runtime.book.find(full)
        if cell is None:
            raise NotFound(full)
        return Administration(cell, self._runtime)

    @property
    def abandoned_total(self) -> int:
        """Threads left behind so far, those that ended later included."""
        return self._runtime.abandoned_total

    @property
    def abandoned_alive(self) -> int:
        """Threads left behind that still live."""
        return len(self._runtime.abandoned())

    def _state(self) -> str:
        if self._run is None or self._ended.is_set():
            return "stopped"
        return "running" if self._booted else "starting"


def _check_book(book: AddressBook, known: dict[str, AnySpec]) -> None:
    for cell in book.at_or_below(book.root):
        parent = known.get(cell.path.rpartition("/")[0])
        if cell.path not in known and not isinstance(parent, DynamicSpec):
            raise SpecError(cell.path, "the book has this address, but no child has this path")
