"""What the pure policy wants done, in the order in which it wants it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from supervision.errors import AdministrationError
    from supervision.exits import Exit
    from supervision.reports import Report
    from supervision.spec import AnySpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Spawn:
    """Start an incarnation."""

    spec: AnySpec
    incarnation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """Stop an incarnation within its shutdown time."""

    child: str
    incarnation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Say `RetryDue` after `seconds`, times 1 +- `jitter`."""

    child: str
    incarnation: int
    seconds: float
    jitter: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Answer an administrator: a child's id, None, or an error."""

    ticket: int
    answer: str | AdministrationError | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Nobody will take this child's messages until it is started again."""

    child: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Forget:
    """The child is no longer there at all."""

    child: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseHeir:
    """Throw away the state that outlives the child's crashes."""

    child: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Announce:
    """Publish a report."""

    report: Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Booted:
    """All children have started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quit:
    """No child is left; the supervisor ends."""

    exit: Exit


Effect: TypeAlias = (
    Spawn | Halt | Wait | Reply | Silence | Forget | EraseHeir | Announce | Booted | Quit
)
