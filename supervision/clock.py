"""Time, injected: the system's, or a virtual one that tests move."""

from __future__ import annotations

import heapq
import math
import threading
import time
from itertools import count
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Clock", "SystemClock", "Timer", "VirtualClock"]


class Timer:
    """A callback that is due at some time, unless it is cancelled before."""

    __slots__ = ("callback", "cancelled", "due", "order")

    def __init__(self, due: float, order: int, callback: Callable[[], None]) -> None:
        """Remember what is due when; `order` decides among equals."""
        self.due = due
        self.order = order
        self.callback = callback
        self.cancelled = False

    def __lt__(self, other: Timer) -> bool:
        """Order by due time, then by creation."""
        return (self.due, self.order) < (other.due, other.order)

    def cancel(self) -> None:
        """Make it a no-op; callable at any time from any thread."""
        self.cancelled = True

    def fire(self) -> None:
        """Call back, once, unless cancelled."""
        if not self.cancelled:
            self.cancelled = True
            self.callback()


class Clock(Protocol):
    """What supervision and its actors need of time."""

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes back."""
        ...

    def time(self) -> float:
        """Seconds since 1970 (Unix time)."""
        ...

    def call_later(self, delay: float, callback: Callable[[], None]) -> Timer:
        """Call back after `delay` seconds. The callback must be quick and must not raise."""
        ...


class SystemClock:
    """The operating system's clock. One daemon thread, started on first use, serves its timers."""

    def __init__(self) -> None:
        """Make a clock without a thread yet."""
        self._timers: list[Timer] = []
        self._order = count()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False
        self.monotonic = time.monotonic
        self.time = time.time

    def call_later(self, delay: float, callback: Callable[[], None]) -> Timer:
        """See `Clock.call_later`; from the timer thread."""
        with self._changed:
            timer = Timer(self.monotonic() + delay, next(self._order), callback)
            heapq.heappush(self._timers, timer)
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(
                    target=self._serve, name="supervision-timers", daemon=True
                )
                self._thread.start()
            elif self._timers[0] is timer:
                self._changed.notify()
        return timer

    def close(self) -> None:
        """Cancel what is due and end the thread. Timers set later never fire."""
        with self._changed:
            self._closed = True
            self._timers.clear()
            self._changed.notify()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _serve(self) -> None:
        while (timer := self._next_due()) is not None:
            timer.fire()

    def _next_due(self) -> Timer | None:
        with self._changed:
            while not self._closed:
                while self._timers and self._timers[0].cancelled:
                    heapq.heappop(self._timers)
                if not self._timers:
                    self._changed.wait()
                    continue
                remaining = self._timers[0].due - self.monotonic()
                if remaining <= 0.0:
                    return heapq.heappop(self._timers)
                self._changed.wait(min(remaining, threading.TIMEOUT_MAX))
        return None


class VirtualClock:
    """A clock that stands still until `advance` moves it. For tests."""

    def __init__(self, start: float = 1_000.0, unix: float = 1_700_000_000.0) -> None:
        """Stand at `start` monotonic seconds and `unix` Unix seconds."""
        self._now = start
        self._unix_offset = unix - start
        self._timers: list[Timer] = []
        self._order = count()
        self._lock = threading.Lock()

    def monotonic(self) -> float:
        """See `Clock.monotonic`."""
        return self._now

    def time(self) -> float:
        """See `Clock.time`; moves together with `monotonic`."""
        return self._now + self._unix_offset

    def call_later(self, delay: float, callback: Callable[[], None]) -> Timer:
        """See `Clock.call_later`; from the thread that advances."""
        with self._lock:
            timer = Timer(self._now + delay, next(self._order), callback)
            heapq.heappush(self._timers, timer)
        return timer

    def advance(self, seconds: float) -> None:
        """Move on; what becomes due is called in order, each at its own time."""
        target = self._now + seconds
        while (timer := self._pop(target)) is not None:
            self._now = max(self._now, timer.due)
            timer.fire()
        self._now = target

    def next_due(self) -> float:
        """Monotonic time of the next timer; infinity if there is none."""
        with self._lock:
            return min(
                (timer.due for timer in self._timers if not timer.cancelled), default=math.inf
            )

    def _pop(self, target: float) -> Timer | None:
        with self._lock:
            if self._timers and self._timers[0].due <= target:
                return heapq.heappop(self._timers)
            return None
