from dataclasses import dataclass, replace
from typing import Any

import pytest

from supervision import ChildSpec, MailboxPolicy
from vsm_actors.actors.monitor import MonitorActor, Outlets
from vsm_actors.core.batch import Batch
from vsm_actors.core.messages import Concluded, Deliver, Records, Replay
from vsm_actors.core.reading import Reading
from vsm_actors.core.record import Event
from vsm_actors.core.window import Window
from vsm_actors.core.window.merge import NOTHING
from vsm_actors.core.window.view import View


@dataclass(frozen=True, slots=True)
class Tally:
    events: int = 0
    windows: int = 0


class Counting:
    """A monitor that counts what it is given, and cannot bear poison."""

    name = "Counting"
    system = 1

    def initial(self) -> Tally:
        return Tally()

    def fold(self, state: Tally, event: Event) -> Tally:
        if event.name == "poison":
            raise ArithmeticError
        return replace(state, events=state.events + 1)

    def observe(self, state: Tally, view: View) -> Tally:
        if view.end == 13.0:
            raise ArithmeticError
        return replace(state, windows=state.windows + 1)

    def conclude(self, state: Tally, now: float) -> tuple[Tally, tuple[Reading, ...]]:
        assert now > 0
        if not state.events:
            return state, ()
        labels = {"path": "acme", "unit": "a"}
        reading = Reading(
            family="vsm_operation_rate", labels=labels, value=float(state.events), n=state.windows
        )
        return state, (reading,)

    def refused(self, state: Tally) -> int:
        return max(0, state.events - 3)


SINKS = ("collector", "viability", "channel")


def hosting(stage: Any, **outlets: Any) -> Any:
    arguments = {
        "monitor": Counting(),
        "table": stage.table,
        "outlets": Outlets(
            collector=stage.book["collector"], concluded=(stage.book["viability"],), **outlets
        ),
        "ledger": stage.ledger,
    }
    stage.run(ChildSpec(id="host", actor=MonitorActor, arguments=arguments), sinks=SINKS)
    return stage


@pytest.fixture
def host(stage: Any) -> Any:
    return hosting(stage)


def event(name: str = "operation.completed") -> Event:
    return Event(
        name=name, system=1, path="acme", time=1.0, arrival=1.0, measurements={}, attributes={}
    )


def window(end: float) -> Window:
    return replace(NOTHING, start=end - 1, end=end, duration=1.0)


def concluded(stage: Any) -> list[Concluded]:
    return [one for one in stage.seen("viability") if isinstance(one, Concluded)]


def test_every_window_is_answered_even_with_nothing(host: Any) -> None:
    host.ask("host", window(1.0))
    (answer,) = concluded(host)
    assert answer == Concluded(monitor="Counting", system=1, tick=1.0, readings=())
    assert host.seen("collector") == ()


def test_readings_return_to_the_bulk_lane_with_their_coverage_and_age(host: Any) -> None:
    host.ask("host", Records(events=(event(), event())))
    host.ask("host", window(1.0))
    (batch,) = host.seen("collector")
    assert isinstance(batch, Batch)
    names = [host.table[series].family.name for series in batch.series.tolist()]
    assert names == [
        "vsm_operation_rate",
        "vsm_reading_coverage_ratio",
        "vsm_reading_age_seconds",
    ]
    assert batch.source == "reading"
    assert batch.value.tolist() == [2.0, 1.0, 0.0]
    assert batch.time.tolist() == [1.0] * 3
    assert [one.value for one in concluded(host)[0].readings] == [2.0]


def test_a_receipt_is_given_once_the_events_are_folded(host: Any) -> None:
    received: list[tuple[Event, ...]] = []
    events = (event(), event())
    host.ask("host", Deliver(events=events, receipt=received.append))
    assert received == [events]
    host.ask("host", window(1.0))
    assert concluded(host)[0].readings[0].value == 2.0


@pytest.mark.parametrize("poison", [Records(events=(event(), event("poison"))), window(13.0)])
def test_what_a_monitor_cannot_fold_is_lost_alone(host: Any, poison: object) -> None:
    host.ask("host", Records(events=(event(),)))
    with pytest.raises(ArithmeticError):
        host.ask("host", poison)
    host.ask("host", Records(events=(event(),)))
    host.ask("host", window(14.0))
    assert concluded(host)[-1].readings[0].value == 2.0


def test_keys_that_the_bound_refuses_are_counted_once(host: Any) -> None:
    host.ask("host", Records(events=(event(),) * 5))
    with pytest.raises(ArithmeticError):
        host.ask("host", Records(events=(event("poison"),)))
    host.ask("host", Records(events=(event(),)))
    assert host.ledger.value("vsm_run_folds_refused_total", monitor="Counting") == 3


def test_readings_that_find_no_room_are_counted(stage: Any) -> None:
    stage.book.cell("root/collector").mailbox.policy = MailboxPolicy(limit=1)
    hosting(stage)
    stage.book.cell("root/collector").mailbox.policy = MailboxPolicy(limit=1)
    stage.ask("host", Records(events=(event(),)))
    stage.ask("host", window(1.0))
    dropped = {"source": "reading", "reason": "full"}
    assert stage.ledger.value("vsm_run_points_dropped_total", **dropped) == 3


def test_it_asks_for_a_replay_at_every_start_where_that_is_wired(stage: Any) -> None:
    hosting(stage, replays=stage.book["channel"])
    with pytest.raises(ArithmeticError):
        stage.ask("host", Records(events=(event("poison"),)))
    stage.ask("host", Records(events=()))
    assert stage.seen("channel") == (Replay(), Replay())
