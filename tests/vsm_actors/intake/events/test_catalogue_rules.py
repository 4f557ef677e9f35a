from collections.abc import Callable
from typing import Any

import pytest

from vsm_actors.intake.events.faults import Reason

Make = Callable[..., dict[str, Any]]


def refused(found: Any, field: str, reason: Reason) -> bool:
    return [fault.field for fault in found.faults] == [field] and found.rejected == {reason: 1}


@pytest.mark.parametrize("name", ["operation", "outcome"])
@pytest.mark.parametrize("value", ["", None])
def test_a_required_attribute_may_be_neither_absent_nor_empty(
    intake: Any, completed: Make, name: str, value: object
) -> None:
    event = completed()
    event["attributes"][name] = value
    assert refused(intake.take(event), f"attributes.{name}", Reason.MISSING)


def test_a_required_attribute_beside_the_labels_is_required_every_time(intake: Any) -> None:
    for _ in range(2):
        found = intake.take({"event": "policy.declared"})
        assert refused(found, "attributes.id", Reason.MISSING)


def test_a_required_measurement_must_be_there(intake: Any, completed: Make) -> None:
    for measurements in ({}, {"cost": 1}):
        found = intake.take(completed(measurements=measurements))
        assert refused(found, "measurements.duration", Reason.MISSING)


@pytest.mark.parametrize("outcome", ["OK", "fine", "ok "])
def test_a_choice_is_one_of_its_words(intake: Any, completed: Make, outcome: str) -> None:
    event = completed(attributes={"operation": "stamp", "outcome": outcome})
    assert refused(intake.take(event), "attributes.outcome", Reason.INVALID)


def test_a_choice_beside_the_labels_is_one_of_its_words(intake: Any) -> None:
    event = {
        "event": "threat.reported",
        "measurements": {"likelihood": 0, "impact": 0},
        "attributes": {"id": "1", "status": "maybe"},
    }
    assert refused(intake.take(event), "attributes.status", Reason.INVALID)


@pytest.mark.parametrize(("likelihood", "accepted"), [(0, 1), (1, 1), (-0.1, 0), (1.1, 0)])
def test_a_measurement_lies_in_its_bounds(intake: Any, likelihood: float, accepted: int) -> None:
    event = {
        "event": "threat.reported",
        "measurements": {"impact": 0.5, "likelihood": likelihood},
        "attributes": {"id": "1", "status": "open"},
    }
    found = intake.take(event)
    assert found.accepted == accepted
    assert [fault.field for fault in found.faults] == ["measurements.likelihood"][accepted:]


@pytest.mark.parametrize("value", [1e101, -1e101, 1.7e308])
def test_no_measurement_is_so_huge_that_sums_overflow(intake: Any, value: float) -> None:
    found = intake.take({"event": "oven.opened", "measurements": {"degrees": value}})
    assert refused(found, "measurements.degrees", Reason.RANGE)


@pytest.mark.parametrize("value", ["1", None, True, [1], {"a": 1}])
def test_a_measurement_is_a_number(intake: Any, completed: Make, value: object) -> None:
    found = intake.take(completed(measurements={"cost": 1, "duration": value}))
    assert refused(found, "measurements.duration", Reason.MALFORMED)


@pytest.mark.parametrize("name", ["", "a b", "1st", "x" * 65, "a\x00", "é"])
def test_an_unknown_measurement_needs_a_plain_name(intake: Any, name: str) -> None:
    found = intake.take({"event": "oven.opened", "measurements": {name: 1}})
    assert found.rejected == {Reason.INVALID: 1}


@pytest.mark.parametrize("name", ["a" * 129, "", "1a", "a b", "a\n", "\x1b[31m", "é", "a\x00b"])
def test_a_custom_event_needs_a_plain_name(intake: Any, name: str) -> None:
    found = intake.take({"event": name})
    assert refused(found, "event", Reason.INVALID)
    assert found.faults[0].reason.isprintable()


@pytest.mark.parametrize("name", ["oven.opened", "com.example:Oven/opened-2", "a" * 128])
def test_a_custom_event_with_a_plain_name_is_counted(intake: Any, name: str) -> None:
    found = intake.take({"event": name, "system": 2, "unit": "web"})
    assert intake.points(found) == [
        ("vsm_custom_events_total", ("host-1", "2", "web", name), 1.0, intake.now)
    ]


