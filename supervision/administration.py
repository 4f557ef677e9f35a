"""Administration of one supervisor, with OTP's functions and OTP's errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from supervision.errors import (
    AdministrationError,
    NotAllowed,
    NotFound,
    ShuttingDown,
    SystemStateError,
)
from supervision.policy_state import (
    ALIVE,
    Asked,
    DeleteChild,
    Goal,
    Phase,
    Reply,
    RestartChild,
    Stage,
    StartChild,
    State,
    TerminateChild,
)
from supervision.spec import AnySpec, ChildSpec, DynamicSpec, Strategy, check_significance

if TYPE_CHECKING:
    from supervision.address import Address
    from supervision.cell import Cell
    from supervision.policy_state import Child, Request
    from supervision.reply import Call, ReplyCell
    from supervision.runtime import Runtime
    from supervision.spec import SupervisorSpec

__all__ = ["Administration", "ChildInfo", "Counts", "Desk"]

_PATIENCE: Final = 30.0
_NO_ARGUMENTS: Final[Mapping[str, object]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildInfo:
    """One line of `which_children`.

    Attributes:
        id: its id.
        type: "worker" or "supervisor".
        state: "starting", "running", "stopping", "restarting" or "stopped" (OTP's undefined).
        incarnation: which life.
    """

    id: str
    type: str
    state: str
    incarnation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What `count_children` returns.

    Attributes:
        specs: children known, running or not.
        active: children with a thread.
        supervisors: of `specs`.
        workers: of `specs`.
    """

    specs: int
    active: int
    supervisors: int
    workers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """A request as it travels to the supervisor; `caller` is the path of an actor that asks."""

    asked: Asked | None
    child: str
    caller: str | None
    spec: AnySpec | None
    arguments: Mapping[str, object]


class Administration:
    """One supervisor, for those who change it while it runs.

    Looking needs no answer from the supervisor. Changing waits until the change is done.
    """

    def __init__(self, cell: Cell, runtime: Runtime) -> None:
        """Administer the supervisor at `cell`."""
        self._cell = cell
        self._runtime = runtime
        self.path = cell.path

    def start_child(
        self,
        spec: AnySpec | None = None,
        *,
        id: str = "",  # noqa: A002 -- it is the field's name everywhere else
        arguments: Mapping[str, object] = _NO_ARGUMENTS,
        timeout: float = _PATIENCE,
    ) -> Address | None:
        """Add a child and start it.

        Args:
            spec: for a supervisor with its own children: the child. Omitted for a dynamic one.
            id: for a dynamic supervisor: the child's id; made up when empty.
            arguments: for a dynamic supervisor: added to those of its child spec.
            timeout: seconds to wait for the answer.

        Returns:
            The child's address, or None if it asked to be ignored.

        Raises:
            AlreadyStarted: it runs, or is being restarted.
            AlreadyPresent: it is there but stopped.
            MaxChildrenReached: a dynamic supervisor is full.
            NotAllowed: a spec for a dynamic supervisor, or none for another.
            ChildStartFailed: its init failed; it is not added.
            ShuttingDown: the supervisor or the caller is being stopped.
            AskTimeout: no answer in time; the start may still succeed.
        """
        name = spec.id if spec is not None else id
        answer = self._apply(Asked.START, name, timeout, spec=spec, arguments=arguments)
        return self._address(answer)

    def terminate_child(self, child: str, timeout: float = _PATIENCE) -> None:
        """Stop a child; its spec stays, unless it is temporary or of a dynamic supervisor.

        Raises:
            NotFound: no such child.
            NotAllowed: an actor below that child asks, which could only wait for its own end.
            ShuttingDown: the supervisor or the caller is being stopped.
            AskTimeout: no answer in time; it is still being stopped.
        """
        self._apply(Asked.TERMINATE, child, timeout)

    def restart_child(self, child: str, timeout: float = _PATIENCE) -> Address | None:
        """Start a stopped child.

        Returns:
            The child's address, or None if it asked to be ignored.

        Raises:
            NotFound: no such child.
            Running: it is not stopped.
            Restarting: it waits for its restart.
            NotAllowed: the supervisor is dynamic.
            ChildStartFailed: its init failed; it stays stopped.
            ShuttingDown: the supervisor or the caller is being stopped.
            AskTimeout: no answer in time; the start may still succeed.
        """
        return self._address(self._apply(Asked.RESTART, child, timeout))

    def delete_child(self, child: str, timeout: float = _PATIENCE) -> None:
        """Forget a stopped child: its spec, its mailbox, its state.

        Raises:
            NotFound: no such child.
            Running: it is not stopped.
            Restarting: it waits for its restart.
            NotAllowed: the supervisor is dynamic.
            ShuttingDown: the supervisor or the caller is being stopped.
            AskTimeout: no answer in time.
        """
        self._apply(None, child, timeout)

    def get_child_spec(self, child: str) -> AnySpec:
        """The spec of a child.

        Raises:
            NotFound: no such child.
        """
        found = self._view().children.get(child)
        if found is None:
            raise NotFound(child)
        return found.spec

    def which_children(self) -> tuple[ChildInfo, ...]:
        """All children, in start order."""
        return tuple(
            ChildInfo(
                id=child.spec.id,
                type=type_of(child.spec),
                state=child.phase.value,
                incarnation=child.incarnation,
            )
            for child in self._view().children.values()
        )

    def count_children(self) -> Counts:
        """How many children of which kind."""
        children = self._view().children.values()
        workers = sum(isinstance(child.spec, ChildSpec) for child in children)
        return Counts(
            specs=len(children),
            active=sum(child.phase in ALIVE for child in children),
            supervisors=len(children) - workers,
            workers=workers,
        )

    def _view(self) -> State:
        if self._cell.view is None:
            msg = f"{self.path} has not been started, or is no supervisor"
            raise SystemStateError(msg)
        return self._cell.view

    def _address(self, answer: object) -> Address | None:
        if answer is None:
            return None
        return self._runtime.book.cell(f"{self.path}/{answer}").address

    def _apply(
        self,
        asked: Asked | None,
        child: str,
        timeout: float,
        *,
        spec: AnySpec | None = None,
        arguments: Mapping[str, object] = _NO_ARGUMENTS,
    ) -> object:
        application = Application(
            asked=asked,
            child=child,
            caller=self._runtime.path_of_this_thread(),
            spec=spec,
            arguments=arguments,
        )
        return self._cell.address.ask(application, timeout)


def type_of(spec: AnySpec) -> str:
    """Say "worker" or "supervisor", as OTP does."""
    return "worker" if isinstance(spec, ChildSpec) else "supervisor"


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
        application = call.message
        try:
            if not isinstance(application, Application):
                raise NotAllowed(type(application).__name__)
            self._check_caller(application, state)
            number = next(self._numbers)
            request = self._request(application, number, state)
        except Exception as error:  # noqa: BLE001 -- whatever is wrong with it is the caller's to know
            call.reply.fail(error)
            return None
        self._open[number] = call.reply
        return request

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
                cell = self._runtime.book.cell(f"{self._path}/{spec.id}")
                return StartChild(ticket=number, spec=spec, incarnation=cell.incarnation)
            case Asked.TERMINATE:
                return TerminateChild(ticket=number, child=application.child)
            case Asked.RESTART:
                return RestartChild(ticket=number, child=application.child)
            case None:
                return DeleteChild(ticket=number, child=application.child)

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
