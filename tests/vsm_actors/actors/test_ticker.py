from typing import Any

import pytest

from supervision import ChildSpec
from vsm_actors.actors.ticker import Beat, Ticker
from vsm_actors.core.messages import Tick
from vsm_actors.core.ticking import PATIENCE, PERIOD, Ticked

# Sums of periods round; a nanosecond more is past every one of them.
A_PERIOD = PERIOD + 1e-9


@pytest.fixture
def ticking(stage: Any) -> Any:
    arguments = {"collector": stage.book["collector"], "ledger": stage.ledger}
    stage.run(ChildSpec(id="ticker", actor=Ticker, arguments=arguments), sinks=("collector",))
    return stage


def answer(stage: Any, number: int) -> None:
    stage.ask("ticker", Ticked(number=number))


def ticks(stage: Any) -> list[Tick]:
    answer(stage, -1)
    return [one for one in stage.seen("collector") if isinstance(one, Tick)]


def test_it_ticks_every_25_milliseconds_and_closes_a_window_every_second(ticking: Any) -> None:
    for number in range(1, 81):
        ticking.clock.advance(A_PERIOD)
        answer(ticking, number)
    found = ticks(ticking)
    assert [one.number for one in found] == list(range(1, 81))
    assert [one.number for one in found if one.window] == [40, 80]
    assert found[0].now == pytest.approx(ticking.clock.time() - 79 * PERIOD)
    assert ticking.ledger.value("vsm_run_ticks_missed_total") == 0


def test_ticks_that_the_collector_cannot_take_merge_and_are_counted(ticking: Any) -> None:
    ticking.clock.advance(A_PERIOD)
    ticks(ticking)
    for _ in range(39):
        ticking.clock.advance(A_PERIOD)
        ticks(ticking)
    assert [one.number for one in ticks(ticking)] == [1]
    answer(ticking, 1)
    assert [(one.number, one.window) for one in ticks(ticking)] == [(1, False), (40, True)]
    assert ticking.ledger.value("vsm_run_ticks_missed_total") == 38


def test_a_tick_that_is_never_answered_is_given_up_after_a_second(ticking: Any) -> None:
    for _ in range(round(PATIENCE / PERIOD) + 2):
        ticking.clock.advance(A_PERIOD)
        ticks(ticking)
    first, second = ticks(ticking)
    assert first.number == 1
    assert second.monotonic - first.monotonic == pytest.approx(PATIENCE, abs=2 * PERIOD)


def test_it_goes_on_after_a_crash_without_ticking_twice(ticking: Any) -> None:
    ticking.clock.advance(A_PERIOD)
    answer(ticking, 1)
    ticking.book["ticker"].tell(Beat)
    answer(ticking, -1)
    for number in range(2, 5):
        ticking.clock.advance(A_PERIOD)
        answer(ticking, number)
    ticking.ask("ticker", Beat(incarnation=1))
    assert [one.number for one in ticks(ticking)] == [1, 2, 3, 4]


def test_nothing_ticks_once_it_is_stopped(ticking: Any) -> None:
    ticking.stop()
    assert ticking.clock.next_due() == float("inf")
