"""``GET /api/v1/tree``: the supervision tree as it is now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from vsm_actors.http.answers import json_answer
from vsm_actors.http.route import Listener, Role, Route
from vsm_actors.http.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from supervision import TreeNode
    from vsm_actors.http.outlet import Outlet


class Mailbox(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for an actor.

    Attributes:
        depth: messages.
        load: what they cost, in points where the mailbox is bounded in points.
        limit: most that may wait, None for no bound.
        refused: offers refused for want of room.
        dead_letters: messages that nobody took, or will.
    """

    depth: int
    load: int
    limit: int | None
    refused: int
    dead_letters: int


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """One actor or supervisor.

    Attributes:
        path: from the root.
        actor: its id.
        type: worker or supervisor.
        state: starting, running, stopping, restarting or stopped.
        restarts: starts after the first.
        crashes: lives that ended by an error.
        incarnation: which life.
        mailbox: what waits.
        lost: messages that went down with a life.
        handled: messages handled over all lives.
        busy_seconds: spent handling them.
        handling_for_seconds: age of the message in work, None between messages.
        last_error: why the last failed life failed.
        children: below it, in start order.
    """

    path: str
    actor: str
    type: str
    state: str
    restarts: int
    crashes: int
    incarnation: int
    mailbox: Mailbox
    lost: int
    handled: int
    busy_seconds: float
    handling_for_seconds: float | None
    last_error: str | None
    children: tuple[Node, ...]


def node_of(node: TreeNode) -> Node:
    """Return a snapshot's node, and all below, as the API shows it."""
    return Node(
        path=node.path,
        actor=node.id,
        type=node.type,
        state=node.state,
        restarts=node.restarts,
        crashes=node.crashes,
        incarnation=node.incarnation,
        mailbox=Mailbox(
            depth=node.depth,
            load=node.load,
            limit=node.limit,
            refused=node.refused,
            dead_letters=node.dead_letters,
        ),
        lost=node.lost,
        handled=node.handled,
        busy_seconds=round(node.busy, 6),
        handling_for_seconds=node.handling_for,
        last_error=None if node.last_error is None else printable(node.last_error),
        children=tuple(node_of(child) for child in node.children),
    )


def routes(outlet: Outlet) -> tuple[Route, ...]:
    """Return the resource's routes."""

    async def show(request: web.Request, _parameters: Mapping[str, str]) -> web.StreamResponse:
        return json_answer(request, node_of(outlet.tree()))

    return (
        Route(
            listener=Listener.READ,
            method="GET",
            path="/api/v1/tree",
            handler=show,
            role=Role.READ,
            summary="The supervision tree: state, restarts, mailbox and last error of every actor.",
        ),
    )
