"""A snapshot of the tree. It asks nobody, so it works while an actor hangs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from supervision.policy.state import Phase
from supervision.spec import SupervisorSpec, type_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from supervision.cell import AddressBook, Cell
    from supervision.spec import AnySpec

__all__ = ["TreeNode", "snapshot"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeNode:
    """One child at one moment.

    Attributes:
        path: where it is, the root's id first.
        id: its id.
        type: "worker" or "supervisor".
        state: "starting", "running", "stopping", "restarting" or "stopped".
        incarnation: which life, 0 before the first.
        restarts: starts after the first, for whatever reason.
        crashes: lives that ended by an exception.
        depth: messages that wait.
        load: cost that waits or is reserved, in the mailbox's units.
        limit: most cost that may wait; None for no bound.
        refused: offers refused for want of room.
        dead_letters: messages that nobody took, or will.
        lost: messages that went down with a life.
        abandoned: threads left behind.
        handled: messages handled, over all lives.
        busy: seconds spent handling them.
        handling_for: seconds that the message in flight has taken so far; None between messages.
        last_error: why the last failed life failed, in one line.
        children: in start order.
    """

    path: str
    id: str
    type: str
    state: str
    incarnation: int
    restarts: int
    crashes: int
    depth: int
    load: int
    limit: int | None
    refused: int
    dead_letters: int
    lost: int
    abandoned: int
    handled: int
    busy: float
    handling_for: float | None
    last_error: str | None
    children: tuple[TreeNode, ...]

    def walk(self) -> Iterator[TreeNode]:
        """This node and all below, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()


def snapshot(book: AddressBook, spec: AnySpec, state: str, now: float) -> TreeNode:
    """Take a snapshot of the tree below the root's spec.

    Args:
        book: the places.
        spec: the root's.
        state: the root's, which no supervisor knows.
        now: monotonic seconds.
    """
    return _node(book, book.cell(book.root), spec, state, now)


def _node(book: AddressBook, cell: Cell, spec: AnySpec, state: str, now: float) -> TreeNode:
    mailbox, stats = cell.mailbox, cell.stats
    since = stats.since
    return TreeNode(
        path=cell.path,
        id=spec.id,
        type=type_of(spec),
        state=state,
        incarnation=cell.incarnation,
        restarts=max(0, cell.incarnation - 1),
        crashes=stats.crashes,
        depth=mailbox.depth,
        load=mailbox.load,
        limit=mailbox.policy.limit,
        refused=mailbox.refused,
        dead_letters=mailbox.dead_letters,
        lost=stats.lost,
        abandoned=stats.abandoned,
        handled=stats.handled,
        busy=stats.busy,
        handling_for=None if since is None else max(0.0, now - since),
        last_error=cell.last_error,
        children=tuple(
            _node(book, book.cell(f"{cell.path}/{child.id}"), child, phase, now)
            for child, phase in _children(cell, spec, state)
        ),
    )


def _children(cell: Cell, spec: AnySpec, state: str) -> list[tuple[AnySpec, str]]:
    if cell.view is not None:
        # What an abandoned supervisor published last says nothing of its children.
        down = state == Phase.DOWN.value
        return [
            (child.spec, Phase.DOWN.value if down else child.phase.value)
            for child in cell.view.children.values()
        ]
    if isinstance(spec, SupervisorSpec):
        return [(child, Phase.DOWN.value) for child in spec.children]
    return []
