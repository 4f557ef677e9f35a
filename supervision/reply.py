"""A question on its way through a mailbox, and the place where its answer appears."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Final

from supervision.errors import AskTimeout

__all__ = ["Call", "ReplyCell"]

_NOTHING: Final = object()


class ReplyCell:
    """Takes one outcome, the first; whoever comes later (a fenced actor, say) is ignored."""

    __slots__ = ("_done", "_error", "_guard", "_value")

    def __init__(self) -> None:
        """Make an open question."""
        self._guard = threading.Lock()
        self._done = threading.Lock()
        self._done.acquire()
        self._value: object = _NOTHING
        self._error: BaseException | None = None

    def answer(self, value: object) -> None:
        """Answer."""
        self._settle(value, None)

    def fail(self, error: BaseException) -> None:
        """Let `wait` raise."""
        self._settle(None, error)

    def _settle(self, value: object, error: BaseException | None) -> None:
        with self._guard:
            if self._value is not _NOTHING:
                return
            self._value = value
            self._error = error
        self._done.release()

    def wait(self, path: str, timeout: float) -> object:
        """Wait for the outcome.

        Args:
            path: whom was asked, for the error.
            timeout: seconds.

        Raises:
            AskTimeout: no outcome in time.
        """
        if not self._done.acquire(timeout=min(timeout, threading.TIMEOUT_MAX)):
            raise AskTimeout(path, timeout)
        self._done.release()
        if self._error is not None:
            raise self._error
        return self._value


@dataclass(frozen=True, slots=True)
class Call:
    """A message that wants an answer."""

    message: object
    reply: ReplyCell
