"""The decoder on examples: what each line of the grammar becomes, and what is refused."""

import math
from hashlib import blake2b
from typing import Any

import numpy as np
import pytest

HOME = {"path": "shop", "system": "1"}


@pytest.mark.parametrize(
    ("line", "name", "labels", "value", "weight"),
    [
        (b"a:1|c", "vsm_custom_a_total", {}, 1.0, 1.0),
        (b"a:1|c\r", "vsm_custom_a_total", {}, 1.0, 1.0),
        (b"a:2|c|@0.1", "vsm_custom_a_total", {}, 20.0, 1.0),
        (b"a:1|c|@0.3", "vsm_custom_a_total", {}, 1 / 0.3, 1.0),
        (b"a:1e3|c", "vsm_custom_a_total", {}, 1000.0, 1.0),
        (b"a:+5|c", "vsm_custom_a_total", {}, 5.0, 1.0),
        (b"a:.5|c", "vsm_custom_a_total", {}, 0.5, 1.0),
        (b"a:5.|c", "vsm_custom_a_total", {}, 5.0, 1.0),
        (b"a:0.1234567890123456789|c", "vsm_custom_a_total", {}, 0.1234567890123456789, 1.0),
        (b"a:18446744073709551615|g", "vsm_custom_a", {}, 18446744073709551615.0, 1.0),
        (b"a:3.25|g", "vsm_custom_a", {}, 3.25, 1.0),
        (b"a:3|g|@0.1", "vsm_custom_a", {}, 3.0, 1.0),
        (b"a:250|ms", "vsm_custom_a_seconds", {}, 0.25, 1.0),
        (b"a:250|ms|@0.1", "vsm_custom_a_seconds", {}, 0.25, 10.0),
        (b"a:250|ms|@0.3", "vsm_custom_a_seconds", {}, 0.25, 3.0),
        (b"a:7|h|@0.5", "vsm_custom_a", {}, 7.0, 2.0),
        (b"a:-7|d", "vsm_custom_a", {}, -7.0, 1.0),
        (b"shop.web-1.x:1|c", "vsm_custom_shop_web_1_x_total", {}, 1.0, 1.0),
        (b"a_total:1|c", "vsm_custom_a_total", {}, 1.0, 1.0),
        (b"a_count:1|g", "vsm_custom_a_count_value", {}, 1.0, 1.0),
        (b"events:1|c", "vsm_custom_events_value_total", {}, 1.0, 1.0),
        (b"measurement:1|h", "vsm_custom_measurement_value", {}, 1.0, 1.0),
        ("größe:1|g".encode(), "vsm_custom_gr__e", {}, 1.0, 1.0),
        (
            b"a:1|c|#path:acme/web,system:3,unit:u1",
            "vsm_custom_a_total",
            {"path": "acme/web", "system": "3", "unit": "u1"},
            1.0,
            1.0,
        ),
        (b"a:1|c|#b:x,a:y", "vsm_custom_a_total", {"a": "y", "b": "x"}, 1.0, 1.0),
        (b"a:1|c|#production,", "vsm_custom_a_total", {"production": "true"}, 1.0, 1.0),
        (b"a:1|c|#x:1,x:2", "vsm_custom_a_total", {"x": "2"}, 1.0, 1.0),
        (b"a:1|c|#url:http://h/p", "vsm_custom_a_total", {"url": "http://h/p"}, 1.0, 1.0),
        (
            b"a:1|c|#le:1,quantile:2,__x:3,9:4,a-b:5",
            "vsm_custom_a_total",
            {"tag_le": "1", "tag_quantile": "2", "tag___x": "3", "tag_9": "4", "a_b": "5"},
            1.0,
            1.0,
        ),
        (b"a:1|c|#x:1|@0.5|c:ci-1|T1656581400", "vsm_custom_a_total", {"x": "1"}, 2.0, 1.0),
        (
            b"_e{5,4}:title|te|t|d:1|#unit:u",
            "vsm_custom_events_total",
            {"event": "statsd.event", "unit": "u"},
            1.0,
            1.0,
        ),
        (
            b"_sc|db|2|#unit:u|m:a|b:c",
            "vsm_custom_events_total",
            {"event": "statsd.service_check", "unit": "u"},
            1.0,
            1.0,
        ),
    ],
)
def test_a_line_becomes_a_point(
    intake: Any, line: bytes, name: str, labels: dict[str, str], value: float, weight: float
) -> None:
    expected = [(name, {**HOME, **labels}, value, weight)]
    assert intake.points(line) == expected
    assert intake.points(line + b"\n") == expected, "the same again, from the cache"
    assert intake.decode(line).rejected == {}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"a", "malformed"),
        (b"a:1", "malformed"),
        (b"a|c", "malformed"),
        (b"|:", "malformed"),
        (b":1|c", "malformed"),
        (b"a|b:1|c", "malformed"),
        (b"a|b:1", "malformed"),
        (b"a:1|", "malformed"),
        (b"a:1|c|0.1", "malformed"),
        (b"a:1|c|@0.1|@0.1", "malformed"),
        (b"a:1|c|", "malformed"),
        (b"a:1|x", "bad_type"),
        (b"a:1|C", "bad_type"),
        (b"a:1| c", "bad_type"),
        (b"a:|c", "bad_value"),
        (b"a:|s", "bad_value"),
        (b"a:one|c", "bad_value"),
        (b"a:1_0|c", "bad_value"),
        (b"a: 1|c", "bad_value"),
        (b"a:1 |c", "bad_value"),
        (b"a:nan|g", "bad_value"),
        (b"a:inf|g", "bad_value"),
        (b"a:-Infinity|g", "bad_value"),
        (b"a:1e400|g", "bad_value"),
        (b"a:1e31|g", "bad_value"),
        (b"a:0x10|g", "bad_value"),
        (b"a:.|g", "bad_value"),
        (b"a:-|g", "bad_value"),
        (b"a:1.2.3|g", "bad_value"),
        (b"a:--1|g", "bad_value"),
        (b"a:1-1|g", "bad_value"),
        ("a:\u0661|g".encode(), "bad_value"),
        (b"a:1:x|c", "bad_value"),
        (b"a:1:|c", "bad_value"),
        (b"a:-1|c", "negative"),
        (b"a:1:-1|c", "negative"),
        (b"a:-1e0|c", "negative"),
        (b"a:-0.5|ms", "negative"),
        (b"a:1|c|@0", "bad_rate"),
        (b"a:1|c|@1.5", "bad_rate"),
        (b"a:1|c|@-1", "bad_rate"),
        (b"a:1|c|@nan", "bad_rate"),
        (b"a:1|c|@", "bad_rate"),
        (b"a:1|c|@1e-10", "bad_rate"),
        (b"a\xff:1|c", "bad_encoding"),
        (b"a:1|c|#x:\xc3", "bad_encoding"),
        (b"a\x1b[2J:1|c", "control_character"),
        (b"a:1|c|#x:\x00", "control_character"),
        ("a:1|c|#x:\x85".encode(), "control_character"),
        ("a\u2028:1|c".encode(), "control_character"),
        (b"a" * 256 + b":1|c", "name_too_long"),
        (b"a:1|c|#" + b"x" * 129 + b":1", "tag_too_long"),
        (b"a:1|c|#x:" + b"1" * 257, "tag_too_long"),
        (b"a:1|c|#" + b",".join(b"t%d:1" % n for n in range(33)), "too_many_tags"),
        (b"a:1|c|#:x", "bad_tag"),
        (b"a:1|c|#path:a//b", "bad_path"),
        (b"a:1|c|#path:", "bad_path"),
        (b"a:1|c|#path:../..\xc2\xa0", "bad_path"),
        (b"a:1|c|#path:vsm-run/x", "reserved_path"),
        (b"a:1|c|#system:6", "bad_system"),
        (b"a:1|c|#system:", "bad_system"),
        (b"_e{5,4}:title", "bad_event"),
        (b"_e{5}:title|text", "bad_event"),
        (b"_e{5,4}:title|textmore", "bad_event"),
        (b"_e{5,9}:title|text", "bad_event"),
        (b"_e{1,1}:a|b|#x:1|#y:1", "bad_event"),
        (b"_e{1,1}:a|b|#x:\xff", "bad_encoding"),
        (b"_sc|db", "bad_event"),
        (b"_sc|db|4", "bad_event"),
        (b"_sc||1", "bad_event"),
    ],
)
def test_a_bad_line_is_refused_with_its_reason_and_its_neighbours_count(
    intake: Any, line: bytes, reason: str
) -> None:
    assert intake.refused(line) == {reason: 1}
    assert len(intake.table) == 0, "nothing was made for it"
    assert intake.refused(line) == {reason: 1}, "the same when it comes again"
    decoded = intake.decode(b"ok:1|c\n" + line + b"\nok:2|c\n")
    assert decoded.batch.value.tolist() == [1.0, 2.0]
    assert {one.value: count for one, count in decoded.rejected.items()} == {reason: 1}


