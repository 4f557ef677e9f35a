"""The supervisor's side of administration: who may ask for what, and who waits for an answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, assert_never

from supervision.errors import AdministrationError, NotAllowed, ShuttingDown
from supervision.policy.events import DeleteChild, RestartChild, StartChild, TerminateChild
from supervision.policy.state import Asked, Goal, Phase, Stage
from supervision.spec import DynamicSpec, Strategy, check_significance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from supervision.policy.effects import Reply
    from supervision.policy.events import Request
    from supervision.policy.state import Child, State
    from supervision.reply import Call, ReplyCell
    from supervision.runtime import Runtime
    from supervision.spec import AnySpec, SupervisorSpec

__all__ = ["Application", "Desk"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """A request as it travels to the supervisor; `caller` is the path of an actor that asks."""

    asked: Asked | None
    child: str
    caller: str | None
    spec: AnySpec | None
    arguments: Mapping[str, object]


class Desk:
    """The supervisor's side of administration: turns applications into requests, and answers."""

    def __init__(self, spec: SupervisorSpec | DynamicSpec, runtime: Runtime, path: str) -> None:
        """Open the desk of the supervisor at `path`."""
        self._spec = spec
        self._runtime = runtime
        self._path = path
        self._numbers = count(1)
        self._names = count(1)
        self._open: dict[int, ReplyCell] = {}

    def accept(self, call: Call, state: State) -> Request | None:
        """Turn an application into a request for the policy; None if it was refused here."""
        number = next(self._numbers)
        try:
            request = self._examine(call.message, number, state)
        except Exception as error:  # noqa: BLE001 -- whatever is wrong with it is the caller's to know
            call.reply.fail(error)
            return None
        self._open[number] = call.reply
        return request

    def _examine(self, application: object, number: int, state: State) -> Request:
        if not isinstance(application, Application):
            raise NotAllowed(type(application).__name__)
        self._check_caller(application, state)
        return self._request(application, number, state)

    def reply(self, effect: Reply) -> None:
        """Pass the policy's answer on."""
        reply = self._open.pop(effect.ticket)
        if isinstance(effect.answer, AdministrationError):
            reply.fail(effect.answer)
        else:
            reply.answer(effect.answer)

    def close(self, cause: AdministrationError) -> None:
        """Refuse everybody who still waits."""
        for reply in self._open.values():
            reply.fail(cause)
        self._open.clear()

    def _request(self, application: Application, number: int, state: State) -> Request:
        match application.asked:
            case Asked.START:
                spec = self._child_spec(application, state)
                cell = self._runtime.book.find(f"{self._path}/{spec.id}")
                lives = 0 if cell is None else cell.incarnation
                return StartChild(ticket=number, spec=spec, incarnation=lives)
            case Asked.TERMINATE:
                return TerminateChild(ticket=number, child=application.child)
            case Asked.RESTART:
                return RestartChild(ticket=number, child=application.child)
            case None:
                return DeleteChild(ticket=number, child=application.child)
            case _:
                assert_never(application.asked)

    def _child_spec(self, application: Application, state: State) -> AnySpec:
        if isinstance(self._spec, DynamicSpec):
            if application.spec is not None:
                raise NotAllowed(application.child)
            kind = self._spec.child
            return replace(
                kind,
                id=application.child or self._free_name(kind.id, state),
                arguments={**kind.arguments, **application.arguments},
            )
        if application.spec is None:
            raise NotAllowed(application.child)
        check_significance(application.spec, self._spec.auto_shutdown)
        return application.spec

    def _free_name(self, kind: str, state: State) -> str:
        names = (f"{kind}-{number}" for number in self._names)
        return next(name for name in names if name not in state.children)

    def _check_caller(self, application: Application, state: State) -> None:
        child = self._branch_of(application.caller, state)
        if child is None:
            return
        if application.asked is Asked.TERMINATE and child.spec.id == application.child:
            raise NotAllowed(application.child)
        starting = child.phase is Phase.STARTING and _serial(state)
        if child.phase is Phase.STOPPING or child.goal is not Goal.UP or starting:
            raise ShuttingDown(application.child)

    def _branch_of(self, caller: str | None, state: State) -> Child | None:
        prefix = f"{self._path}/"
        if caller is None or not caller.startswith(prefix):
            return None
        return state.children.get(caller[len(prefix) :].split("/", 1)[0])


def _serial(state: State) -> bool:
    return state.stage is Stage.BOOTING or state.rules.strategy is not Strategy.ONE_FOR_ONE
