import json
import tracemalloc
from typing import Any

import pytest
from msgspec import Raw

from vsm_actors.core.series import Limits
from vsm_actors.intake.errors import BrokenBodyError
from vsm_actors.intake.events import framing
from vsm_actors.intake.events.content import Form
from vsm_actors.intake.events.faults import EventFault, Reason
from vsm_actors.intake.events.wire import words

GOOD = b'{"event":"oven.opened"}'
DEEP = 100_000

BAD_EVENTS = [
    b"{}",
    b"[]",
    b"1",
    b'"x"',
    b"null",
    b'{"event":}',
    b'{"event":"a.b" "path":1}',
    b"{event:1}",
    b'{"event":"a.b","measurements":{"x":NaN}}',
    b'{"event":"a.b","measurements":{"x":-Infinity}}',
    b'{"event":"a.b","measurements":{"x":1e999}}',
    b'{"event":"a.b","measurements":{"x":1' + b"0" * 5_000 + b"}}",
    b'{"event":"a.b","measurements":{"x":01}}',
    b'{"event":"a.b","system":1' + b"0" * 5_000 + b"}",
    b'{"event":"a.b","attributes":{"x":1' + b"0" * 5_000 + b"}}",
    b'{"event":"a.b","attributes":{"x":1e999}}',
    b'{"event":"\xff\xfe"}',
    b'{"event":"a.b","attributes":{"x":"\xc3"}}',
    b'{"event":"a.b","attributes":{"\xff":"x"}}',
    b'{"event":"\\ud800"}',
    b'{"event":"a.b","attributes":{"x":"\\udfff"}}',
    b'{"event":"a.b","unit":"\\u0000"}',
    b'{"event":"a.b","time":1e308}',
    b'{"event":"a.b","event_id":"' + b"x" * 257 + b'"}',
    b'{"event":"a.b","event_id":"\\u001b[2J"}',
    b'{"event":"a.b","source":"\\u001b[2J"}',
    b'{"event":"a.b","source":"' + b"x" * 257 + b'"}',
    b'{"event":"a.b","event_id":1.5}',
    b'{"event":"a.b","attributes":' + b'{"a":' * DEEP + b"1" + b"}" * DEEP + b"}",
    b'{"event":"a.b","measurements":{"x":' + b"[" * DEEP + b"]" * DEEP + b"}}",
    b'{"event":"a.b","other":' + b"[" * DEEP + b"]" * DEEP + b"}",
]
IDS = [bad[:48].decode("ascii", "backslashreplace") for bad in BAD_EVENTS]


@pytest.mark.parametrize("bad", BAD_EVENTS, ids=IDS)
def test_a_bad_event_of_an_array_loses_itself_only(intake: Any, bad: bytes) -> None:
    found = intake.take(b"[" + b",".join([GOOD, bad, GOOD]) + b"]")
    assert found.accepted == 2
    [fault] = found.faults
    assert fault.index == 1
    assert fault.reason.isprintable()
    assert len(fault.reason) < 200
    assert fault.field.isprintable()


@pytest.mark.parametrize("bad", BAD_EVENTS, ids=IDS)
def test_a_bad_line_loses_itself_only(intake: Any, bad: bytes) -> None:
    found = intake.take(b"\n".join([GOOD, bad, b"", GOOD]), Form.LINES)
    assert found.accepted == 2
    assert [fault.index for fault in found.faults] == [1]


@pytest.mark.parametrize("bad", BAD_EVENTS, ids=IDS)
def test_a_bad_event_alone_is_rejected_with_the_same_reason(intake: Any, bad: bytes) -> None:
    if bad == b"[]":
        return
    [among] = intake.take(b"[" + b",".join([GOOD, bad, GOOD]) + b"]").faults
    [alone] = intake.take(bad).faults
    assert (alone.field, alone.reason) == (among.field, among.reason)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \n\t",
        b"\xef\xbb\xbf",
        b"[",
        b"[" * DEEP,
        b"[" + GOOD,
        b"[" + GOOD + b",",
        b"[" + GOOD + b"}",
        b"[" + GOOD + b"] x",
        b"[" + GOOD + b"]]",
        b'[{"event":"oven.op',
        b'["',
    ],
)
def test_a_broken_array_is_broken_as_a_whole(intake: Any, body: bytes) -> None:
    with pytest.raises(BrokenBodyError):
        intake.decode(body)