@pytest.mark.parametrize(
    "value", ["a\nb", "\x1b[31mred", "\x00", "\x7f", "\x85", "\u2028", "\u202eevil", "\ufeff"]
)
def test_a_label_value_holds_no_control_characters(
    intake: Any, completed: Make, value: str
) -> None:
    event = completed(attributes={"operation": value, "outcome": "ok"})
    found = intake.take(event)
    assert refused(found, "attributes.operation", Reason.INVALID)
    assert found.faults[0].reason.isprintable()


@pytest.mark.parametrize("value", ["größe", "作業", 'say "hi" \\ {x="y"}', "a b\xa0c", "👩‍🔧"])
def test_a_label_value_may_hold_any_other_text(intake: Any, completed: Make, value: str) -> None:
    event = completed(attributes={"operation": value, "outcome": "ok"})
    assert intake.points(intake.take(event))[0][1][3] == value


def test_control_characters_in_text_for_people_are_written_out(intake: Any) -> None:
    attributes = {"id": "1", "severity": "high", "kind": "pain", "message": "a\nb\x1b[31m"}
    [signal] = intake.take({"event": "algedonic.raised", "attributes": attributes}).signals
    assert signal.event.attributes["message"] == r"a\nb\x1b[31m"


@pytest.mark.parametrize(
    ("event", "name", "longest"),
    [
        ("algedonic.raised", "message", 1024),
        ("algedonic.raised", "id", 256),
        ("algedonic.raised", "unheard", 256),
        ("operation.started", "operation", 256),
    ],
)
def test_an_attribute_has_a_longest_value(intake: Any, event: str, name: str, longest: int) -> None:
    attributes = {"id": "1", "severity": "high", "kind": "pain", "operation": "x"}
    good = intake.take({"event": event, "attributes": {**attributes, name: "é" * longest}})
    assert good.accepted == 1
    found = intake.take({"event": event, "attributes": {**attributes, name: "é" * (longest + 1)}})
    assert refused(found, f"attributes.{name}", Reason.SIZE)


def test_unknown_attributes_are_kept_up_to_32(intake: Any) -> None:
    known = {"id": "1", "rule": "r"}
    many = {f"x{n}": "v" for n in range(32)}
    found = intake.take({"event": "policy.declared", "attributes": {**known, **many}})
    assert found.records["PolicyMonitor"][0].attributes == {**known, **many}
    more = {**known, **many, "one": "v"}
    found = intake.take({"event": "policy.declared", "attributes": more})
    assert refused(found, "attributes", Reason.SIZE)


def test_unknown_measurements_are_kept_up_to_32(intake: Any, completed: Make) -> None:
    many = {f"x{n}": 1 for n in range(32)}
    assert intake.take(completed(measurements={"duration": 1, **many})).accepted == 1
    found = intake.take(completed(measurements={"duration": 1, **many, "one": 1}))
    assert refused(found, "measurements", Reason.SIZE)


@pytest.mark.parametrize("name", ["", "a\nb", "x" * 65])
def test_an_unknown_attribute_has_a_short_name_without_control_characters(
    intake: Any, name: str
) -> None:
    found = intake.take({"event": "policy.declared", "attributes": {"id": "1", name: "v"}})
    assert found.accepted == 0


def test_the_unit_that_is_meant_is_a_segment_too(intake: Any) -> None:
    attributes = {"id": "1", "unit": "a b"}
    for event in ("finding.opened", "conflict.detected"):
        found = intake.take({"event": event, "attributes": attributes})
        assert refused(found, "attributes.unit", Reason.INVALID)


@pytest.mark.parametrize("value", [[1], {"a": 1}, [[]]])
def test_an_attribute_is_no_structure(intake: Any, completed: Make, value: object) -> None:
    event = completed(attributes={"operation": "x", "outcome": "ok", "error_type": value})
    assert refused(intake.take(event), "attributes.error_type", Reason.MALFORMED)


@pytest.mark.parametrize("attributes", [[], "x", 1, True])
def test_attributes_are_an_object(intake: Any, attributes: object) -> None:
    found = intake.take({"event": "oven.opened", "attributes": attributes})
    assert refused(found, "attributes", Reason.MALFORMED)


def test_numbers_as_attributes_are_written_as_in_json(intake: Any, completed: Make) -> None:
    attributes = {"operation": 5, "outcome": "error", "error_type": 500}
    found = intake.take(completed(attributes=attributes))
    labels = {name: labels for name, labels, _, _ in intake.points(found)}
    assert labels["vsm_errors_total"][3] == "500"
