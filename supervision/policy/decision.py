"""The whole policy of a supervisor, pure: `decide(state, event, now) -> (state, effects)`.

No thread, no clock, no randomness: who calls it does as the effects say and reports what comes of
it as further events. Everything that Erlang/OTP's supervisor decides is decided here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from supervision.exits import Shutdown
from supervision.policy.admin import administer
from supervision.policy.effects import Announce, Effect
from supervision.policy.events import (
    Boot,
    DeleteChild,
    Event,
    Exited,
    RestartChild,
    RetryDue,
    StartChild,
    Started,
    StartIgnored,
    StopAll,
    TerminateChild,
)
from supervision.policy.restart import died, start_failed
from supervision.policy.sequence import advance, blocked, close
from supervision.policy.state import Child, Goal, Phase, Stage, State
from supervision.policy.turn import Turn
from supervision.reports import Progress

if TYPE_CHECKING:
    from typing import TypeAlias

    FromChild: TypeAlias = Started | StartIgnored | Exited | RetryDue

__all__ = ["decide"]


def decide(state: State, event: Event, now: float) -> tuple[State, tuple[Effect, ...]]:
    """Take one event in.

    Args:
        state: what the supervisor knows; unchanged.
        event: what happened. Events of past incarnations are dropped.
        now: monotonic seconds, never less than at the previous event.

    Returns:
        The next state, and what to do now, in this order.
    """
    turn = Turn(state, now)
    _hear(turn, event)
    while (index := _next_deferred(turn)) is not None:
        due = turn.deferred[index]
        turn.deferred = turn.deferred[:index] + turn.deferred[index + 1 :]
        _hear(turn, due)
    return turn.result(), tuple(turn.effects)


def _next_deferred(turn: Turn) -> int | None:
    for index, event in enumerate(turn.deferred):
        if _is_stale(turn, event) or not blocked(turn, event):
            return index
    return None


def _is_stale(turn: Turn, event: Event) -> bool:
    match event:
        case Started() | StartIgnored() | Exited() | RetryDue():
            child = turn.children.get(event.child)
            return child is None or child.incarnation != event.incarnation
        case _:
            return False


def _hear(turn: Turn, event: Event) -> None:
    if turn.stage is Stage.CLOSED and not isinstance(
        event, StartChild | TerminateChild | RestartChild | DeleteChild
    ):
        return
    if _is_stale(turn, event):
        return
    if blocked(turn, event):
        turn.deferred = (*turn.deferred, event)
        return
    _apply(turn, event)
    advance(turn)


def _apply(turn: Turn, event: Event) -> None:
    match event:
        case Boot():
            pass  # `advance` starts the first child
        case StopAll():
            if turn.stage is not Stage.CLOSING:
                close(turn, Shutdown())
        case Started() | StartIgnored() | Exited() | RetryDue():
            _hear_child(turn, turn.children[event.child], event)
        case StartChild() | TerminateChild() | RestartChild() | DeleteChild():
            administer(turn, event)
        case _:
            assert_never(event)


def _hear_child(turn: Turn, child: Child, event: FromChild) -> None:
    match event:
        case Started():
            if child.phase is Phase.STARTING:
                _started(turn, child)
        case StartIgnored():
            _ignored(turn, child)
        case Exited():
            _ended(turn, child, event)
        case RetryDue():
            if child.phase is Phase.WAITING:
                _retry(turn, child)
        case _:
            assert_never(event)


def _started(turn: Turn, child: Child) -> None:
    child = turn.answer(replace(child, phase=Phase.UP), child.spec.id)
    turn.put(child)
    report = Progress(path=turn.path(child), incarnation=child.incarnation, at=turn.now)
    turn.emit(Announce(report=report))


def _ignored(turn: Turn, child: Child) -> None:
    if child.phase is Phase.STOPPING or child.goal is not Goal.UP:
        turn.stopped(child, Shutdown())
    elif child.phase is Phase.STARTING:
        turn.rest(turn.answer(child, None))


def _ended(turn: Turn, child: Child, event: Exited) -> None:
    if child.phase is Phase.STOPPING or (child.phase is not Phase.DOWN and turn.is_doomed(child)):
        turn.stopped(child, event.exit)
    elif child.phase is Phase.STARTING:
        start_failed(turn, child, event.exit)
    elif child.phase is Phase.UP:
        died(turn, child, event.exit)


def _retry(turn: Turn, child: Child) -> None:
    # In a group the others may have come up meanwhile: they restart with it, in order.
    turn.put(replace(child, phase=Phase.DOWN))
