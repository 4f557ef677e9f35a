"""The middle of the daemon as one: Ticker, collector, PubSub and a monitor, really supervised."""

import random
from typing import Any

import pytest

from supervision import ChildSpec
from vsm_actors.actors.collector import MetricsCollector, mailbox
from vsm_actors.actors.monitor import MonitorActor, Outlets
from vsm_actors.actors.pubsub import PubSub, Recent, Topic
from vsm_actors.actors.ticker import Ticker
from vsm_actors.core.batch import batch_of
from vsm_actors.core.families import family
from vsm_actors.core.messages import Records, Sync
from vsm_actors.core.reading import Reading
from vsm_actors.core.record import Event
from vsm_actors.core.ticking import PERIOD, Ticked
from vsm_actors.core.window import Frame
from vsm_actors.core.window.merge import merge_all
from vsm_actors.core.window.view import View

A_PERIOD = PERIOD + 1e-9
ACTORS = ("ticker", "collector", "pubsub", "monitor")


class Rate:
    """Concludes how many operations a window held."""

    name = "Rate"
    system = 1

    def initial(self) -> float:
        return 0.0

    def fold(self, state: float, event: Event) -> float:
        raise NotImplementedError(event)

    def observe(self, state: float, view: View) -> float:
        assert state >= 0
        return sum(row.sum for row in view.rows("vsm_operations_total"))

    def conclude(self, state: float, now: float) -> tuple[float, tuple[Reading, ...]]:
        assert now > 0
        labels = {"path": "acme", "unit": "a"}
        reading = Reading(family="vsm_operation_rate", labels=labels, value=state, n=1)
        return state, (reading,)

    def refused(self, state: float) -> int:
        return int(min(state, 0.0))


@pytest.fixture
def pipeline(stage: Any) -> Any:
    book, ledger, table = stage.book, stage.ledger, stage.table
    stage.counter = table.intern(family("vsm_operations_total"), ("acme", "1", "a", "stamp", "ok"))
    subscribers = {Topic.FRAMES: (book["feed"],), Topic.WINDOWS: (book["monitor"],)}
    wiring: dict[str, tuple[Any, dict[str, object]]] = {
        "pubsub": (PubSub, {"subscribers": subscribers, "ledger": ledger}),
        "collector": (
            MetricsCollector,
            {"table": table, "pubsub": book["pubsub"], "ticker": book["ticker"], "ledger": ledger},
        ),
        "monitor": (
            MonitorActor,
            {
                "monitor": Rate(),
                "table": table,
                "outlets": Outlets(collector=book["collector"]),
                "ledger": ledger,
            },
        ),
        "ticker": (Ticker, {"collector": book["collector"], "ledger": ledger}),
    }
    specs = [
        ChildSpec(id=name, actor=actor, arguments=arguments, mailbox=mailbox(ledger))
        for name, (actor, arguments) in wiring.items()
    ]
    stage.run(*specs, sinks=("feed",))
    return stage


def settle(stage: Any) -> None:
    """Let what is under way pass through every actor, in the direction of the data."""
    stage.ask("ticker", Ticked(number=-1))
    stage.ask("collector", Sync(token=0))
    stage.ask("pubsub", Recent())
    stage.ask("monitor", Records(events=()))
    stage.ask("collector", Sync(token=0))
    stage.ask("pubsub", Recent())
    stage.ask("ticker", Ticked(number=-1))


def second(stage: Any) -> None:
    for _ in range(40):
        stage.clock.advance(A_PERIOD)
        settle(stage)


def offer(stage: Any, *values: float, series: int | None = None) -> None:
    ids = [stage.counter if series is None else series] * len(values)
    now = stage.clock.time()
    batch = batch_of("http", ids, list(values), time=now, arrival=stage.clock.monotonic())
    assert stage.book["collector"].offer(batch, cost=len(values))


def frames(stage: Any) -> list[Frame]:
    settle(stage)
    return [one for one in stage.seen("feed") if isinstance(one, Frame)]


def last(stage: Any, series: int, column: str) -> float:
    shown = [
        float(getattr(frame, column)[frame.series == series][0])
        for frame in frames(stage)
        if series in frame.series
    ]
    return shown[-1]


def test_a_reading_comes_back_as_a_figure_of_the_next_frames(pipeline: Any) -> None:
    offer(pipeline, 1.0, 2.0)
    second(pipeline)
    pipeline.clock.advance(A_PERIOD)
    names = {"path": "acme", "unit": "a"}
    reading = pipeline.table.intern(family("vsm_operation_rate"), tuple(names.values()))
    assert last(pipeline, reading, "last") == 3.0
    second(pipeline)
    pipeline.clock.advance(A_PERIOD)
    assert last(pipeline, reading, "last") == 0.0


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_crashes_anywhere_lose_nothing_but_the_message_in_flight(pipeline: Any, seed: int) -> None:
    chance = random.Random(seed)
    expected = poisoned = 0.0
    for _ in range(12):
        for _ in range(chance.randrange(1, 20)):
            value = float(chance.randrange(1, 100))
            offer(pipeline, value)
            expected += value
        if chance.random() < 0.7:
            offer(pipeline, 1.0, 1.0, series=10_000)
            poisoned += 2
        if chance.random() < 0.5:
            pipeline.book[chance.choice(ACTORS)].tell("what no actor takes")
        second(pipeline)
        pipeline.clock.advance(5.0)
    second(pipeline)
    assert last(pipeline, pipeline.counter, "sum") == expected
    dropped = {"source": "http", "reason": "crash"}
    assert pipeline.ledger.value("vsm_run_points_dropped_total", **dropped) == poisoned
    kept = merge_all(pipeline.ask("pubsub", Recent()))
    assert kept.sum[kept.series == pipeline.counter].tolist() == [expected]
    numbers = [frame.number for frame in frames(pipeline)]
    assert numbers == list(range(1, len(numbers) + 1))
