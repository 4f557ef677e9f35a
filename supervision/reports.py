"""What a supervision tree tells the world about itself.

Each report names the path in the tree, the incarnation (0 where none is concerned) and the
monotonic time in seconds at which it was decided.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from supervision.exits import Exit

__all__ = [
    "AbandonedEnded",
    "CallbackFailed",
    "ChildTerminated",
    "HeirErased",
    "IntensityExceeded",
    "MessageLost",
    "Progress",
    "Report",
    "RestartDelayed",
    "ShutdownError",
    "StartError",
    "ThreadAbandoned",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Base:
    path: str
    incarnation: int
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress(_Base):
    """A child has started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildTerminated(_Base):
    """A child ended by itself.

    Attributes:
        cause: how.
        restarted: whether it is started again.
    """

    cause: Exit
    restarted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StartError(_Base):
    """A child's start failed.

    Attributes:
        cause: why.
    """

    cause: Exit


@dataclass(frozen=True, slots=True, kw_only=True)
class ShutdownError(_Base):
    """A child that was told to stop crashed on the way, or did not stop.

    Attributes:
        cause: how it ended instead.
    """

    cause: Exit


@dataclass(frozen=True, slots=True, kw_only=True)
class IntensityExceeded(_Base):
    """Children of the supervisor at `path` crash faster than its spec allows.

    Attributes:
        child: path of the child that crashed last.
        cause: its exit.
        gives_up: True: the supervisor stops; False: it goes on with pauses.
    """

    child: str
    cause: Exit
    gives_up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartDelayed(_Base):
    """A restart waits for its backoff.

    Attributes:
        seconds: the pause before jitter.
    """

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadAbandoned(_Base):
    """A thread did not end in time; it is fenced and left behind.

    Attributes:
        thread: its name.
        stack: where it was, as text.
    """

    thread: str
    stack: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AbandonedEnded(_Base):
    """A thread that had been abandoned has ended after all.

    Attributes:
        thread: its name.
    """

    thread: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLost(_Base):
    """The message in flight went down with its incarnation.

    Attributes:
        message: its content.
        cause: how the incarnation ended.
    """

    message: object
    cause: Exit


@dataclass(frozen=True, slots=True, kw_only=True)
class HeirErased(_Base):
    """A child's state that outlives crashes was thrown away, because it may be what crashes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackFailed(_Base):
    """A callback given to supervision raised.

    Attributes:
        callback: which one.
        error: what it raised.
    """

    callback: str
    error: BaseException


Report: TypeAlias = (
    Progress
    | ChildTerminated
    | StartError
    | ShutdownError
    | IntensityExceeded
    | RestartDelayed
    | ThreadAbandoned
    | AbandonedEnded
    | MessageLost
    | HeirErased
    | CallbackFailed
)
