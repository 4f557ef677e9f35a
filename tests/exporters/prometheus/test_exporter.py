import threading
from collections.abc import Callable
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from exporters.prometheus import Format, PrometheusExporter, Scrape, Unavailable, lost
from exporters.prometheus.exporter import WAITING
from supervision import AddressBook, ChildSpec, SupervisorSpec, System, VirtualClock
from vsm_actors.core.families import family


class Answers:
    """What replies were told, waited for as barriers."""

    def __init__(self) -> None:
        self.told: dict[int, bytes | Unavailable] = {}
        self.arrived = threading.Semaphore(0)

    def to(self, token: int) -> Callable[[bytes | Unavailable], None]:
        def reply(value: bytes | Unavailable) -> None:
            self.told.setdefault(token, value)
            self.arrived.release()

        return reply

    def scrape(self, token: int, *, waits: bool = True) -> Scrape:
        return Scrape(
            token=token, form=Format.TEXT, compress=False, reply=self.to(token), waits=waits
        )

    def wait(self, count: int) -> dict[int, bytes | Unavailable]:
        for _ in range(count):
            assert self.arrived.acquire(timeout=5)
        return self.told


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def exporter(table: Any) -> Any:
    """A supervised exporter whose collector never answers."""
    book = AddressBook("root")
    spec = ChildSpec(
        id="PrometheusExporter",
        actor=PrometheusExporter,
        arguments={
            "collector": book["MetricsCollector"],
            "table": table,
            "own": CollectorRegistry(),
        },
    )
    other = SupervisorSpec(id="MetricsCollector", children=())
    system = System(
        SupervisorSpec(id="root", children=(other, spec)), addresses=book, clock=VirtualClock()
    )
    system.start()
    yield book["PrometheusExporter"]
    assert not system.stop().unstopped


@pytest.mark.slow
def test_scrape_is_answered_by_the_frame_with_its_token(
    exporter: Any, answers: Answers, frame: Any, table: Any
) -> None:
    series = table.intern(family("vsm_states_total"), ("", "", "", "", ""))
    exporter.tell(frame([], full=True, number=6))
    exporter.tell(answers.scrape(1))
    exporter.tell(answers.scrape(2))
    exporter.tell(frame([series], sum=1.0, tokens=(7,), number=7))
    exporter.tell(frame([series], sum=2.0, tokens=(2, 1), number=8))
    told = answers.wait(2)
    assert told[1] == told[2]
    assert isinstance(told[1], bytes)
    assert told[1].endswith(b" 2.0\n")


@pytest.mark.slow
def test_frame_that_was_missed_holds_scrapes_until_all_totals_are_there(
    exporter: Any, answers: Answers, frame: Any, table: Any
) -> None:
    series = table.intern(family("vsm_states_total"), ("", "", "", "", ""))
    exporter.tell(frame([], full=True, number=6))
    exporter.tell(answers.scrape(1))
    exporter.tell(frame([], tokens=(1,), number=8))
    exporter.tell(answers.scrape(2, waits=False))
    assert isinstance(answers.wait(1)[2], Unavailable)
    exporter.tell(frame([series], sum=2.0, full=True, number=8))
    told = answers.wait(1)[1]
    assert isinstance(told, bytes)
    assert told.endswith(b" 2.0\n")


@pytest.mark.slow
def test_waiting_scrapes_are_bounded(exporter: Any, answers: Answers) -> None:
    for token in range(WAITING + 1):
        exporter.tell(answers.scrape(token))
    assert isinstance(answers.wait(1)[0], Unavailable)


@pytest.mark.slow
def test_quantiles_survive_a_crash_in_the_heir(
    exporter: Any, answers: Answers, frame: Any, window: Any, table: Any
) -> None:
    series = table.intern(family("vsm_message_lag_seconds"), ("a", "1", "2", "mail"))
    exporter.tell(window([(series, 100, 3.0)]))
    exporter.tell("poison")
    exporter.tell(frame([series], count=3.0, full=True))
    exporter.tell(answers.scrape(1, waits=False))
    told = answers.wait(1)[1]
    assert isinstance(told, bytes)
    assert b'quantile="0.5"} 7.' in told
    assert b"NaN" not in told


def test_scrape_that_is_lost_is_answered(answers: Answers) -> None:
    lost(answers.scrape(1), "crash")
    lost("another message", "crash")
    assert isinstance(answers.wait(1)[1], Unavailable)
