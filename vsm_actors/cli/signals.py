"""The operating system's signals, as the daemon hears them."""

import os
import queue
import signal
import threading
from collections.abc import Callable
from types import FrameType

from vsm_actors.cli.exits import FAILURE

GAVE_UP = 0
"""In place of a signal's number: the tree has ended by itself."""


class Signals:
    """Hears SIGHUP, and SIGTERM and SIGINT: the first says to stop, a second one ends at once."""

    def __init__(self) -> None:
        """Listen from now on, so that a signal during the start is not lost."""
        self._heard: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._stopping = False
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._caught)

    def watch(self, wait: Callable[[], object]) -> None:
        """Say `GAVE_UP` once `wait` returns."""

        def watching() -> None:
            wait()
            self._heard.put(GAVE_UP)

        threading.Thread(target=watching, name="vsm-root", daemon=True).start()

    def next(self) -> int:
        """Wait for the next signal, and return its number or `GAVE_UP`."""
        return self._heard.get()

    def _caught(self, number: int, _frame: FrameType | None) -> None:
        if number != signal.SIGHUP:
            if self._stopping:
                os._exit(FAILURE)
            self._stopping = True
        self._heard.put(number)
