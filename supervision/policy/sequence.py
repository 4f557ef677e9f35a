"""Order: who is stopped next, who is started next, and how everything ends."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from supervision.errors import ShuttingDown
from supervision.exits import Shutdown
from supervision.policy.effects import Booted, EraseHeir, Quit, Reply
from supervision.policy.events import (
    DeleteChild,
    Exited,
    RestartChild,
    RetryDue,
    StartChild,
    TerminateChild,
)
from supervision.policy.state import ALIVE, GAVE_UP, Asked, Goal, Phase, Stage
from supervision.spec import Strategy

if TYPE_CHECKING:
    from supervision.exits import Exit
    from supervision.policy.events import Event
    from supervision.policy.state import Child
    from supervision.policy.turn import Turn


def advance(turn: Turn) -> None:
    """Stop what has to stop, last first; then start what has to start, first first."""
    _stop_next(turn)
    if turn.stage is Stage.CLOSING:
        if not any(child.phase in ALIVE for child in turn.children.values()):
            turn.stage = Stage.CLOSED
            if turn.exit is GAVE_UP:
                # Only now: what a child commits while it stops must not outlive it either.
                for child in turn.children.values():
                    turn.emit(EraseHeir(child=child.spec.id))
            turn.emit(Quit(exit=turn.exit or Shutdown()))
    elif turn.in_order():
        _start_next(turn)
    else:
        for child in list(turn.children.values()):
            if child.goal is Goal.UP and child.phase is Phase.DOWN:
                turn.spawn(child)


def _stop_next(turn: Turn) -> None:
    doomed = turn.doomed()
    if turn.rules.max_children is not None:
        for child in doomed:
            turn.halt(child)
    elif doomed and not any(c.phase is Phase.STOPPING for c in turn.children.values()):
        turn.halt(doomed[0])


def _start_next(turn: Turn) -> None:
    if turn.busy():
        return
    to_start = _first_to_start(turn)
    if to_start is not None:
        turn.spawn(to_start)
    elif turn.stage is Stage.BOOTING:
        turn.stage = Stage.RUNNING
        turn.emit(Booted())


def _first_to_start(turn: Turn) -> Child | None:
    waiting = any(child.phase is Phase.WAITING for child in turn.children.values())
    if waiting and turn.rules.strategy is Strategy.ONE_FOR_ALL:
        return None
    for child in turn.children.values():
        if child.phase is Phase.WAITING:
            return None
        if child.goal is Goal.UP and child.phase is Phase.DOWN:
            return child
    return None


def blocked(turn: Turn, event: Event) -> bool:
    """Whether an event has to wait for the operation under way, as it would in OTP's mailbox."""
    match event:
        case StartChild() | TerminateChild() | RestartChild() | DeleteChild():
            return turn.stage is not Stage.CLOSING and _under_way(turn, event.child)
        case Exited() | RetryDue():
            child = turn.children[event.child]
            settled = child.goal is Goal.UP and child.phase in (Phase.UP, Phase.WAITING)
            return settled and turn.in_order() and turn.busy()
        case _:
            return False


def _under_way(turn: Turn, child_id: str) -> bool:
    if turn.in_order():
        return turn.stage is Stage.BOOTING or turn.busy()
    child = turn.children.get(child_id)
    return child is not None and (
        child.phase in (Phase.STARTING, Phase.STOPPING) or turn.is_doomed(child)
    )


def close(turn: Turn, cause: Exit) -> None:
    """Begin to stop everything. Whoever waits for something else is told so."""
    turn.stage = Stage.CLOSING
    turn.exit = cause
    deferred, turn.deferred = turn.deferred, ()
    for child in list(turn.children.values()):
        _condemn(turn, child)
    for event in deferred:
        match event:
            case StartChild() | TerminateChild() | RestartChild() | DeleteChild():
                turn.emit(Reply(ticket=event.ticket, answer=ShuttingDown(event.child)))
            case Exited():
                turn.stopped(turn.children[event.child], event.exit)
            case _:
                pass  # a pause that ended has no one to start any more


def _condemn(turn: Turn, child: Child) -> None:
    if child.ticket is not None and child.ticket.asked is not Asked.TERMINATE:
        child = turn.answer(child, ShuttingDown(child.spec.id))
    phase = Phase.DOWN if child.phase is Phase.WAITING else child.phase
    turn.put(replace(child, phase=phase, goal=Goal.DOWN))
