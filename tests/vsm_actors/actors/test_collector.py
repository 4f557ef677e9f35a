from typing import Any

import numpy as np
import pytest

from supervision import ChildSpec
from vsm_actors.actors.collector import LIMIT, MetricsCollector, mailbox
from vsm_actors.actors.pubsub import Forward
from vsm_actors.core.batch import Batch, batch_of
from vsm_actors.core.collector import collecting
from vsm_actors.core.collector.collecting import BATCHES
from vsm_actors.core.collector.reduce import Pending, Reduction, reduced
from vsm_actors.core.collector.totals import IDLE
from vsm_actors.core.errors import BrokenBatchError
from vsm_actors.core.families import family
from vsm_actors.core.messages import Resend, Sync, Tick
from vsm_actors.core.series.directory import Directory
from vsm_actors.core.ticking import Ticked
from vsm_actors.core.window import Frame, Window


@pytest.fixture
def collecting_stage(stage: Any) -> Any:
    stage.counter = stage.table.intern(
        family("vsm_operations_total"), ("acme", "1", "a", "stamp", "ok")
    )
    stage.times = stage.table.intern(family("vsm_response_time_seconds"), ("acme", "1", "a"))
    arguments = {
        "table": stage.table,
        "pubsub": stage.book["pubsub"],
        "ticker": stage.book["ticker"],
        "ledger": stage.ledger,
    }
    spec = ChildSpec(
        id="collector",
        actor=MetricsCollector,
        arguments=arguments,
        mailbox=mailbox(stage.ledger),
    )
    stage.run(spec, sinks=("pubsub", "ticker"))
    return stage


def points(stage: Any, *values: float, series: int | None = None) -> Batch:
    ids = [stage.counter if series is None else series] * len(values)
    return batch_of(
        "http", ids, list(values), time=stage.clock.time(), arrival=stage.clock.monotonic()
    )


def tick(stage: Any, number: int = 1, *, window: bool = False) -> None:
    clock = stage.clock
    made = Tick(number=number, now=clock.time(), monotonic=clock.monotonic(), window=window)
    stage.ask("collector", made)


def frames(stage: Any) -> list[Frame]:
    return [one for one in stage.seen("pubsub") if isinstance(one, Frame)]


def crash(stage: Any, message: object) -> None:
    with pytest.raises(BrokenBatchError):
        stage.ask("collector", message)


def test_a_sync_answers_at_once_with_all_that_was_accepted_before(collecting_stage: Any) -> None:
    stage = collecting_stage
    assert stage.book["collector"].offer(points(stage, 1.0, 2.0), cost=2)
    assert stage.book["collector"].offer(points(stage, 4.0), cost=1)
    stage.ask("collector", Sync(token=9))
    (frame,) = frames(stage)
    assert (frame.tokens, frame.sum.tolist()) == ((9,), [7.0])
    assert stage.ledger.value("vsm_run_feed_latency_seconds") == 1


def test_a_tick_gives_a_frame_when_something_was_touched_and_is_answered(
    collecting_stage: Any,
) -> None:
    stage = collecting_stage
    tick(stage, 1)
    stage.ask("collector", points(stage, 1.0))
    tick(stage, 2)
    tick(stage, 3)
    assert [frame.number for frame in frames(stage)] == [1]
    assert stage.seen("ticker") == tuple(Ticked(number=number) for number in (1, 2, 3))


def test_a_window_comes_every_second_even_if_it_is_empty(collecting_stage: Any) -> None:
    stage = collecting_stage
    stage.ask("collector", points(stage, 1.0, 5.0))
    for number in (40, 80):
        stage.clock.advance(1.0)
        tick(stage, number, window=True)
    first, second = (one for one in stage.seen("pubsub") if isinstance(one, Window))
    assert (first.sum.tolist(), second.sum.tolist()) == ([6.0], [])
    assert (first.end, first.duration) == (second.start, 1.0)


def test_a_poisoned_batch_loses_only_itself_and_is_counted(collecting_stage: Any) -> None:
    stage = collecting_stage
    stage.ask("collector", points(stage, 1.0))
    crash(stage, points(stage, 1.0, 2.0, 3.0, series=999))
    stage.ask("collector", points(stage, 10.0))
    stage.ask("collector", Sync(token=1))
    (frame,) = frames(stage)
    assert frame.sum.tolist() == [11.0]
    dropped = {"source": "http", "reason": "crash"}
    assert stage.ledger.value("vsm_run_points_dropped_total", **dropped) == 3


