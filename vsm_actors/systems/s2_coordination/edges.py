"""Edges: one channel between two systems of a path, as labels name it."""

from typing import TypeAlias

from vsm_actors.core.record import Event

Edge: TypeAlias = tuple[str, str, str, str]
"""Path, from, to and channel."""


def edge_of(event: Event) -> Edge:
    """Return the edge that a message travels on."""
    return (event.path, event.attribute("from"), event.attribute("to"), event.attribute("channel"))


def edge_labels(edge: Edge) -> dict[str, str]:
    """Return the labels of an edge's readings."""
    path, origin, target, channel = edge
    return {"path": path, "from": origin, "to": target, "channel": channel}
