from collections.abc import Callable
from typing import Any

import pytest

from vsm_actors.intake.events.faults import FAULTS, Fault, Reason, shown
from vsm_actors.intake.events.wire import ENVELOPE

PAIN = {"id": "1", "severity": "high", "kind": "pain"}
EDGE = {"to": "3", "channel": "report"}


def test_an_event_without_an_envelope_happened_here_and_now_in_system_1(
    intake: Any, completed: Callable[..., dict[str, Any]]
) -> None:
    found = intake.take(completed())
    assert intake.points(found)[0] == (
        "vsm_operations_total",
        ("host-1", "1", "", "stamp", "ok"),
        1.0,
        intake.now,
    )
    assert (found.accepted, dict(found.rejected), found.faults) == (1, {}, ())


@pytest.mark.parametrize(
    ("event", "system"),
    [
        ("conflict.detected", 2),
        ("finding.opened", 3),
        ("adaptation.proposed", 4),
        ("policy.declared", 5),
    ],
)
def test_the_system_follows_from_the_name(intake: Any, event: str, system: int) -> None:
    found = intake.take({"event": event, "attributes": {"id": "1", "unit": "web"}})
    [record] = {one.name: one for records in found.records.values() for one in records}.values()
    assert record.system == system


def test_an_operation_may_come_from_any_system(
    intake: Any, completed: Callable[..., dict[str, Any]]
) -> None:
    found = intake.take(completed(system=4))
    assert intake.points(found)[0][1][1] == "4"


@pytest.mark.parametrize(
    ("event", "attributes", "system"),
    [
        ("conflict.detected", {"id": "1"}, 3),
        ("algedonic.raised", PAIN, 5),
        ("oven.opened", {}, 6),
        ("oven.opened", {}, 0),
    ],
)
def test_a_system_that_may_not_report_an_event_is_refused(
    intake: Any, event: str, attributes: dict[str, str], system: int
) -> None:
    found = intake.take({"event": event, "attributes": attributes, "system": system})
    assert [fault.field for fault in found.faults] == ["system"]
    assert found.rejected == {Reason.INVALID: 1}


@pytest.mark.parametrize("system", ["3", 3.0, True, [3]])
def test_a_system_is_an_integer(intake: Any, system: object) -> None:
    found = intake.take({"event": "oven.opened", "system": system})
    assert [fault.field for fault in found.faults] == ["system"]


@pytest.mark.parametrize("path", ["a", "acme/plant-a/line-3", "/".join(["x" * 64] * 16)])
def test_a_path_that_follows_the_grammar_is_kept(intake: Any, path: str) -> None:
    assert intake.points(intake.take({"event": "oven.opened", "path": path}))[0][1][0] == path


@pytest.mark.parametrize(
    "path",
    ["", "/", "a/", "/a", "a//b", "a b", "é", "a\n", "a\x1b[31m", "x" * 65, "/".join("a" * 17)],
)
def test_a_path_outside_the_grammar_is_refused(intake: Any, path: str) -> None:
    found = intake.take({"event": "oven.opened", "path": path})
    [fault] = found.faults
    assert fault.field == "path"
    assert fault.reason.isprintable()


@pytest.mark.parametrize("path", ["vsm-run", "vsm-run/System1Supervisor"])
def test_the_daemons_own_path_is_reserved(intake: Any, path: str) -> None:
    found = intake.take({"event": "oven.opened", "path": path})
    assert found.rejected == {Reason.RESERVED: 1}


@pytest.mark.parametrize("unit", ["press 3", "a/b", "x" * 65, "\x00"])
def test_a_unit_is_a_segment_of_a_path(intake: Any, unit: str) -> None:
    found = intake.take({"event": "oven.opened", "unit": unit})
    assert [fault.field for fault in found.faults] == ["unit"]


@pytest.mark.parametrize(
    ("envelope", "ends"),
    [
        ({}, {"from": "1", "to": "3"}),
        ({"unit": "web"}, {"from": "1/web", "to": "3"}),
        ({"unit": "web", "system": 2}, {"from": "2", "to": "3"}),
    ],
)
def test_a_sent_message_comes_from_its_reporter(
    intake: Any, envelope: dict[str, Any], ends: dict[str, str]
) -> None:
    found = intake.take({"event": "message.sent", "attributes": {**EDGE, "id": "1"}, **envelope})
    [record] = found.records["ChannelMonitor"]
    assert {end: record.attributes[end] for end in ("from", "to")} == ends


def test_a_received_message_goes_to_its_reporter(intake: Any) -> None:
    attributes = {"from": "env", "channel": "orders", "id": "1"}
    found = intake.take({"event": "message.received", "unit": "web", "attributes": attributes})
    [record] = found.records["ChannelMonitor"]
    assert (record.attributes["from"], record.attributes["to"]) == ("env", "1/web")


def test_a_received_message_must_say_where_it_is_from(intake: Any) -> None:
    found = intake.take({"event": "message.received", "attributes": {"channel": "orders"}})
    assert found.faults == (Fault(0, "attributes.from", "required"),)


