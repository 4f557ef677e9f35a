"""From a spec to a life: binds the mailbox, makes the context, chooses the class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from supervision.actor import Context
from supervision.incarnation import Failing, Incarnation
from supervision.policy.events import StopAll
from supervision.spec import ChildSpec

if TYPE_CHECKING:
    from collections.abc import Callable

    from supervision.cell import Cell
    from supervision.policy.events import Event
    from supervision.runtime import Runtime
    from supervision.spec import AnySpec, DynamicSpec, SupervisorSpec

__all__ = ["bind", "conceive"]


def bind(cell: Cell, spec: AnySpec, runtime: Runtime) -> None:
    """Give a place the mailbox that its spec asks for."""
    cell.mailbox.policy = spec.mailbox
    cell.mailbox.on_callback_error = lambda name, error: runtime.callback_failed(cell, name, error)


def conceive(
    spec: AnySpec,
    cell: Cell,
    number: int,
    tell: Callable[[Event | Failing], None],
    runtime: Runtime,
) -> Incarnation:
    """Prepare the incarnation `number` of the child at `cell`; `start` it when all is noted."""
    bind(cell, spec, runtime)
    if isinstance(spec, ChildSpec):
        worker = spec
        return Incarnation(
            cell=cell,
            child=spec.id,
            number=number,
            birth=lambda run: worker.actor.start(_context(run), **worker.arguments),
            order=None,
            tell=tell,
            runtime=runtime,
        )
    return _supervisor(spec, cell, number, tell, runtime)


def _supervisor(
    spec: SupervisorSpec | DynamicSpec,
    cell: Cell,
    number: int,
    tell: Callable[[Event | Failing], None],
    runtime: Runtime,
) -> Incarnation:
    return Incarnation(
        cell=cell,
        child=spec.id,
        number=number,
        birth=lambda run: runtime.supervisor.start(_context(run), spec=spec, runtime=runtime),
        order=StopAll(),
        tell=tell,
        runtime=runtime,
    )


def _context(run: Incarnation) -> Context:
    return Context(
        id=run.child,
        path=run.cell.path,
        incarnation=run.number,
        address=run.cell.address,
        heir=run.cell.heir,
        clock=run.runtime.clock,
        run=run,
    )
