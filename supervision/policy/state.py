"""What the pure policy knows of one supervisor and its children.

Everything here is a value. Times are monotonic seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from supervision.exits import Shutdown
from supervision.spec import AutoShutdown, DynamicSpec, Strategy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from supervision.exits import Exit
    from supervision.policy.events import Event
    from supervision.spec import AnySpec, Backoff, SupervisorSpec

# What a supervisor exits with that gave up on its children.
GAVE_UP: Final = Shutdown(detail="restart intensity exceeded")

_NOBODY: Final[Mapping[str, int]] = MappingProxyType({})


class Phase(Enum):
    """Where a child is."""

    DOWN = "stopped"
    STARTING = "starting"
    UP = "running"
    STOPPING = "stopping"
    WAITING = "restarting"


ALIVE: Final = frozenset({Phase.STARTING, Phase.UP, Phase.STOPPING})


class Goal(Enum):
    """Where a child is to be."""

    UP = "up"
    DOWN = "down"
    AGAIN = "again"
    GONE = "gone"


class Stage(Enum):
    """Where the supervisor is."""

    BOOTING = "booting"
    RUNNING = "running"
    CLOSING = "closing"
    CLOSED = "closed"


class Asked(Enum):
    """What an administrator waits for."""

    START = "start_child"
    RESTART = "restart_child"
    TERMINATE = "terminate_child"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """An administrator who waits for an answer about one child."""

    number: int
    asked: Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """One child as its supervisor sees it."""

    spec: AnySpec
    phase: Phase = Phase.DOWN
    goal: Goal = Goal.UP
    incarnation: int = 0
    failures: float = 0.0
    failed_at: float = 0.0
    ticket: Ticket | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The flags of one supervisor."""

    path: str
    strategy: Strategy
    intensity: int
    period: float
    auto_shutdown: AutoShutdown
    backoff: Backoff | None
    give_up: bool
    max_children: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """All that a supervisor knows. `children` is in start order and never changed in place."""

    rules: Rules
    children: Mapping[str, Child] = field(default_factory=dict)
    stage: Stage = Stage.BOOTING
    exit: Exit | None = None
    restarts: tuple[float, ...] = ()
    deferred: tuple[Event, ...] = ()


def initial(
    spec: SupervisorSpec | DynamicSpec, path: str, incarnations: Mapping[str, int] = _NOBODY
) -> State:
    """Make the state of a supervisor that is about to boot.

    Args:
        spec: what it supervises.
        path: where it is in the tree.
        incarnations: by child id, the last incarnation that each path has had; it counts on.
    """
    rules = Rules(
        path=path,
        strategy=Strategy.ONE_FOR_ONE if isinstance(spec, DynamicSpec) else spec.strategy,
        intensity=spec.intensity,
        period=spec.period,
        auto_shutdown=spec.auto_shutdown,
        backoff=spec.backoff,
        give_up=spec.give_up,
        max_children=spec.max_children if isinstance(spec, DynamicSpec) else None,
    )
    children = () if isinstance(spec, DynamicSpec) else spec.children
    return State(
        rules=rules,
        children={
            child.id: Child(spec=child, incarnation=incarnations.get(child.id, 0))
            for child in children
        },
    )
