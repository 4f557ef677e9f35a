"""What the pure policy hears: events from children, from above, from time, from administrators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from supervision.exits import Exit
    from supervision.spec import AnySpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Boot:
    """Start the children."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A child finished its init."""

    child: str
    incarnation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StartIgnored:
    """A child asked to be ignored."""

    child: str
    incarnation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Exited:
    """An incarnation ended, or its end is taken for granted."""

    child: str
    incarnation: int
    exit: Exit


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryDue:
    """The pause before a restart is over."""

    child: str
    incarnation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StopAll:
    """The supervisor's own supervisor wants it down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartChild:
    """Administration: add and start; `incarnation` is the last one that the path had."""

    ticket: int
    spec: AnySpec
    incarnation: int = 0

    @property
    def child(self) -> str:
        """Id of the child, as in the other requests."""
        return self.spec.id


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminateChild:
    """Administration: stop, keep the spec."""

    ticket: int
    child: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartChild:
    """Administration: start a stopped child."""

    ticket: int
    child: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteChild:
    """Administration: forget a stopped child."""

    ticket: int
    child: str


Request: TypeAlias = StartChild | TerminateChild | RestartChild | DeleteChild
Event: TypeAlias = Boot | Started | StartIgnored | Exited | RetryDue | StopAll | Request
