"""A snapshot of the tree as a look."""

import threading

from supervision import TreeNode
from vsm_actors.core.families import family
from vsm_actors.core.series import Limits, SeriesTable
from vsm_actors.intake.own.look import SeriesCount, Standing
from vsm_actors.intake.own.tree import count_series, look_at

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
    look = look_at(root, SeriesCount(alive=1), 10.0, 20.0)
    assert (look.time, look.monotonic, list(look.actors)) == (10.0, 20.0, ["root", "root/a"])
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


def test_series_are_counted_alive_retired_and_refused() -> None:
    table = SeriesTable(Limits(label_values=1), threading.Lock())
    used = family("vsm_resource_used")
    first = table.intern(used, ("box", "1", "a", "cpu"))
    table.intern(used, ("box", "1", "b", "cpu"))
    table.retire(first)
    assert count_series(table) == SeriesCount(alive=1, retired=1, overflows={"label": 1})
