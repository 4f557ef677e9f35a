"""Facts: events that stand for an amount, on their way to the lanes."""

import threading

import pytest

from vsm_actors.core.events import CATALOGUE
from vsm_actors.core.routing import Router
from vsm_actors.core.series import Limits, SeriesTable
from vsm_actors.intake.facts import Fact, Observed, Teller, gather

TELL = Teller("acme/web", 1_700_000_000.0)


@pytest.fixture
def table() -> SeriesTable:
    return SeriesTable(Limits(), threading.Lock())


def _gather(table: SeriesTable, *facts: Fact) -> Observed:
    return gather(facts, Router(table), source="host", now=TELL.now, arrival=5.0)


def _points(table: SeriesTable, observed: Observed) -> dict[tuple[str, ...], float]:
    batch = observed.batch
    return {
        (table[series].family.name, *table[series].labels): value
        for series, value in zip(batch.series.tolist(), batch.value.tolist(), strict=True)
    }


def test_an_amount_is_the_delta_of_the_counter(table: SeriesTable) -> None:
    observed = _gather(table, TELL.state("nginx", "processes", "sleeping", 30))
    assert _points(table, observed) == {
        ("vsm_states_total", "acme/web", "1", "nginx", "processes", "sleeping"): 30.0
    }


def test_measurements_are_the_values_of_gauges(table: SeriesTable) -> None:
    observed = _gather(table, TELL.resource("", "cpu", 1.5, 2.0, queued=3.0))
    place = ("acme/web", "1", "", "cpu")
    assert _points(table, observed) == {
        ("vsm_resource_used", *place): 1.5,
        ("vsm_resource_capacity", *place): 2.0,
        ("vsm_resource_queued", *place): 3.0,
    }


def test_completed_without_a_duration_adds_nothing_to_response_times(table: SeriesTable) -> None:
    observed = _gather(table, TELL.completed("a", "message", "ValueError", 4))
    points = _points(table, observed)
    assert points["vsm_operations_total", "acme/web", "1", "a", "message", "error"] == 4.0
    assert points["vsm_errors_total", "acme/web", "1", "a", "ValueError"] == 4.0
    assert not [key for key in points if key[0] == "vsm_response_time_seconds"]


def test_messages_name_their_edge(table: SeriesTable) -> None:
    observed = _gather(table, TELL.message("dropped", ("env", "1", "eth0"), "", 7))
    assert _points(table, observed) == {
        ("vsm_messages_total", "acme/web", "env", "1", "eth0", "dropped"): 7.0
    }


def test_records_reach_the_monitors_that_the_catalogue_names(table: SeriesTable) -> None:
    scan = TELL.scanned("network", "link.eth0", value=True, state="up")
    order = TELL.directive("issued", "a#1", "a", "restart")
    observed = _gather(table, scan, order, TELL.started("a", "process", 2))
    assert observed.records == {
        **dict.fromkeys(CATALOGUE["environment.scanned"].monitors, (scan.event,)),
        **dict.fromkeys(CATALOGUE["directive.issued"].monitors, (order.event,)),
    }


def test_batch_has_one_time_unit_weights_and_its_source(table: SeriesTable) -> None:
    batch = _gather(table, TELL.resource("", "cpu", 1.0, 2.0)).batch
    assert (batch.source, batch.arrival) == ("host", 5.0)
    assert batch.weight.tolist() == [1.0, 1.0]
    assert batch.time.tolist() == [TELL.now] * 2


@pytest.mark.parametrize(
    "fact",
    [
        TELL.resource("u", "cpu", 0.0, 1.0),
        TELL.resource("u", "cpu", 0.0, 1.0, 2.0),
        TELL.state("u", "s", "on"),
        TELL.started("u", "o", 1),
        TELL.completed("u", "o", "", 1),
        TELL.completed("u", "o", "E", 1),
        TELL.message("sent", ("1", "env", "eth0"), "", 1),
        TELL.message("received", ("env", "1", "eth0"), "", 1),
        TELL.directive("refused", "i", "u", "restart", "stopped"),
        TELL.scanned("s", "g", 1),
    ],
    ids=lambda fact: fact.event.name,
)
def test_facts_are_shaped_as_the_catalogue_says(fact: Fact) -> None:
    event, kind = fact.event, CATALOGUE[fact.event.name]
    assert event.system in kind.systems
    assert set(event.attributes) <= {one.name for one in kind.attributes}
    assert {one.name for one in kind.attributes if one.required} <= set(event.attributes)
    assert set(event.measurements) <= {one.name for one in kind.measurements}
    required = {one.name for one in kind.measurements if one.required}
    assert required - set(event.measurements) <= {"duration"}  # a look cannot know it
