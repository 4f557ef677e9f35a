import threading
from collections.abc import Mapping
from typing import Any

import pytest

from vsm_actors.core.events import CATALOGUE, Lane
from vsm_actors.core.record import Event
from vsm_actors.core.routing import Router, label_attributes
from vsm_actors.core.series import Limits, SeriesTable


@pytest.fixture
def table() -> SeriesTable:
    return SeriesTable(Limits(), threading.Lock())


@pytest.fixture
def router(table: SeriesTable) -> Router:
    return Router(table)


def event(name: str, attributes: Mapping[str, str] | None = None, **more: Any) -> Event:
    given = {
        "system": 1,
        "path": "acme",
        "unit": "web",
        "time": 100.0,
        "arrival": 101.0,
        "measurements": {},
        **more,
    }
    return Event(name=name, attributes=attributes or {}, **given)


def counted(table: SeriesTable, router: Router, one: Event) -> dict[str, tuple[str, ...]]:
    return {
        table[point.series].family.name: table[point.series].labels for point in router.points(one)
    }


def test_a_completed_operation_counts_once_per_family_of_the_catalogue(
    table: SeriesTable, router: Router
) -> None:
    attributes = {"operation": "stamp", "outcome": "ok", "id": "7"}
    one = event("operation.completed", attributes, measurements={"duration": 0.5})
    assert counted(table, router, one) == {
        "vsm_operations_total": ("acme", "1", "web", "stamp", "ok"),
        "vsm_response_time_seconds": ("acme", "1", "web"),
        "vsm_operations_by_purpose_total": ("acme", "1", ""),
    }


def test_an_error_counts_as_one_only_when_the_outcome_says_so(
    table: SeriesTable, router: Router
) -> None:
    attributes = {"operation": "stamp", "outcome": "error", "error_type": "jam"}
    one = event("operation.completed", attributes, measurements={"duration": 0.5, "cost": 2.0})
    found = counted(table, router, one)
    assert found["vsm_errors_total"] == ("acme", "1", "web", "jam")
    assert found["vsm_operation_cost_total"] == ("acme", "1", "web", "")


def test_only_an_observation_of_a_histogram_is_traced(table: SeriesTable, router: Router) -> None:
    attributes = {"operation": "stamp", "outcome": "ok"}
    one = event("operation.completed", attributes, measurements={"duration": 0.5})
    traced = [table[point.series].family.name for point in router.points(one) if point.traced]
    assert traced == ["vsm_response_time_seconds"]


def test_a_label_made_of_several_attributes_joins_them(table: SeriesTable, router: Router) -> None:
    attributes = {"source": "press", "signal": "rumour", "state": "loud"}
    found = counted(
        table, router, event("environment.scanned", attributes, system=4, measurements={"value": 1})
    )
    assert found["vsm_states_total"] == ("acme", "4", "web", "environment", "press/rumour/loud")
    assert found["vsm_environment_value"] == ("acme", "press", "rumour")
    assert found["vsm_events_total"] == ("acme", "4", "web", "environment.scanned")


def test_a_count_that_wants_an_attribute_is_left_out_without_it(
    table: SeriesTable, router: Router
) -> None:
    edge = {"from": "1/web", "to": "3", "channel": "report"}
    assert "vsm_message_states_total" not in counted(table, router, event("message.sent", edge))
    said = counted(table, router, event("message.sent", {**edge, "state": "red"}))
    assert said["vsm_message_states_total"] == ("acme", "1/web", "3", "report", "sent", "red")


@pytest.mark.parametrize("without", [{}, {"action": ""}])
def test_an_act_that_is_not_named_is_no_state_of_its_stream(
    table: SeriesTable, router: Router, without: dict[str, str]
) -> None:
    silent = {"id": "1", "unit": "web", **without}
    assert counted(table, router, event("directive.issued", silent, system=3)).keys() == {
        "vsm_events_total"
    }
    named = event("directive.issued", {**silent, "action": "halt"}, system=3)
    assert counted(table, router, named)["vsm_states_total"][3:] == ("directives.action", "halt")


