"""The raw-key cache: its bounds, what caps do, and what retirement does."""

from typing import Any

import pytest

from vsm_actors.core.naming import OVERFLOW
from vsm_actors.intake.statsd import keys as module
from vsm_actors.intake.statsd.rules import Rule


def _bomb(lines: range, *, tag: str = "id") -> bytes:
    return b"".join(b"hits:1|c|#%s:%d\n" % (tag.encode(), n) for n in lines)


def test_a_flood_of_label_values_ends_in_the_overflow_series_uncached(make_intake: Any) -> None:
    intake = make_intake(label_values=10)
    intake.decode(_bomb(range(20)))
    cached, series = len(intake.keys.cache), len(intake.table)
    points = intake.points(_bomb(range(1000, 2000)))
    assert {value for _, _, value, _ in points} == {1.0}
    assert {labels["path"] for _, labels, _, _ in points} == {OVERFLOW}
    assert (len(intake.keys.cache), len(intake.table)) == (cached, series)
    assert intake.table.overflows["label"] >= 1000


def test_series_that_were_there_before_a_cap_keep_counting_at_any_rate(make_intake: Any) -> None:
    intake = make_intake(label_values=10)
    intake.decode(_bomb(range(50)))
    home = {"path": "shop", "system": "1", "id": "3"}
    for line, value in (
        (b"hits:1|c|#id:3", 1.0),
        (b"hits:1|c|@0.5|#id:3", 2.0),
        (b"hits:1|c|#id:3|T1700000000", 1.0),
        (b"hits:1|c|#id:3|@0.25|c:x", 4.0),
    ):
        assert intake.points(line) == [("vsm_custom_hits_total", home, value, 1.0)]


