"""A snapshot of the tree as a look."""

from supervision import TreeNode
from vsm_actors.intake.own.look import Standing
from vsm_actors.intake.own.tree import look_at

LEAF = TreeNode(
    path="root/a",
    id="a",
    type="worker",
    state="running",
    incarnation=3,
    restarts=2,
    crashes=1,
    depth=4,
    load=40,
    limit=100,
    refused=5,
    dead_letters=6,
    lost=7,
    abandoned=8,
    handled=9,
    busy=1.5,
    handling_for=0.25,
    last_error="ValueError: bad: value",
    children=(),
)


def test_every_node_is_looked_at() -> None:
    root = TreeNode(
        **{
            **{name: getattr(LEAF, name) for name in LEAF.__slots__},
            "path": "root",
            "type": "supervisor",
            "handling_for": None,
            "last_error": None,
            "children": (LEAF,),
        }
    )
    look = look_at(root, {"label": 3}, 10.0, 20.0)
    assert (look.time, look.monotonic, list(look.actors)) == (10.0, 20.0, ["root", "root/a"])
    assert look.overflows == {"label": 3}
    assert not look.actors["root"].worker
    assert look.actors["root"].busy == 1.5
    assert look.actors["root/a"] == Standing(
        path="root/a",
        id="a",
        worker=True,
        state="running",
        incarnation=3,
        restarts=2,
        crashes=1,
        error="ValueError",
        depth=4,
        load=40,
        limit=100,
        refused=5,
        dead_letters=6,
        handled=9,
        lost=7,
        busy=1.75,
        abandoned=8,
    )
