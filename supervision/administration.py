"""Administration of one supervisor, with OTP's functions and OTP's errors."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from supervision.desk import Application
from supervision.errors import NotFound, SystemStateError
from supervision.policy.state import ALIVE, Asked
from supervision.spec import AnySpec, ChildSpec, type_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from supervision.address import Address
    from supervision.cell import Cell
    from supervision.policy.state import State
    from supervision.runtime import Runtime

__all__ = ["Administration", "ChildInfo", "Counts"]

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
        self._view()  # or a worker would get the application as a message
        application = Application(
            asked=asked,
            child=child,
            caller=self._runtime.path_of_this_thread(),
            spec=spec,
            arguments=arguments,
        )
        return self._cell.address.ask(application, timeout)