@pytest.mark.parametrize("body", [b"", b"\n\n \r\n\t"])
def test_lines_without_a_line_are_broken_as_a_whole(intake: Any, body: bytes) -> None:
    with pytest.raises(BrokenBodyError):
        intake.decode(body, Form.LINES)


def test_a_broken_object_is_one_rejected_event(intake: Any) -> None:
    found = intake.take(b'{"event":')
    assert found.rejected == {Reason.MALFORMED: 1}


def test_an_empty_array_holds_nothing(intake: Any) -> None:
    found = intake.take(b"[]")
    assert (found.accepted, found.rejected) == (0, {})


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\n\n"])
def test_lines_may_end_in_any_way(intake: Any, end: bytes) -> None:
    assert intake.take(end.join([GOOD, GOOD, b""]), Form.LINES).accepted == 2


@pytest.mark.parametrize("form", [Form.JSON, Form.LINES])
def test_a_byte_order_mark_is_passed_over(intake: Any, form: Form) -> None:
    assert intake.take(b"\xef\xbb\xbf" + GOOD, form).accepted == 1


def test_brackets_and_commas_in_text_cut_nothing(intake: Any) -> None:
    tricky = json.dumps({"event": "oven.opened", "attributes": {"x": '],[{"\\'}}).encode()
    broken = b'{"event":"a.b","attributes":{"x":NaN}}'
    found = intake.take(b"[" + b", ".join([tricky, broken, tricky]) + b"]")
    assert found.accepted == 2


def test_an_answer_lists_the_first_hundred_faults_and_counts_the_rest(intake: Any) -> None:
    found = intake.take(b"[" + b",".join([b"{}"] * 1_000) + b"]")
    assert found.rejected == {Reason.MISSING: 1_000}
    assert [fault.index for fault in found.faults] == list(range(100))


@pytest.mark.slow
@pytest.mark.parametrize("element", [b"1,", b'{"event":"a"},', b"[],", b"{},"])
def test_a_body_of_tiny_events_costs_a_bounded_multiple_of_itself(
    intake: Any, element: bytes
) -> None:
    size = 1 << 18
    body = b"[" + element * (size // len(element)) + b"0]"
    tracemalloc.start()
    try:
        intake.take(body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 48 * size


def test_a_label_bomb_ends_in_overflow_and_is_counted(new_intake: Any) -> None:
    intake = new_intake(Limits(series=50, metric_series=20, label_values=10))
    bomb = [
        {"event": "operation.started", "attributes": {"operation": f"o{n}"}} for n in range(500)
    ]
    found = intake.take(bomb)
    assert found.accepted == 500
    assert len(found.batch) == 500
    assert intake.table.alive <= 51
    assert intake.table.overflows["label"] == 490
    assert len(intake.decoder.plans) <= 2 * 10


def test_an_array_of_too_many_elements_is_cut_lazily_with_the_same_result(
    intake: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = b"[" + b" , ".join([GOOD, b"{}", GOOD, b"1"]) + b" ]"
    at_once = intake.take(body)
    monkeypatch.setattr(framing, "_COMMAS", 0)
    lazily = intake.take(body)
    assert (
        (lazily.accepted, lazily.faults)
        == (at_once.accepted, at_once.faults)
        == (2, at_once.faults)
    )


def test_attributes_nested_too_deeply_are_named_so() -> None:
    with pytest.raises(EventFault, match="too deeply"):
        words(Raw(b'{"a":' + b"[" * DEEP + b"]" * DEEP + b"}"))
    with pytest.raises(EventFault, match="must be an object"):
        words(Raw(b"[1]"))


def test_attributes_that_are_no_json_are_named_so() -> None:
    with pytest.raises(EventFault, match="truncated"):
        words(Raw(b'{"a":'))
