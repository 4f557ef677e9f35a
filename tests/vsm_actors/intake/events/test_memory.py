"""What is refused is let go at once, without the garbage collector."""

import gc
import json
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from vsm_actors.intake.events.content import Form

MEGA = 1 << 20
PADDING = "x" * MEGA


@pytest.fixture(autouse=True)
def no_collection() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def held_after(act: Callable[[], object]) -> int:
    """Return the bytes that are still held after `act` and were not before."""
    act()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        act()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return after - before


def test_a_refused_cloud_event_does_not_hold_its_body(intake: Any) -> None:
    wrong = {"specversion": "2.0", "type": "oven.opened", "id": "1", "source": "s"}
    body = [wrong, {**wrong, "padding": PADDING}]

    def act() -> None:
        for _ in range(5):
            assert intake.take(body, Form.CLOUD_BATCH).rejected.total() == 2

    assert held_after(act) < MEGA


def test_nesting_at_the_limit_does_not_hold_the_body(intake: Any) -> None:
    padded = json.dumps({"event": "oven.opened", "padding": PADDING})

    def act() -> None:
        for depth in range(850, 1_001, 2):
            nested = '{"event":"a.b","attributes":{"x":' + "[" * depth + "]" * depth + "}}"
            assert intake.take(f"[{nested},{padded}]".encode()).rejected.total() >= 1

    assert held_after(act) < MEGA