@pytest.mark.parametrize(("end", "system"), [("3", 3), ("1/web", 1), ("env", 1)])
def test_the_system_of_a_message_follows_from_its_reporters_end(
    intake: Any, end: str, system: int
) -> None:
    attributes = {**EDGE, "from": end, "id": "1"}
    found = intake.take({"event": "message.sent", "attributes": attributes})
    assert found.records["ChannelMonitor"][0].system == system


@pytest.mark.parametrize("end", ["0", "6", "2/web", "1/", "1/a b", "ENV", "everyone", "1/a/b"])
def test_an_end_of_a_message_follows_the_grammar(intake: Any, end: str) -> None:
    for name in ("from", "to"):
        attributes = {**EDGE, name: end}
        found = intake.take({"event": "message.sent", "attributes": attributes})
        assert [fault.field for fault in found.faults] == [f"attributes.{name}"]


@pytest.mark.parametrize(
    "time", ["2026-11-23T10:15:30Z", "2026-11-23T11:15:30+01:00", 1_795_428_930, 1_795_428_930.0]
)
def test_a_time_is_rfc_3339_or_unix_seconds(intake: Any, time: object) -> None:
    found = intake.take({"event": "oven.opened", "time": time})
    assert found.batch.time.tolist() == [1_795_428_930.0]


def test_a_time_ahead_is_capped_at_arrival(intake: Any) -> None:
    found = intake.take({"event": "oven.opened", "time": intake.now + 299})
    assert found.batch.time.tolist() == [intake.now]


@pytest.mark.parametrize("offset", [-86_401, 301, 1e12, -1e300, 1e300])
def test_a_time_too_far_off_is_refused(intake: Any, offset: float) -> None:
    found = intake.take({"event": "oven.opened", "time": intake.now + offset})
    assert found.rejected == {Reason.TIME: 1}


def test_the_bounds_of_time_are_configuration(new_intake: Callable[..., Any]) -> None:
    intake = new_intake(oldest=10.0, ahead=1.0)
    for offset, accepted in ((-10, 1), (-11, 0), (1, 1), (2, 0)):
        found = intake.take({"event": "oven.opened", "time": intake.now + offset})
        assert found.accepted == accepted


@pytest.mark.parametrize(
    "time",
    ["yesterday", "2026-11-23", "2026-11-23T10:15:30", "2026-13-23T10:15:30Z", "", True, [], {}],
)
def test_a_time_that_is_none_is_refused(intake: Any, time: object) -> None:
    found = intake.take({"event": "oven.opened", "time": time})
    assert [fault.field for fault in found.faults] == ["time"]


def test_a_record_carries_what_was_said(intake: Any) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    found = intake.take(
        {
            "event": "threat.reported",
            "path": "acme",
            "unit": "watch",
            "time": intake.now - 5,
            "measurements": {"likelihood": 0.5, "impact": 1, "mood": 3},
            "attributes": {"id": 7, "status": "open", "seen": True, "by": None, "ratio": 0.5},
            "source": "desk",
            "traceparent": trace,
        }
    )
    [record] = found.records["ThreatAnalyzer"]
    assert (record.system, record.path, record.unit, record.source) == (4, "acme", "watch", "desk")
    assert (record.time, record.arrival, record.trace) == (intake.now - 5, intake.now, trace)
    assert record.measurements == {"likelihood": 0.5, "impact": 1.0, "mood": 3.0}
    assert record.attributes == {"id": "7", "status": "open", "seen": "true", "ratio": "0.5"}


def test_signals_carry_their_place_in_the_request(intake: Any) -> None:
    body = [{"event": "oven.opened"}, {"event": "algedonic.raised", "attributes": PAIN}]
    [signal] = intake.take(body).signals
    assert (signal.index, signal.event.name, signal.claim) == (1, "algedonic.raised", None)


def test_null_is_the_same_as_absent(intake: Any) -> None:
    members = ("system", "path", "unit", "time", "measurements", "attributes", "event_id", "source")
    found = intake.take({"event": "oven.opened", **dict.fromkeys(members)})
    assert found.accepted == 1


@pytest.mark.parametrize(
    ("member", "near"),
    [
        ("sytem", "system"),
        ("id", "event_id"),
        ("measurement", "measurements"),
        ("trace_parent", "traceparent"),
        ("", "event"),
        ("\u2029`\x1b", "event"),
        ("x" * 10_000, "event"),
    ],
)
def test_a_member_that_is_not_known_is_refused_beside_the_nearest_that_is(
    intake: Any, member: str, near: str
) -> None:
    found = intake.take([{"event": "oven.opened", member: 5}, {"event": "oven.opened"}])
    [fault] = found.faults
    assert fault.field == shown(member)
    assert fault.reason.startswith(f"is not known here; known are {near}, ")
    assert set(ENVELOPE.names) == set(fault.reason.partition("known are ")[2].split(", "))
    assert (found.accepted, found.rejected) == (1, {Reason.INVALID: 1})


def test_members_that_are_not_known_are_counted_as_such_past_the_faults_that_are_listed(
    intake: Any,
) -> None:
    found = intake.take([{"event": "oven.opened", "other": 1}] * (FAULTS + 5))
    assert (len(found.faults), found.rejected) == (FAULTS, {Reason.INVALID: FAULTS + 5})