def test_a_signal_without_a_state_is_a_state_of_the_environment_still(
    table: SeriesTable, router: Router
) -> None:
    seen = {"source": "press", "signal": "rumour"}
    one = event("environment.scanned", seen, system=4, measurements={"value": 1})
    assert counted(table, router, one)["vsm_states_total"][3:] == ("environment", "press/rumour/")


def test_what_the_catalogue_does_not_know_is_counted_as_custom(
    table: SeriesTable, router: Router
) -> None:
    found = counted(table, router, event("oven.opened", measurements={"degrees": 180.0}))
    assert found == {
        "vsm_custom_events_total": ("acme", "1", "web", "oven.opened"),
        "vsm_custom_measurement": ("acme", "1", "web", "oven.opened", "degrees"),
    }


def test_an_unknown_measurement_of_a_known_event_is_counted_as_custom(
    table: SeriesTable, router: Router
) -> None:
    attributes = {"operation": "stamp"}
    one = event("operation.started", attributes, measurements={"heat": 3.0})
    found = counted(table, router, one)
    assert found["vsm_custom_measurement"] == ("acme", "1", "web", "operation.started", "heat")


def test_algedonic_events_take_their_own_lane_only(router: Router) -> None:
    one = event("algedonic.raised", {"id": "1", "severity": "high", "kind": "pain"})
    assert router.is_algedonic(one.name)
    assert router.points(one) == ()
    assert router.monitors(one.name, one.attributes) == ()


@pytest.mark.parametrize("pairing", [{"id": "1"}, {"in_reply_to": "1"}])
def test_a_message_goes_to_its_monitors_when_it_can_be_paired(
    router: Router, pairing: dict[str, str]
) -> None:
    assert router.monitors("message.sent", {"to": "3"}) == ()
    found = router.monitors("message.sent", {"to": "3", **pairing})
    assert found == ("CoordinationMonitor", "ChannelMonitor")


def test_events_of_one_request_are_sorted_by_lane_in_order(router: Router) -> None:
    found = router.route(
        [
            event("conflict.detected", {"id": "1", "between": "a,b"}, system=2),
            event("algedonic.raised", {"id": "p", "severity": "high", "kind": "pain"}),
            event("conflict.resolved", {"id": "1", "action": "queue"}, system=2, time=99.0),
        ],
        source="host",
        arrival=5.0,
    )
    assert [one.name for one in found.records["CoordinationMonitor"]] == [
        "conflict.detected",
        "conflict.resolved",
    ]
    assert [one.name for one in found.signals] == ["algedonic.raised"]
    assert found.batch.source == "host"
    assert found.batch.arrival == 5.0
    assert found.batch.time.tolist() == [100.0, 100.0, 99.0, 99.0]
    assert found.batch.weight.tolist() == [1.0] * 4


def test_no_events_make_an_empty_batch(router: Router) -> None:
    found = router.route([], source="host", arrival=5.0)
    assert (len(found.batch), found.records, found.signals) == (0, {}, ())


def test_only_label_attributes_decide_the_series() -> None:
    labels = label_attributes(CATALOGUE["operation.completed"])
    assert labels == {"operation", "outcome", "error_type", "purpose", "currency"}
    assert label_attributes(CATALOGUE["environment.scanned"]) == {"source", "signal", "state"}
    assert label_attributes(CATALOGUE["message.sent"]) == {"from", "to", "channel", "state"}


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_event_of_the_catalogue_can_be_routed(router: Router, name: str) -> None:
    kind = CATALOGUE[name]
    one = event(
        name,
        {attribute.name: "x" for attribute in kind.attributes},
        system=kind.systems[0],
        measurements={measurement.name: 0.5 for measurement in kind.measurements},
    )
    assert bool(router.points(one)) is (Lane.BULK in kind.lanes)
    assert bool(router.monitors(name, one.attributes)) is (Lane.EVENT in kind.lanes)