def test_packed_values_are_points_of_their_own(intake: Any) -> None:
    labels = {**HOME, "x": "1"}
    assert intake.points(b"a:1:2.5:3e1|ms|@0.5|#x:1\nb:1|c") == [
        ("vsm_custom_a_seconds", labels, 0.001, 2.0),
        ("vsm_custom_a_seconds", labels, 0.0025, 2.0),
        ("vsm_custom_a_seconds", labels, 0.03, 2.0),
        ("vsm_custom_b_total", HOME, 1.0, 1.0),
    ]


def test_signed_gauges_are_resolved_in_the_order_of_arrival(intake: Any) -> None:
    blob = b"a:+5|g\na:10|g\nb:-2|g\na:-3:+1|g\na:0|g\na:-4|g"
    assert intake.decode(blob).batch.value.tolist() == [5.0, 10.0, -2.0, 7.0, 8.0, 0.0, -4.0]
    assert intake.decode(b"a:+1|g\nb:+1|g").batch.value.tolist() == [-3.0, -1.0]


def test_members_of_sets_are_hashed_and_never_unpacked(intake: Any) -> None:
    batch = intake.decode(b"u:2001:db8::1|s\nv:x|s|#a:b\nu:x|s|@0.1\nc:1|c").batch
    assert len(batch) == 4
    names = [intake.named(series)[0] for series in batch.members.tolist()]
    assert names == ["vsm_custom_u_distinct", "vsm_custom_v_distinct", "vsm_custom_u_distinct"]
    expected = [b"2001:db8::1", b"x", b"x"]
    assert batch.hashes.tolist() == [
        int.from_bytes(blake2b(one, digest_size=8).digest(), "little") for one in expected
    ]
    assert batch.hashes.dtype == np.uint64


