"""A snapshot of the supervision tree, as a look at the daemon. Pure."""

from collections.abc import Mapping

from supervision import TreeNode
from vsm_actors.intake.own.look import Look, Standing


def look_at(tree: TreeNode, overflows: Mapping[str, int], time: float, monotonic: float) -> Look:
    """Return a look.

    Args:
        tree: the snapshot of the whole tree.
        overflows: misses that a cap of the series table refused so far, by cap.
        time: Unix seconds.
        monotonic: monotonic seconds.
    """
    actors = {node.path: _standing(node) for node in tree.walk()}
    return Look(time=time, monotonic=monotonic, actors=actors, overflows=dict(overflows))


def _standing(node: TreeNode) -> Standing:
    return Standing(
        path=node.path,
        id=node.id,
        worker=node.type == "worker",
        state=node.state,
        incarnation=node.incarnation,
        restarts=node.restarts,
        crashes=node.crashes,
        error=(node.last_error or "").partition(":")[0],
        depth=node.depth,
        load=node.load,
        limit=node.limit,
        refused=node.refused,
        dead_letters=node.dead_letters,
        handled=node.handled,
        lost=node.lost,
        busy=node.busy + (node.handling_for or 0.0),
        abandoned=node.abandoned,
    )
