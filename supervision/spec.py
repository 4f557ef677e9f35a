"""Specs: what a supervision tree is to be, as data.

The vocabulary and the defaults of meaning are those of Erlang/OTP's `supervisor`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from supervision.errors import SpecError

if TYPE_CHECKING:
    from supervision.actor import Actor

__all__ = [
    "BRUTAL_KILL",
    "INFINITY",
    "KILL_GRACE",
    "AnySpec",
    "AutoShutdown",
    "Backoff",
    "ChildSpec",
    "DynamicSpec",
    "Kill",
    "MailboxPolicy",
    "Restart",
    "Strategy",
    "SupervisorSpec",
    "check_significance",
    "type_of",
]

INFINITY: Final = math.inf
_NO_ARGUMENTS: Final[Mapping[str, object]] = MappingProxyType({})


class Kill(Enum):
    """The shutdown "time" of a child that gets none."""

    BRUTAL = "brutal_kill"


BRUTAL_KILL: Final = Kill.BRUTAL

# A killed child is fenced at once. This long, in seconds, it may take to find that out before its
# thread counts as abandoned; an idle one needs well under a millisecond.
KILL_GRACE: Final = 0.1

ShutdownTime: TypeAlias = float | Kill
OnLost: TypeAlias = Callable[[object, object], None]


class Restart(Enum):
    """When a child that ended is started again."""

    PERMANENT = "permanent"
    TRANSIENT = "transient"
    TEMPORARY = "temporary"


class Strategy(Enum):
    """Who is restarted together with a child that crashed."""

    ONE_FOR_ONE = "one_for_one"
    ONE_FOR_ALL = "one_for_all"
    REST_FOR_ONE = "rest_for_one"


class AutoShutdown(Enum):
    """Whether the end of significant children ends their supervisor."""

    NEVER = "never"
    ANY_SIGNIFICANT = "any_significant"
    ALL_SIGNIFICANT = "all_significant"


def _check_id(value: str) -> None:
    if not value or "/" in value:
        raise SpecError(value, "an id is a non-empty string without '/'")


def _check_time(subject: str, name: str, value: ShutdownTime) -> None:
    if not isinstance(value, Kill) and not value >= 0.0:
        raise SpecError(subject, f"{name} must be at least 0 s, not {value!r}")


def _check_flags(subject: str, intensity: int, period: float) -> None:
    if intensity < 0:
        raise SpecError(subject, f"intensity must be at least 0, not {intensity!r}")
    if not 0.0 < period < math.inf:
        raise SpecError(subject, f"period must be a positive number of seconds, not {period!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxPolicy:
    """How the mailbox behind an address behaves.

    Attributes:
        limit: most cost that may wait of what came by `offer` or `reserve`, in the sender's units;
            None for no bound. What does not fit is refused (drop newest) and counted.
        keep: True keeps waiting messages across a crash; False drops them, as OTP does.
        drain: True handles what waits at an ordered stop before `terminate`, within the
            child's shutdown time; False leaves it.
        on_lost: called with (message, cause) for each accepted message that will not be handled
            after all; from the thread that finds out, so it must be quick.
    """

    limit: int | None = None
    keep: bool = True
    drain: bool = False
    on_lost: OnLost | None = None

    def __post_init__(self) -> None:
        """Refuse a bound that admits nothing."""
        if self.limit is not None and self.limit < 1:
            problem = f"limit must be at least 1, not {self.limit!r}"
            raise SpecError(type(self).__name__, problem)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """A pause before a restart that grows with recent failures (after thejerf/suture).

    A child's failure count halves every `half_life` seconds. Above `threshold` the pause is
    `initial * factor ** (count - threshold - 1)`, at most `maximum`, spread by `jitter`.

    Attributes:
        threshold: failures that are restarted at once.
        initial: first pause, seconds.
        maximum: longest pause before jitter, seconds.
        factor: growth per failure.
        half_life: seconds in which a past failure loses half its weight.
        jitter: share of the pause that is random, 0 to 1: the pause times 1 +- jitter.
    """

    threshold: float = 3.0
    initial: float = 0.25
    maximum: float = 30.0
    factor: float = 2.0
    half_life: float = 30.0
    jitter: float = 0.2

    def __post_init__(self) -> None:
        """Refuse figures that would never pause or never end."""
        sane = (
            self.threshold >= 0.0
            and 0.0 < self.initial <= self.maximum < math.inf
            and self.factor >= 1.0
            and 0.0 < self.half_life < math.inf
            and 0.0 <= self.jitter <= 1.0
        )
        if not sane:
            raise SpecError(type(self).__name__, f"figures out of range: {self}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildSpec:
    """A worker.

    Attributes:
        id: unique among its siblings, without "/".
        actor: the class; called with its context and `arguments`.
        arguments: keyword arguments for every incarnation.
        restart: when it is started again.
        shutdown: seconds to stop in, `BRUTAL_KILL` or `INFINITY`.
        significant: its end may end its supervisor, see `AutoShutdown`.
        start_timeout: seconds for the constructor and `init` together.
        mailbox: see `MailboxPolicy`.
    """

    id: str
    actor: type[Actor]
    arguments: Mapping[str, object] = field(default_factory=lambda: _NO_ARGUMENTS)
    restart: Restart = Restart.PERMANENT
    shutdown: ShutdownTime = 5.0
    significant: bool = False
    start_timeout: float = 5.0
    mailbox: MailboxPolicy = field(default_factory=MailboxPolicy)

    def __post_init__(self) -> None:
        """Refuse what OTP's `check_childspecs` refuses."""
        _check_id(self.id)
        _check_time(self.id, "shutdown", self.shutdown)
        _check_time(self.id, "start_timeout", self.start_timeout)


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisorSpec:
    """A supervisor and its children, in start order.

    Attributes:
        id: unique among its siblings, without "/".
        children: workers and supervisors, started in this order and stopped in reverse.
        strategy: who restarts together.
        intensity: restarts allowed within `period`; 0 escalates the first crash.
        period: seconds.
        auto_shutdown: whether significant children end it.
        backoff: pause before restarts; None restarts at once.
        give_up: False never escalates: at the bound it goes on with `backoff` pauses.
        restart: as a child of its own supervisor.
        shutdown: as a child; `INFINITY` leaves the time to its children's specs.
        significant: as a child.
        start_timeout: as a child, for all its children together.
        mailbox: of its own address, which carries administration only.
    """

    id: str
    children: tuple[AnySpec, ...] = ()
    strategy: Strategy = Strategy.ONE_FOR_ONE
    intensity: int = 10
    period: float = 10.0
    auto_shutdown: AutoShutdown = AutoShutdown.NEVER
    backoff: Backoff | None = None
    give_up: bool = True
    restart: Restart = Restart.PERMANENT
    shutdown: ShutdownTime = INFINITY
    significant: bool = False
    start_timeout: float = INFINITY
    mailbox: MailboxPolicy = field(default_factory=MailboxPolicy)

    def __post_init__(self) -> None:
        """Refuse what OTP's `check_flags` and `check_childspecs` refuse."""
        _check_id(self.id)
        _check_time(self.id, "shutdown", self.shutdown)
        _check_time(self.id, "start_timeout", self.start_timeout)
        _check_flags(self.id, self.intensity, self.period)
        seen: set[str] = set()
        for child in self.children:
            if child.id in seen:
                raise SpecError(self.id, f"duplicate child id {child.id!r}")
            seen.add(child.id)
            check_significance(child, self.auto_shutdown)


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamicSpec:
    """A supervisor of children of one kind, started by `start_child` only.

    Attributes:
        id: unique among its siblings, without "/".
        child: what every child is; each gets its own id and further arguments.
        max_children: most children at a time.
        intensity: restarts allowed within `period`, over all children.
        period: seconds.
        auto_shutdown: whether significant children end it.
        backoff: pause before restarts; None restarts at once.
        give_up: False never escalates.
        restart: as a child of its own supervisor.
        shutdown: as a child.
        significant: as a child.
        start_timeout: as a child.
        mailbox: of its own address, which carries administration only.
    """

    id: str
    child: ChildSpec
    max_children: int = 1000
    intensity: int = 10
    period: float = 10.0
    auto_shutdown: AutoShutdown = AutoShutdown.NEVER
    backoff: Backoff | None = None
    give_up: bool = True
    restart: Restart = Restart.PERMANENT
    shutdown: ShutdownTime = INFINITY
    significant: bool = False
    start_timeout: float = INFINITY
    mailbox: MailboxPolicy = field(default_factory=MailboxPolicy)

    def __post_init__(self) -> None:
        """Refuse figures and combinations that can never work."""
        _check_id(self.id)
        _check_time(self.id, "shutdown", self.shutdown)
        _check_time(self.id, "start_timeout", self.start_timeout)
        _check_flags(self.id, self.intensity, self.period)
        check_significance(self.child, self.auto_shutdown)
        if self.max_children < 1:
            raise SpecError(self.id, f"max_children must be at least 1, not {self.max_children!r}")


AnySpec: TypeAlias = ChildSpec | SupervisorSpec | DynamicSpec


def check_significance(child: AnySpec, auto_shutdown: AutoShutdown) -> None:
    """Refuse a significant child that OTP refuses.

    Raises:
        SpecError: it is permanent, or its supervisor has `AutoShutdown.NEVER`.
    """
    if not child.significant:
        return
    if child.restart is Restart.PERMANENT:
        raise SpecError(
            child.id, "a permanent child never ends by itself: it cannot be significant"
        )
    if auto_shutdown is AutoShutdown.NEVER:
        raise SpecError(child.id, "a significant child needs a supervisor with auto_shutdown")


def type_of(spec: AnySpec) -> str:
    """Say "worker" or "supervisor", as OTP does."""
    return "worker" if isinstance(spec, ChildSpec) else "supervisor"
