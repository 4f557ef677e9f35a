"""StrategicPlanner: what is being changed, how near the goals are, and whether 3 and 4 balance."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from vsm_actors.core.reading import Reading
from vsm_actors.core.record import Event
from vsm_actors.core.state.account import Account, account
from vsm_actors.core.state.bounded import Bounded, bounded
from vsm_actors.core.state.conclusion import age, conclude
from vsm_actors.core.window.view import View
from vsm_actors.systems.s5_policy.balance import Balance, balance
from vsm_actors.systems.s5_policy.goals import Goal, readings, reported

STAGES = ("proposed", "approved", "implemented")

Key: TypeAlias = tuple[str, str]
"""Path, and the id of an adaptation or a goal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an adaptation came.

    Attributes:
        stages: those that it reached.
        newest: Unix seconds at which it reached the last one.
    """

    stages: frozenset[str]
    newest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannerState:
    """What StrategicPlanner remembers.

    Attributes:
        adaptations: by path and id, so that a repeated event does not count twice.
        stages: how many reached each stage, by path.
        goals: by path and id.
        balance: of Systems 3 and 4.
    """

    adaptations: Bounded[Key, Progress]
    stages: Bounded[str, Account]
    goals: Bounded[Key, Goal]
    balance: Balance


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategicPlanner:
    """Adaptations by stage, progress of goals beside the time that passed, S3-S4 balance.

    A change in the environment is not read here yet: an adaptation names the one that it answers.

    Attributes:
        window: seconds over which System 5 looks.
        limit: adaptations, goals and streams at most, each.
    """

    window: float = 30 * 86400.0
    limit: int = 10_000
    name: str = "StrategicPlanner"
    system: int = 5

    def initial(self) -> PlannerState:
        """Return the state of one that has no plans."""
        limit = self.limit
        return PlannerState(
            adaptations=bounded(limit),
            stages=bounded(limit),
            goals=bounded(limit),
            balance=balance(self.window, limit),
        )

    def fold(self, state: PlannerState, event: Event) -> PlannerState:
        """Return `state` with an adaptation or a goal."""
        subject, _, verb = event.name.partition(".")
        key = (event.path, event.attribute("id"))
        match subject:
            case "goal":
                goal = reported(state.goals.get(key), event)
                return replace(state, goals=state.goals.put(key, goal))
            case "adaptation":
                return self._adapt(state, key, verb, event)
            case _:
                return state

    def observe(self, state: PlannerState, view: View) -> PlannerState:
        """Return `state` with the acts of Systems 3 and 4 in a window."""
        acts = state.balance.observe(view)
        return state if acts is state.balance else replace(state, balance=acts)

    def conclude(self, state: PlannerState, now: float) -> tuple[PlannerState, tuple[Reading, ...]]:
        """Return stages, goals and balance; a goal goes a window after its last report and due."""
        adaptations = [
            key
            for key, progress in state.adaptations.items()
            if now - progress.newest > self.window
        ]
        ended = [key for key, goal in state.goals.items() if self._over(goal, now)]
        stages, found = conclude(state.stages, now, _stages)
        acts, of_balance = state.balance.conclude(now)
        state = PlannerState(
            adaptations=state.adaptations.without(*adaptations),
            stages=stages,
            goals=state.goals.without(*ended),
            balance=acts,
        )
        for (path, name), goal in state.goals.items():
            found += readings(path, name, goal, now)
        return state, (*found, *of_balance)

    def refused(self, state: PlannerState) -> int:
        """Return how many adaptations, paths, goals and streams the bounds have refused."""
        return (
            state.adaptations.refused
            + state.stages.refused
            + state.goals.refused
            + state.balance.acts.refused
        )

    def _adapt(self, state: PlannerState, key: Key, stage: str, event: Event) -> PlannerState:
        known = state.adaptations.get(key)
        reached = known.stages if known else frozenset()
        if stage in reached:
            return state
        progress = Progress(stages=reached | {stage}, newest=event.arrival)
        adaptations = state.adaptations.put(key, progress)
        if adaptations.refused > state.adaptations.refused:
            return replace(state, adaptations=adaptations)
        cell = state.stages.get(event.path) or account(self.window, len(STAGES))
        cell = cell.enter(event.arrival, *(float(stage == one) for one in STAGES))
        stages = state.stages.put(event.path, cell)
        return replace(state, adaptations=adaptations, stages=stages)

    def _over(self, goal: Goal, now: float) -> bool:
        # In this order NaN never wins: a goal without a due date goes by its last report alone.
        last = max(goal.time, goal.due)
        return now - last > self.window


def _stages(path: str, cell: Account, now: float) -> Iterator[Reading]:
    for stage, count in zip(STAGES, cell.total(now), strict=True):
        yield Reading(
            family="vsm_adaptations",
            labels={"path": path, "stage": stage},
            value=count,
            n=round(count),
            age=age(cell, now),
        )
