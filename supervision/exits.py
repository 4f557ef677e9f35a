"""How an incarnation ends, as data."""

from __future__ import annotations

import traceback as _traceback
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

__all__ = ["IGNORE", "Abandoned", "Crash", "Exit", "Ignore", "InitFailed", "Normal", "Shutdown"]


class Ignore(Enum):
    """What `Actor.init` returns to ask its supervisor not to run it."""

    IGNORE = "ignore"


IGNORE = Ignore.IGNORE


@dataclass(frozen=True, slots=True, kw_only=True)
class Normal:
    """It ended by itself, its work done."""

    def __str__(self) -> str:
        """Name the exit as OTP does."""
        return "normal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shutdown:
    """It was told to stop, or it gave up in good order.

    Attributes:
        detail: why, for people; empty for a plain order from its supervisor.
    """

    detail: str = ""

    def __str__(self) -> str:
        """Name the exit as OTP does."""
        return f"shutdown: {self.detail}" if self.detail else "shutdown"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failure:
    error: BaseException

    def __str__(self) -> str:
        """Name the error in one line."""
        return f"{type(self.error).__name__}: {self.error}"

    @property
    def traceback(self) -> str:
        """The traceback as text; formatted on demand because that takes longer than a restart."""
        return "".join(_traceback.format_exception(self.error))


@dataclass(frozen=True, slots=True, kw_only=True)
class Crash(_Failure):
    """An exception left `handle` or `terminate`.

    Attributes:
        error: the exception, with its traceback.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class InitFailed(_Failure):
    """The constructor or `init` raised, or did not finish in time.

    Attributes:
        error: the exception, with its traceback.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Abandoned:
    """It did not stop in time; its thread is fenced and left behind.

    Attributes:
        stack: where the thread was at that moment, as text.
    """

    stack: str = ""

    def __str__(self) -> str:
        """Name the exit in one word; the stack is for who asks."""
        return "abandoned"


Exit: TypeAlias = Normal | Shutdown | Crash | InitFailed | Abandoned
