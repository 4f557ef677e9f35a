"""Administration: what OTP's supervisor answers to whom, and what it does about it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from supervision.errors import (
    AdministrationError,
    AlreadyPresent,
    AlreadyStarted,
    MaxChildrenReached,
    NotAllowed,
    NotFound,
    Restarting,
    Running,
    ShuttingDown,
)
from supervision.policy.effects import Reply
from supervision.policy.events import DeleteChild, RestartChild, StartChild, TerminateChild
from supervision.policy.state import Asked, Child, Goal, Phase, Stage, Ticket
from supervision.spec import Restart

if TYPE_CHECKING:
    from supervision.policy.events import Request
    from supervision.policy.turn import Turn


def administer(turn: Turn, request: Request) -> None:
    """Answer a request, now or when it is done."""
    refusal = _refusal(turn, request)
    if refusal is not None:
        turn.emit(Reply(ticket=request.ticket, answer=refusal))
        return
    match request:
        case StartChild():
            ticket = Ticket(number=request.ticket, asked=Asked.START)
            child = Child(spec=request.spec, incarnation=request.incarnation, ticket=ticket)
            turn.spawn(turn.put(child))
        case RestartChild():
            ticket = Ticket(number=request.ticket, asked=Asked.RESTART)
            turn.spawn(replace(turn.children[request.child], ticket=ticket))
        case TerminateChild():
            _terminate(turn, turn.children[request.child], request.ticket)
        case DeleteChild():
            turn.forget(turn.children[request.child])
            turn.emit(Reply(ticket=request.ticket, answer=None))
        case _:
            assert_never(request)


def _terminate(turn: Turn, child: Child, number: int) -> None:
    ticket = Ticket(number=number, asked=Asked.TERMINATE)
    if child.phase is Phase.UP:
        gone = child.spec.restart is Restart.TEMPORARY
        goal = Goal.GONE if gone else Goal.DOWN
        turn.put(replace(child, goal=goal, ticket=ticket))
        return
    if child.phase is Phase.WAITING:
        _call_off(turn, child)
    turn.emit(Reply(ticket=number, answer=None))


def _call_off(turn: Turn, waiting: Child) -> None:
    # As in OTP, the rest of a group whose restart is called off stays stopped.
    for child in list(turn.children.values()):
        if child is waiting or (child.phase is Phase.DOWN and child.goal is Goal.UP):
            turn.rest(child)


def _refusal(turn: Turn, request: Request) -> AdministrationError | None:
    if turn.stage in (Stage.CLOSING, Stage.CLOSED):
        return ShuttingDown(request.child)
    child = turn.children.get(request.child)
    match request:
        case StartChild():
            return _start_refusal(turn, request.child, child)
        case TerminateChild():
            return NotFound(request.child) if child is None else None
        case RestartChild() | DeleteChild():
            if turn.rules.max_children is not None:
                return NotAllowed(request.child)
            return _stopped_refusal(request.child, child)
        case _:
            assert_never(request)


def _start_refusal(turn: Turn, child_id: str, child: Child | None) -> AdministrationError | None:
    most = turn.rules.max_children
    if child is not None:
        return (AlreadyPresent if child.phase is Phase.DOWN else AlreadyStarted)(child_id)
    if most is not None and len(turn.children) >= most:
        return MaxChildrenReached(child_id)
    return None


def _stopped_refusal(child_id: str, child: Child | None) -> AdministrationError | None:
    if child is None:
        return NotFound(child_id)
    if child.phase is Phase.WAITING:
        return Restarting(child_id)
    return None if child.phase is Phase.DOWN else Running(child_id)
