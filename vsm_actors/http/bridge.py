"""The one crossing between actor threads and the server's loop.

Nobody else calls `call_soon_threadsafe`. What crosses is queued, and the loop is woken once for all
that has gathered, so that a burst of replies costs one write to the loop's self-pipe.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import structlog

from vsm_actors.core.ledger import Ledger
from vsm_actors.core.messages import Reply
from vsm_actors.http.errors import ServerStateError

T = TypeVar("T")

LIMIT = 65_536
"""Calls that may wait: above what 1,000 feeds get at 40 frames a second in a second's stall."""

_TURN = 1_024
"""Crossings taken in one turn of the loop, so that a flood leaves room for the sockets."""

_log = structlog.get_logger(__name__)


class Bridge:
    """Takes calls from any thread to one loop, in order, and answers to its waiters."""

    def __init__(self, ledger: Ledger, limit: int = LIMIT) -> None:
        """Make a bridge that is not attached to a loop yet; until then calls gather.

        Args:
            ledger: counts what is dropped.
            limit: calls that may wait. Replies have no bound of their own: each has a waiter
                that the loop made, and answers it once.
        """
        self._ledger = ledger
        self._limit = limit
        self._lock = threading.Lock()
        self._waiting: list[Callable[[], None]] = []
        self._calls = 0
        self._woken = False
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Carry everything to `loop` from now on, what has gathered included."""
        with self._lock:
            self._loop = loop
            self._wake()

    def detach(self) -> None:
        """Carry nothing any more: the loop ends. Calls are dropped and counted."""
        with self._lock:
            self._loop = None
            self._closed = True
            self._waiting.clear()

    def waiter(self) -> tuple["asyncio.Future[T]", Reply[T]]:
        """Return a future of the running loop and what answers it from any thread.

        The first answer counts; a second, or one that nobody waits for any more, is dropped.
        """
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        answered = threading.Lock()

        def reply(value: T) -> None:
            if answered.acquire(blocking=False):
                self._put(lambda: _resolve(future, value))

        return future, reply

    def call(self, fn: Callable[..., object], *args: object) -> bool:
        """Have `fn(*args)` called on the loop soon.

        Returns:
            False where there is no room, or no loop any more; the drop is counted.
        """
        with self._lock:
            taken = not self._closed and self._calls < self._limit
            if taken:
                self._calls += 1
                self._waiting.append(lambda: self._run(fn, args))
                self._wake()
        if not taken:
            self._ledger.count("vsm_run_bridge_dropped_total")
        return taken

    def run(self, make: Callable[[], Coroutine[Any, Any, T]], within: float) -> T:
        """Run a coroutine on the loop and wait for it; for the composition, never for an actor.

        Args:
            make: called on this thread; makes the coroutine.
            within: seconds to wait.

        Raises:
            TimeoutError: it did not end in time; it is cancelled.
            ServerStateError: there is no loop.
            Exception: what the coroutine raised.
        """
        loop = self._loop
        if loop is None:
            raise ServerStateError("stopped")
        future = asyncio.run_coroutine_threadsafe(make(), loop)
        try:
            return future.result(within)
        finally:
            future.cancel()

    @property
    def waiting(self) -> int:
        """How many crossings wait for the loop."""
        return len(self._waiting)

    def _put(self, crossing: Callable[[], None]) -> None:
        with self._lock:
            if not self._closed:
                self._waiting.append(crossing)
                self._wake()

    def _wake(self) -> None:
        if self._loop is not None and not self._woken and self._waiting:
            self._woken = True
            self._loop.call_soon_threadsafe(self._drain)

    def _drain(self) -> None:
        with self._lock:
            turn, self._waiting = self._waiting[:_TURN], self._waiting[_TURN:]
            self._woken = bool(self._waiting)
            if self._waiting and self._loop is not None:
                self._loop.call_soon(self._drain)
        for crossing in turn:
            crossing()

    def _run(self, fn: Callable[..., object], args: tuple[object, ...]) -> None:
        with self._lock:
            self._calls -= 1
        try:
            fn(*args)
        except Exception:  # noqa: BLE001  one caller's mistake must not lose what is behind it
            _log.exception("bridge.failed")


def _resolve(future: "asyncio.Future[T]", value: T) -> None:
    if not future.done():
        future.set_result(value)
