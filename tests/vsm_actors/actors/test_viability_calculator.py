from typing import Any

import numpy as np
import pytest

from supervision import Actor, ChildSpec, Context, MailboxPolicy
from vsm_actors.actors.viability_calculator import MAILBOX, Overdue, ViabilityCalculator
from vsm_actors.core.batch import Batch
from vsm_actors.core.families import family
from vsm_actors.core.messages import Concluded
from vsm_actors.core.reading import Reading
from vsm_actors.core.viability import Viability
from vsm_actors.core.window import Window
from vsm_actors.core.window.merge import NOTHING

_SEEN = object()
PART = "vsm_system_health_part_ratio"


class Sink(Actor):
    """Keeps what it is told."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._kept: list[object] = []

    def handle(self, message: object) -> object:
        if message is _SEEN:
            return tuple(self._kept)
        self._kept.append(message)
        return None


def window(end: float) -> Window:
    return Window(
        start=end - 1.0,
        end=end,
        duration=1.0,
        series=NOTHING.series,
        count=NOTHING.count,
        sum=NOTHING.sum,
        min=NOTHING.min,
        max=NOTHING.max,
        last=NOTHING.last,
        time=NOTHING.time,
        source=NOTHING.source,
        ordinal=NOTHING.ordinal,
        sketch=NOTHING.sketch,
        buckets=NOTHING.buckets,
        members=NOTHING.members,
    )


def concluded(monitor: str, tick: float, *values: float) -> Concluded:
    readings = tuple(
        Reading(
            family="vsm_productivity_ratio",
            labels={"path": "acme", "unit": str(n), "index": "output"},
            value=value,
            n=1,
        )
        for n, value in enumerate(values)
    )
    return Concluded(monitor=monitor, system=1, tick=tick, readings=readings)


def calculating(stage: Any, room: int | None = None, **model: Any) -> Any:
    arguments = {
        "viability": Viability(**model),
        "monitors": ("a", "b"),
        "table": stage.table,
        "collector": stage.book["collector"],
        "ledger": stage.ledger,
    }
    collector = ChildSpec(id="collector", actor=Sink, mailbox=MailboxPolicy(limit=room))
    viability = ChildSpec(
        id="viability", actor=ViabilityCalculator, arguments=arguments, mailbox=MAILBOX
    )
    stage.run(collector, viability)
    return stage


@pytest.fixture
def calculator(stage: Any) -> Any:
    return calculating(stage)


def parts(stage: Any) -> list[tuple[float, float]]:
    """Time and value of the only part's ratio, in the order of the batches."""
    found = []
    for batch in stage.ask("collector", _SEEN):
        assert isinstance(batch, Batch)
        assert batch.source == "reading"
        for series, value, time in zip(batch.series, batch.value, batch.time, strict=True):
            if stage.table[int(series)].family.name == PART:
                found.append((float(time), float(value)))
    return found


def test_a_tick_is_rolled_up_as_soon_as_all_have_answered(calculator: Any) -> None:
    for message in (window(10.0), concluded("a", 10.0, 0.5)):
        calculator.ask("viability", message)
    assert parts(calculator) == []
    calculator.ask("viability", concluded("b", 10.0))
    assert parts(calculator) == [(10.0, 0.5)]


def test_answers_may_come_before_their_window(calculator: Any) -> None:
    for message in (concluded("a", 10.0, 0.5), concluded("b", 10.0), window(10.0)):
        calculator.ask("viability", message)
    assert parts(calculator) == [(10.0, 0.5)]


def test_nobody_is_waited_for_longer_than_250_ms(calculator: Any) -> None:
    calculator.ask("viability", window(10.0))
    calculator.ask("viability", concluded("a", 10.0, 0.5))
    calculator.clock.advance(0.249)
    assert parts(calculator) == []
    calculator.clock.advance(0.002)
    calculator.ask("viability", concluded("b", 10.0))
    assert parts(calculator) == [(10.0, 0.5)]


def test_the_next_window_closes_a_tick_that_is_still_open(calculator: Any) -> None:
    for message in (window(10.0), concluded("a", 10.0, 0.5), window(11.0)):
        calculator.ask("viability", message)
    assert parts(calculator) == [(10.0, 0.5)]


def test_a_monitor_that_falls_silent_counts_no_more_after_two_windows(calculator: Any) -> None:
    calculator.ask("viability", concluded("a", 10.0, 0.5))
    for tick in (11.0, 12.0, 13.0, 14.0):
        calculator.ask("viability", window(tick))
    assert [time for time, _ in parts(calculator)] == [10.0, 11.0, 12.0]


def test_an_answer_to_a_tick_that_was_closed_opens_nothing(calculator: Any) -> None:
    calculator.ask("viability", window(10.0))
    calculator.ask("viability", window(11.0))
    calculator.ask("viability", concluded("a", 10.0, 0.5))
    calculator.ask("viability", concluded("a", 11.0, 0.25))
    calculator.ask("viability", concluded("b", 11.0))
    assert parts(calculator) == [(11.0, 0.25)]


def test_patience_that_ends_after_the_tick_was_closed_does_nothing(calculator: Any) -> None:
    for message in (window(10.0), concluded("a", 10.0, 0.5), concluded("b", 10.0)):
        calculator.ask("viability", message)
    calculator.ask("viability", Overdue(tick=10.0))
    assert parts(calculator) == [(10.0, 0.5)]


def test_a_clock_that_was_set_back_does_not_stop_the_roll_ups(calculator: Any) -> None:
    for tick in (1000.0, 10.0):
        for message in (window(tick), concluded("a", tick, 0.5), concluded("b", tick)):
            calculator.ask("viability", message)
    assert [time for time, _ in parts(calculator)] == [1000.0, 10.0]


def test_what_was_concluded_survives_a_crash(calculator: Any) -> None:
    calculator.ask("viability", window(10.0))
    calculator.ask("viability", concluded("a", 10.0, 0.5))
    calculator.book["viability"].tell("poison")
    calculator.ask("viability", concluded("b", 11.0))
    calculator.ask("viability", window(12.0))
    assert parts(calculator) == [(11.0, 0.5)]


def test_reporters_past_the_bound_are_counted(stage: Any) -> None:
    calculating(stage, limit=1)
    stage.ask("viability", reports(stage, 3))
    refused = stage.ledger.value("vsm_run_folds_refused_total", monitor="ViabilityCalculator")
    assert refused == 2


def test_readings_without_room_are_counted_as_dropped(stage: Any) -> None:
    calculating(stage, room=1)
    calculator_sees = (concluded("a", 10.0, 0.5), concluded("b", 10.0), window(10.0))
    for message in calculator_sees:
        stage.ask("viability", message)
    dropped = {"source": "reading", "reason": "full"}
    assert stage.ledger.value("vsm_run_points_dropped_total", **dropped) > 1


def reports(stage: Any, paths: int) -> Window:
    known = family("vsm_events_total")
    ids = [stage.table.intern(known, (f"p{n}", "1", "", "policy.declared")) for n in range(paths)]
    one = np.ones(paths)
    base = window(10.0)
    return Window(
        start=base.start,
        end=base.end,
        duration=1.0,
        series=np.array(ids, dtype=np.int32),
        count=one,
        sum=one,
        min=one,
        max=one,
        last=one,
        time=one * 10.0,
        source=np.zeros(paths, dtype=np.int32),
        ordinal=np.zeros(paths, dtype=np.int64),
        sketch=base.sketch,
        buckets=base.buckets,
        members=base.members,
    )