def test_the_first_type_of_a_name_wins(intake: Any) -> None:
    assert intake.refused(b"a:1|c\na:1|g\na.b:1|g\na_b:1|ms\na:2|c") == {"type_conflict": 2}
    assert intake.refused(b"t:1|ms\nt_seconds:1|h\nt_seconds:1|ms") == {"type_conflict": 1}
    assert intake.refused(b"x:1|g\nx_total:1|c") == {"type_conflict": 1}


def test_two_tag_sets_of_one_metric_coexist(intake: Any) -> None:
    points = intake.points(b"a:1|c|#x:1\na:2|c|#y:1\na:3|c\na:4|c|#x:1")
    assert [labels for _, labels, _, _ in points] == [
        {**HOME, "x": "1"},
        {**HOME, "y": "1"},
        HOME,
        {**HOME, "x": "1"},
    ]
    assert len(intake.table) == 3


def test_empty_lines_and_blobs_are_nothing(intake: Any) -> None:
    for blob in (b"", b"\n", b"\n\n\n"):
        decoded = intake.decode(blob)
        assert len(decoded.batch) == 0
        assert decoded.rejected == {}


def test_a_datagram_of_64_kib_is_read_whole(intake: Any) -> None:
    packed = b"a:" + b":".join([b"1"] * 32_000) + b"|c"
    assert intake.decode(packed).batch.value.sum() == 32_000
    assert intake.refused(b"a:" + b"9" * 65_000 + b"|c") == {"bad_value": 1}
    assert intake.refused(b":" * 65_000) == {"malformed": 1}
    assert intake.refused(b"a:1|c|#" + b"," * 65_000) == {}
    assert intake.refused(packed + b"|#" + b"," * 65_000) == {"line_too_long": 1}


def test_the_columns_have_the_types_of_the_bulk_lane(intake: Any) -> None:
    batch = intake.decode(b"a:1|c\nb:1|g").batch
    assert (batch.source, batch.arrival) == ("statsd", 5.0)
    assert [column.dtype for column in (batch.series, batch.value, batch.weight, batch.time)] == [
        np.int32,
        np.float64,
        np.float64,
        np.float64,
    ]
    assert batch.time.tolist() == [1000.0, 1000.0]


def test_a_line_on_which_the_decoder_fails_loses_itself_only(
    intake: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve = intake.keys.resolve

    def failing(key: bytes, line: bytes, *, admit: bool) -> int:
        if key.startswith(b"poison"):
            raise MemoryError
        return resolve(key, line, admit=admit)

    monkeypatch.setattr(intake.keys, "resolve", failing)
    decoded = intake.decode(b"a:1|g\npoison:1|c\na:+1|g\nbad\n")
    assert decoded.batch.value.tolist() == [1.0, 2.0]
    assert {reason.value: count for reason, count in decoded.rejected.items()} == {
        "poisoned": 1,
        "malformed": 1,
    }


def test_no_value_that_is_taken_makes_a_sum_infinite(intake: Any) -> None:
    batch = intake.decode(b"a:1e30|c|@1e-9\nb:1e30|h|@1e-9").batch
    assert math.isfinite(float((batch.value * batch.weight).sum()) * 1e12)


def test_packed_values_of_a_known_counter_are_refused_whole_when_one_is_negative(
    intake: Any,
) -> None:
    assert intake.refused(b"a:1|c\na:1:-1|c\na:-1|c\na:2:x|c") == {"negative": 2, "bad_value": 1}