def test_at_the_cap_tags_are_not_read(make_intake: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    intake = make_intake(metric_series=5)
    intake.decode(_bomb(range(5)))

    def unread(_raw: bytes) -> dict[str, str]:
        raise AssertionError

    monkeypatch.setattr("vsm_actors.intake.statsd.position.read_tags", unread)
    decoded = intake.decode(_bomb(range(100, 200)))
    assert decoded.batch.value.sum() == 100
    assert decoded.rejected == {}
    assert intake.table.overflows["metric"] == 100


def test_a_flood_of_names_is_refused_and_counted(make_intake: Any) -> None:
    intake = make_intake(metric_series=10)
    blob = b"".join(b"n%d:1|c\n" % n for n in range(100))
    assert intake.refused(blob) == {"too_many_names": 90}
    assert len(intake.table) == 10


def test_with_the_table_full_a_new_name_is_refused_and_a_known_one_overflows(
    make_intake: Any,
) -> None:
    intake = make_intake(series=3)
    intake.decode(b"a:1|c\na:1|c|#x:1\na:1|c|#x:2")
    assert intake.refused(b"b:1|c") == {"too_many_names": 1}
    assert [labels["unit"] for _, labels, _, _ in intake.points(b"a:1|c|#x:3")] == [OVERFLOW]


def test_a_flood_of_tag_names_ends_in_the_overflow_series(make_intake: Any) -> None:
    intake = make_intake()
    points = intake.points(b"".join(b"a:1|c|#t%d:1\n" % n for n in range(100)))
    assert len(points) == 100
    assert sum(labels["path"] == OVERFLOW for _, labels, _, _ in points) == 100 - 64


def test_the_cache_holds_twice_the_series_limit_and_starts_afresh_when_full(
    make_intake: Any,
) -> None:
    intake = make_intake(series=50)
    for first in range(0, 400, 20):
        blob = b"".join(b"a:1|c|@0.%03d\n" % n for n in range(first + 1, first + 21))
        assert intake.decode(blob).batch.value.min() >= 1
        assert len(intake.keys.cache) <= 100
        assert len(intake.keys.slots) <= 100 + 40
    assert len(intake.table) == 1


def test_a_full_cache_is_kept_while_a_cap_is_met(make_intake: Any) -> None:
    intake = make_intake(series=5, label_values=3)
    intake.decode(_bomb(range(4)))
    for n in range(1, 40):
        intake.decode(b"hits:1|c|@0.%03d|#id:1" % n)
    assert len(intake.keys.cache) == 10
    labels = intake.points(b"hits:1|c|#id:1")[0][1]
    assert labels["id"] == "1"


def test_long_and_transient_keys_are_not_cached(intake: Any) -> None:
    long = b"a:1|c|#" + b",".join(b"tag%d:%s" % (n, b"x" * 200) for n in range(8))
    intake.decode(b"b:1|c")
    before = len(intake.keys.cache)
    for n in range(5):
        assert len(intake.points(long)) == 1
        assert len(intake.points(b"b:1|c|T%d" % n)) == 1
        assert len(intake.points(b"b:1|c|@0.5|T%d" % n)) == 1
        assert intake.keys.cache.keys() >= {b"b:|c|@0.5"}
    assert len(intake.keys.cache) == before + 1
    assert len(intake.table) == 2


def test_the_cache_is_bounded_in_bytes(make_intake: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 60)
    intake = make_intake()
    intake.decode(_bomb(range(100)))
    assert sum(map(len, intake.keys.cache)) < 60
    assert intake.decode(_bomb(range(100))).batch.value.sum() == 100


def test_a_bounded_number_of_refused_keys_is_remembered(
    make_intake: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_REFUSED", 3)
    intake = make_intake()
    for _ in range(2):
        assert intake.refused(b"".join(b"a:1|x%d\n" % n for n in range(9))) == {"bad_type": 9}
        assert len(intake.keys.cache) == 3


def test_a_retired_series_is_interned_anew(intake: Any) -> None:
    intake.decode(b"a:1|c\nb:1|c\na:1|c|@0.5\nb:1|c|@0.5")
    first = intake.decode(b"a:1|c").batch.series[0]
    other = intake.decode(b"b:1|c").batch.series[0]
    intake.table.retire(int(first))
    again = intake.decode(b"a:1|c\na:1|c|@0.5").batch.series.tolist()
    assert len(set(again)) == 1
    assert again[0] > first
    assert intake.decode(b"b:1|c\nb:1|c|@0.5").batch.series.tolist() == [other, other]
    assert len(intake.keys.slots) == 4


def test_a_key_resolved_by_another_in_the_meantime_is_taken_from_the_cache(intake: Any) -> None:
    intake.decode(b"a:1|c")
    known = intake.keys.cache[b"a:|c"]
    assert intake.keys.resolve(b"a:|c", b"a:1|c", admit=True) == known


def test_slots_grow_past_their_first_size(intake: Any) -> None:
    blob = b"".join(b"a:%d|c|#x:%d,y:%d\n" % (n, n % 900, n // 900) for n in range(3000))
    assert intake.decode(blob).batch.value.tolist() == list(range(3000))
    assert intake.decode(blob).batch.value.tolist() == list(range(3000))


def test_who_sends_the_word_overflow_caps_nothing(intake: Any) -> None:
    intake.decode(b"a:1|c|#x:__overflow__")
    assert intake.points(b"a:1|c|#x:1")[0][1]["x"] == "1"


def test_a_flood_through_a_rule_to_an_event_is_not_cached(make_intake: Any) -> None:
    rule = Rule(match="op.*", event="operation.started", labels={"operation": "$1"})
    intake = make_intake(rules=[rule], label_values=10)
    assert len(intake.points(b"".join(b"op.%d:1|c\n" % n for n in range(100)))) == 100
    assert len(intake.keys.cache) == 10
    assert intake.points(b"op.3:1|c")[0][1]["operation"] == "3"
    assert intake.points(b"op.99:1|c")[0][1]["operation"] == OVERFLOW


def test_at_the_cap_each_rate_keeps_its_meaning_and_a_retirement_lifts_it(
    make_intake: Any,
) -> None:
    intake = make_intake(metric_series=2)
    intake.decode(b"t:1|ms|#id:0\nt:1|ms|#id:1")
    for n in range(10, 13):
        blob = b"t:5|ms|#id:%d\nt:5|ms|@0.5|#id:%d\nt:5|ms|#id:%d|@0.1" % (n, n, n)
        points = intake.points(blob)
        assert [weight for _, _, _, weight in points] == [1.0, 2.0, 10.0]
        assert {labels["path"] for _, labels, _, _ in points} == {OVERFLOW}
    assert intake.refused(b"t:x|ms|#id:20\nt:-1|ms|#id:21") == {"bad_value": 1, "negative": 1}
    for series in range(2):
        intake.table.retire(series)
    assert intake.points(b"t:5|ms|#id:12")[0][1]["id"] == "12"


def test_a_bounded_number_of_metrics_at_their_cap_is_remembered(
    make_intake: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_OVER", 1)
    intake = make_intake(series=2)
    intake.decode(b"a:1|c\nb:1|c")
    for _ in range(3):
        assert len(intake.points(b"a:1|c|#x:1\nb:1|c|#x:1")) == 2