def test_totals_and_open_window_survive_a_crash(collecting_stage: Any) -> None:
    stage = collecting_stage
    stage.ask("collector", points(stage, 1.0))
    tick(stage, 1)
    stage.ask("collector", points(stage, 2.0))
    crash(stage, points(stage, 1.0, series=-1))
    stage.clock.advance(1.0)
    tick(stage, 40, window=True)
    (window,) = (one for one in stage.seen("pubsub") if isinstance(one, Window))
    assert (window.sum.tolist(), window.duration) == ([3.0], 1.0)
    assert [frame.number for frame in frames(stage)] == [1, 2]
    assert frames(stage)[-1].sum.tolist() == [3.0]


def test_a_batch_that_breaks_the_reduction_is_found_after_the_restart(
    collecting_stage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = collecting_stage

    def breaks(pending: tuple[Pending, ...], directory: Directory) -> Reduction:
        if any(-1.0 in one.batch.value for one in pending):
            raise ArithmeticError
        return reduced(pending, directory)

    monkeypatch.setattr(collecting, "reduced", breaks)
    for value in (1.0, -1.0, 4.0):
        stage.ask("collector", points(stage, value))
    with pytest.raises(ArithmeticError):
        stage.ask("collector", Sync(token=1))
    stage.ask("collector", Sync(token=2))
    (frame,) = frames(stage)
    assert (frame.tokens, frame.sum.tolist()) == ((2,), [5.0])
    dropped = {"source": "http", "reason": "crash"}
    assert stage.ledger.value("vsm_run_points_dropped_total", **dropped) == 1


def test_a_feed_that_starts_anew_gets_everything_through_pubsub(collecting_stage: Any) -> None:
    stage = collecting_stage
    stage.ask("collector", points(stage, 1.0))
    stage.ask("collector", points(stage, 0.1, series=stage.times))
    tick(stage)
    stage.ask("collector", Resend(to=stage.book["ticker"]))
    forward = stage.seen("pubsub")[-1]
    assert isinstance(forward, Forward)
    assert forward.to is stage.book["ticker"]
    assert forward.frame.full
    assert forward.frame.series.tolist() == [stage.counter, stage.times]
    assert forward.frame.number == 1


def test_what_is_refused_or_clamped_is_counted(collecting_stage: Any) -> None:
    stage = collecting_stage
    stage.ask("collector", points(stage, float("nan"), 1.0))
    stage.ask("collector", points(stage, 1e300, series=stage.times))
    stage.ask("collector", Sync(token=1))
    rejected = {"source": "http", "reason": "not_finite"}
    assert stage.ledger.value("vsm_run_points_rejected_total", **rejected) == 1
    assert stage.ledger.value("vsm_run_sketch_clamped_total") == 1


def test_many_small_batches_are_reduced_before_the_tick(collecting_stage: Any) -> None:
    stage = collecting_stage
    for _ in range(BATCHES + 5):
        stage.book["collector"].tell(points(stage, 1.0))
    stage.ask("collector", Sync(token=1))
    assert frames(stage)[0].sum.tolist() == [BATCHES + 5.0]
    assert np.all(frames(stage)[0].count == BATCHES + 5)


def test_an_idle_series_retires_from_the_table(collecting_stage: Any) -> None:
    stage = collecting_stage
    stage.ask("collector", points(stage, 1.0))
    tick(stage, 1)
    stage.clock.advance(IDLE + 1)
    tick(stage, 2, window=True)
    assert stage.table.alive == 1
    assert stage.table.retired == 1
    tick(stage, 3)
    assert frames(stage)[-1].gone.tolist() == [stage.counter]


def test_the_mailbox_is_bounded_in_points(collecting_stage: Any) -> None:
    stage = collecting_stage
    collector = stage.book["collector"]
    assert collector.limit == LIMIT
    with collector.reserve(LIMIT):
        assert not collector.offer(points(stage, 1.0), cost=1)


def test_without_a_ticker_it_works_all_the_same(stage: Any) -> None:
    arguments = {"table": stage.table, "pubsub": stage.book["pubsub"], "ledger": stage.ledger}
    spec = ChildSpec(id="collector", actor=MetricsCollector, arguments=arguments)
    stage.run(spec, sinks=("pubsub",))
    counter = stage.table.intern(family("vsm_operation_cost_total"), ("acme", "1", "a", "EUR"))
    stage.ask("collector", points(stage, 1.0, series=counter))
    stage.clock.advance(IDLE + 1)
    tick(stage, window=True)
    stage.clock.advance(IDLE + 1)
    tick(stage, window=True)
    assert stage.table.alive == 0


def test_only_lost_batches_count_as_lost_points(stage: Any) -> None:
    lost = mailbox(stage.ledger).on_lost
    assert lost is not None
    lost(Sync(token=1), None)
    lost(batch_of("host", [0], [1.0], time=1.0, arrival=1.0), None)
    dropped = {"source": "host", "reason": "crash"}
    assert stage.ledger.value("vsm_run_points_dropped_total", **dropped) == 1
