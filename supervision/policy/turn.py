"""One turn of the policy: a draft of the next state, and the effects so far."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from supervision.exits import Normal, Shutdown
from supervision.policy.effects import Announce, Effect, Forget, Halt, Reply, Silence, Spawn, Wait
from supervision.policy.state import Child, Goal, Phase, Stage, State
from supervision.reports import ShutdownError
from supervision.spec import Restart, Strategy

if TYPE_CHECKING:
    from supervision.errors import AdministrationError
    from supervision.exits import Exit


class Turn:
    """A mutable draft; it never leaves `decide`."""

    __slots__ = ("children", "deferred", "effects", "exit", "now", "restarts", "rules", "stage")

    def __init__(self, state: State, now: float) -> None:
        """Copy what may change."""
        self.now = now
        self.rules = state.rules
        self.children = dict(state.children)
        self.stage = state.stage
        self.exit = state.exit
        self.restarts = state.restarts
        self.deferred = state.deferred
        self.effects: list[Effect] = []

    def result(self) -> State:
        """Freeze the draft."""
        return State(
            rules=self.rules,
            children=self.children,
            stage=self.stage,
            exit=self.exit,
            restarts=self.restarts,
            deferred=self.deferred,
        )

    def path(self, child: Child) -> str:
        """Say where a child is in the tree."""
        return f"{self.rules.path}/{child.spec.id}"

    # Questions

    def in_order(self) -> bool:
        """Whether children start and stop one after the other, as one operation."""
        return self.stage is Stage.BOOTING or self.rules.strategy is not Strategy.ONE_FOR_ONE

    def busy(self) -> bool:
        """Whether a start or stop is under way or still to come."""
        return any(
            child.phase in (Phase.STARTING, Phase.STOPPING) or self.is_doomed(child)
            for child in self.children.values()
        )

    def doomed(self) -> list[Child]:
        """Who has yet to be stopped, last first."""
        return [child for child in reversed(self.children.values()) if self.is_doomed(child)]

    @staticmethod
    def is_doomed(child: Child) -> bool:
        """Whether a child has yet to be stopped."""
        return child.goal is not Goal.UP and child.phase in (Phase.STARTING, Phase.UP)

    # Changes

    def put(self, child: Child) -> Child:
        """Store a child's new state."""
        self.children[child.spec.id] = child
        return child

    def emit(self, effect: Effect) -> None:
        """Add an effect."""
        self.effects.append(effect)

    def spawn(self, child: Child) -> None:
        """Start the next incarnation."""
        child = self.put(
            replace(child, phase=Phase.STARTING, goal=Goal.UP, incarnation=child.incarnation + 1)
        )
        self.emit(Spawn(spec=child.spec, incarnation=child.incarnation))

    def halt(self, child: Child) -> None:
        """Order an incarnation to stop."""
        self.put(replace(child, phase=Phase.STOPPING))
        self.emit(Halt(child=child.spec.id, incarnation=child.incarnation))

    def wait(self, child: Child, seconds: float) -> None:
        """Put a restart off."""
        backoff = self.rules.backoff
        self.put(replace(child, phase=Phase.WAITING, goal=Goal.UP))
        self.emit(
            Wait(
                child=child.spec.id,
                incarnation=child.incarnation,
                seconds=seconds,
                jitter=backoff.jitter if backoff else 0.0,
            )
        )

    def answer(self, child: Child, answer: str | AdministrationError | None) -> Child:
        """Answer whoever waits for this child."""
        if child.ticket is None:
            return child
        self.emit(Reply(ticket=child.ticket.number, answer=answer))
        return self.put(replace(child, ticket=None))

    def rest(self, child: Child) -> None:
        """Leave a child stopped: keep its spec, or forget a temporary or dynamic one."""
        if child.spec.restart is Restart.TEMPORARY or self.rules.max_children is not None:
            self.forget(child)
        else:
            self.put(replace(child, phase=Phase.DOWN, goal=Goal.DOWN))
            self.emit(Silence(child=child.spec.id))

    def forget(self, child: Child) -> None:
        """Drop a child and its spec."""
        del self.children[child.spec.id]
        self.emit(Forget(child=child.spec.id))

    def stopped(self, child: Child, cause: Exit) -> None:
        """Settle a child that ended while it was to be stopped."""
        if not isinstance(cause, Normal | Shutdown):
            report = ShutdownError(
                path=self.path(child), incarnation=child.incarnation, at=self.now, cause=cause
            )
            self.emit(Announce(report=report))
        child = self.answer(child, None)
        if child.goal is Goal.AGAIN:
            self.put(replace(child, phase=Phase.DOWN, goal=Goal.UP))
        elif child.goal is Goal.GONE:
            self.forget(child)
        elif self.stage is Stage.CLOSING:
            self.put(replace(child, phase=Phase.DOWN, goal=Goal.DOWN))
        else:
            self.rest(child)
