"""The supervised intake: exact counts, a crash that loses its blob alone, gauges that survive."""

import queue
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from supervision import (
    SupervisorSpec,
    System,
    SystemClock,
    Timer,
    VirtualClock,
)
from vsm_actors.core.batch import Batch
from vsm_actors.core.series import Limits, SeriesTable
from vsm_actors.intake.statsd import actor as module
from vsm_actors.intake.statsd.actor import intake_spec
from vsm_actors.intake.statsd.decoder import decode
from vsm_actors.intake.statsd.keys import Keys
from vsm_actors.intake.statsd.messages import Received

if TYPE_CHECKING:
    from supervision import (
        Address,
        ChildSpec,
        Report,
    )

WAIT = 10.0


class Books:
    """Counts; every count is put on a queue too, as a barrier."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, ...]] = Counter()
        self.calls: queue.Queue[tuple[str, ...]] = queue.Queue()

    def count(self, family: str, amount: float = 1.0, **labels: str) -> None:
        key = (family.removeprefix("vsm_run_points_"), *labels.values())
        self.counts[key] += int(amount)
        self.calls.put(key)

    def set(self, family: str, value: float, **labels: str) -> None:
        raise NotImplementedError

    def observe(self, family: str, value: float, **labels: str) -> None:
        raise NotImplementedError


class Collector:
    """Takes batches while it has room."""

    def __init__(self) -> None:
        self.has_room = True
        self.batches: queue.Queue[Batch] = queue.Queue()
        self.refused = threading.Semaphore(0)

    def offer(self, message: object, cost: int = 1) -> bool:
        assert isinstance(message, Batch)
        assert cost == len(message) > 0
        if self.has_room:
            self.batches.put(message)
        else:
            self.refused.release()
        return self.has_room


class Tree:
    """A supervised intake between doubles."""

    def __init__(self, clock: Any) -> None:
        self.books, self.collector = Books(), Collector()
        table = SeriesTable(Limits(), threading.Lock())
        keys = Keys(table, threading.Lock(), default_path="shop")
        spec: ChildSpec = intake_spec(keys, self.collector, self.books)
        self.reports: list[Report] = []
        self.system = System(
            SupervisorSpec(id="top", children=(spec,)), clock=clock, on_report=self.reports.append
        )
        self.system.start()
        self.intake: Address = self.system.address("StatsD")

    def send(self, blob: bytes) -> None:
        assert self.intake.offer(Received(blob=blob, time=1.0, arrival=2.0), cost=len(blob))

    def values(self) -> list[float]:
        values: list[float] = self.collector.batches.get(timeout=WAIT).value.tolist()
        return values


@pytest.fixture
def tree() -> Iterator[Tree]:
    made = Tree(SystemClock())
    yield made
    made.system.stop()


def test_points_are_handed_over_and_counted(tree: Tree) -> None:
    tree.send(b"a:1|c\na:2:3|c\nbad\nworse\nu:x|s")
    batch = tree.collector.batches.get(timeout=WAIT)
    assert (batch.value.tolist(), len(batch.members)) == ([1.0, 2.0, 3.0], 1)
    assert {tree.books.calls.get(timeout=WAIT) for _ in range(2)} == {
        ("accepted_total", "statsd"),
        ("rejected_total", "statsd", "malformed"),
    }
    assert tree.books.counts == {
        ("accepted_total", "statsd"): 4,
        ("rejected_total", "statsd", "malformed"): 2,
    }


def test_a_blob_without_a_good_line_troubles_nobody(tree: Tree) -> None:
    tree.send(b"bad")
    tree.send(b"a:1|c")
    assert tree.values() == [1.0]


def test_a_crash_loses_its_blob_alone_and_gauges_survive_it(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(blob: bytes, *rest: Any, **named: Any) -> Any:
        if blob.startswith(b"boom"):
            raise RuntimeError
        return decode(blob, *rest, **named)

    monkeypatch.setattr(module, "decode", failing)
    tree.send(b"level:10|g")
    tree.send(b"boom:1|c\nboom:2|c")
    tree.send(b"level:+5|g")
    assert tree.values() == [10.0]
    assert tree.values() == [15.0]
    dropped = ("dropped_total", "statsd", "crash")
    while tree.books.calls.get(timeout=WAIT) != dropped:
        pass
    assert tree.books.counts[dropped] == 2


def test_a_batch_waits_for_room_at_the_collector_and_then_goes() -> None:
    clock = ArmedClock()
    tree = Tree(clock)
    tree.collector.has_room = False
    tree.send(b"a:1|c")
    assert tree.collector.refused.acquire(timeout=WAIT)
    tree.collector.has_room = True
    _advance_until(clock, lambda: not tree.collector.batches.empty())
    assert tree.values() == [1.0]
    tree.system.stop()
    assert tree.books.counts == {("accepted_total", "statsd"): 1}


def test_a_batch_that_finds_no_room_for_long_is_dropped_and_counted() -> None:
    clock = ArmedClock()
    tree = Tree(clock)
    tree.collector.has_room = False
    tree.send(b"a:1|c\na:2|c")
    _advance_until(clock, lambda: not tree.books.calls.empty())
    assert tree.books.counts == {("dropped_total", "statsd", "full"): 2}
    tree.system.stop()


def test_what_waits_when_the_intake_ends_for_good_is_counted_as_lost() -> None:
    books = Books()
    module.count_lost(books)(Received(blob=b"a\nb\n", time=1.0, arrival=1.0), None)
    module.count_lost(books)("something else", None)
    assert books.counts == {("dropped_total", "statsd", "crash"): 2}


class ArmedClock(VirtualClock):
    """Stands still, and says when somebody waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.armed = threading.Semaphore(0)

    def call_later(self, delay: float, callback: Callable[[], None]) -> Timer:
        timer = super().call_later(delay, callback)
        self.armed.release()
        return timer


def _advance_until(clock: ArmedClock, is_done: Callable[[], bool]) -> None:
    """Move the clock whenever somebody waits for it."""
    for _ in range(10_000):
        if is_done():
            return
        clock.armed.acquire(timeout=0.01)
        clock.advance(0.005)
    raise AssertionError
