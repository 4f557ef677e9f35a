from typing import Any

import pytest

from vsm_actors.intake.errors import UnsupportedError
from vsm_actors.intake.events.content import Form, content_of
from vsm_actors.intake.events.faults import Reason

DATA = {"measurements": {"duration": 0.5}, "attributes": {"operation": "x", "outcome": "ok"}}
CLOUD: dict[str, Any] = {
    "specversion": "1.0",
    "type": "operation.completed",
    "id": "ce-1",
    "source": "desk",
    "time": "2026-11-23T10:15:30Z",
    "vsmpath": "acme",
    "vsmsystem": 2,
    "vsmunit": "web",
    "datacontenttype": "application/json",
    "data": DATA,
}
BINARY = {
    "specversion": "1.0",
    "type": "operation.completed",
    "id": "ce-1",
    "source": "desk",
    "time": "2026-11-23T10:15:30Z",
    "vsmpath": "acme",
    "vsmsystem": "2",
    "vsmunit": "web",
}
FIRST = ("vsm_operations_total", ("acme", "2", "web", "x", "ok"), 1.0, 1_795_428_930.0)


def test_a_structured_one_is_an_event(intake: Any) -> None:
    assert intake.points(intake.take(CLOUD, Form.CLOUD_EVENT))[0] == FIRST


def test_a_batch_holds_several(intake: Any) -> None:
    found = intake.take([CLOUD, {**CLOUD, "id": "ce-2"}], Form.CLOUD_BATCH)
    assert found.accepted == 2


def test_binary_mode_has_the_context_in_its_headers(intake: Any) -> None:
    assert intake.points(intake.take(DATA, Form.CLOUD_BINARY, **BINARY))[0] == FIRST


def test_binary_mode_needs_no_data(intake: Any) -> None:
    headers = {**BINARY, "type": "oven.opened", "source": "the%20desk"}
    assert intake.take(b"", Form.CLOUD_BINARY, **headers).accepted == 1


def test_its_id_is_the_event_id(intake: Any) -> None:
    intake.take(CLOUD, Form.CLOUD_EVENT)
    assert intake.take(DATA, Form.CLOUD_BINARY, **BINARY).duplicates == 1
    assert intake.take({**CLOUD, "source": "door"}, Form.CLOUD_EVENT).accepted == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"specversion": "0.3"}, "specversion"),
        ({"type": ""}, "type"),
        ({"id": ""}, "id"),
        ({"source": ""}, "source"),
        ({"vsmsystem": "6"}, "vsmsystem"),
        ({"vsmsystem": 2.5}, "vsmsystem"),
        ({"vsmsystem": 6}, "system"),
        ({"vsmpath": "a b"}, "path"),
        ({"data": "text"}, "data"),
        ({"data": {"measurements": {"duration": "x"}}}, "data.measurements[...]"),
        ({"data": None, "data_base64": "e30="}, "data_base64"),
    ],
)
def test_a_wrong_one_is_rejected_at_its_member(
    intake: Any, change: dict[str, Any], field: str
) -> None:
    found = intake.take([{**CLOUD, **change}, CLOUD], Form.CLOUD_BATCH)
    assert [fault.field for fault in found.faults] == [field]
    assert found.accepted == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [({"vsmsystem": "x"}, "vsmsystem"), ({"time": "soon"}, "time"), ({"id": ""}, "id")],
)
def test_a_wrong_header_is_rejected_by_name(
    intake: Any, change: dict[str, str], field: str
) -> None:
    found = intake.take(DATA, Form.CLOUD_BINARY, **{**BINARY, **change})
    assert [fault.field for fault in found.faults] == [field]


@pytest.mark.parametrize("member", ["path", "unit", "duration"])
def test_data_with_a_member_of_its_own_is_rejected_and_told_where_it_belongs(
    intake: Any, member: str
) -> None:
    data = {**DATA, member: "x"}
    structured = intake.take([{**CLOUD, "data": data}, CLOUD], Form.CLOUD_BATCH)
    binary = intake.take(data, Form.CLOUD_BINARY, **{**BINARY, "id": "ce-2"})
    assert structured.accepted == 1
    for found in (structured, binary):
        [fault] = found.faults
        assert fault.field == f"data.{member}"
        assert "known are measurements, attributes" in fault.reason
        assert "vsmpath, vsmunit and vsmsystem" in fault.reason


def test_extensions_of_others_are_ignored(intake: Any) -> None:
    event = {**CLOUD, "partitionkey": "7", "subject": "web", "dataschema": "urn:x"}
    assert intake.take(event, Form.CLOUD_EVENT).accepted == 1
    headers = {**BINARY, "partitionkey": "7", "id": "ce-2"}
    assert intake.take(DATA, Form.CLOUD_BINARY, **headers).accepted == 1


def test_binary_mode_without_a_type_is_rejected(intake: Any) -> None:
    headers = {name: value for name, value in BINARY.items() if name != "type"}
    found = intake.take(DATA, Form.CLOUD_BINARY, **headers)
    assert found.rejected == {Reason.MISSING: 1}


def test_broken_data_of_binary_mode_is_rejected(intake: Any) -> None:
    found = intake.take(b"{", Form.CLOUD_BINARY, **BINARY)
    assert found.rejected == {Reason.MALFORMED: 1}


@pytest.mark.parametrize("value", ["\udcff", "%1B[2J", "%FF"])
def test_raw_bytes_in_headers_do_no_harm(intake: Any, value: str) -> None:
    found = intake.take(DATA, Form.CLOUD_BINARY, **{**BINARY, "id": value})
    assert found.accepted + sum(found.rejected.values()) == 1
    assert all(fault.reason.isprintable() for fault in found.faults)


@pytest.mark.parametrize(
    ("media_type", "form"),
    [
        ("application/json", Form.JSON),
        ("application/x-ndjson", Form.LINES),
        ("application/ndjson", Form.LINES),
        ("application/jsonl", Form.LINES),
        ("application/cloudevents+json", Form.CLOUD_EVENT),
        ("application/cloudevents-batch+json", Form.CLOUD_BATCH),
    ],
)
def test_a_media_type_says_the_form(media_type: str, form: Form) -> None:
    assert content_of(media_type, "", {}).form is form
    assert content_of(media_type, "UTF-8", {}).form is form


@pytest.mark.parametrize("media_type", ["", "application/json"])
def test_a_specversion_header_says_binary_mode(media_type: str) -> None:
    content = content_of(media_type, "", {"CE-SpecVersion": "1.0", "Ce-Id": "1", "Accept": "*/*"})
    assert content.form is Form.CLOUD_BINARY
    assert content.headers == {"specversion": "1.0", "id": "1"}


@pytest.mark.parametrize(
    ("media_type", "charset", "headers"),
    [
        ("", "", {}),
        ("text/plain", "", {}),
        ("application/x-www-form-urlencoded", "", {}),
        ("text/plain", "", {"ce-specversion": "1.0"}),
        ("application/json", "utf-16", {}),
        ("application/cloudevents+avro", "", {}),
    ],
)
def test_any_other_content_is_not_supported(
    media_type: str, charset: str, headers: dict[str, str]
) -> None:
    with pytest.raises(UnsupportedError):
        content_of(media_type, charset, headers)
