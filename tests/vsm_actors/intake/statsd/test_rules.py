"""Mapping rules: what they place, rename and turn into events."""

from typing import Any

import pytest

from vsm_actors.intake.statsd.errors import RuleError
from vsm_actors.intake.statsd.rules import Rule, Rules

ORDER = Rule(
    match="shop.*.order.*.*",
    path="shop/$1",
    unit="$1",
    event="operation.completed",
    measurement="duration",
    labels={"operation": "order", "outcome": "$2", "error_type": "$3"},
)


def test_the_first_rule_that_matches_places_what_tags_do_not(make_intake: Any) -> None:
    intake = make_intake(
        rules=[
            Rule(match="shop.*.orders", path="shop/$1", system=3, unit="u-${1}"),
            Rule(match="shop.*.*", path="other", labels={"what": "$2"}, name="shop_$2"),
        ]
    )
    assert intake.points(b"shop.web.orders:1|c\nshop.web.items:1|g\nelse.where:1|c") == [
        (
            "vsm_custom_shop_web_orders_total",
            {"path": "shop/web", "system": "3", "unit": "u-web"},
            1.0,
            1.0,
        ),
        ("vsm_custom_shop_items", {"path": "other", "system": "1", "what": "items"}, 1.0, 1.0),
        ("vsm_custom_else_where_total", {"path": "shop", "system": "1"}, 1.0, 1.0),
    ]
    tagged = b"shop.web.orders:1|c|#path:p,system:2,unit:x\nshop.a.b:1|g|#what:tag"
    assert [labels for _, labels, _, _ in intake.points(tagged)] == [
        {"path": "p", "system": "2", "unit": "x"},
        {"path": "other", "system": "1", "what": "tag"},
    ]


def test_a_glob_star_stays_within_a_segment_and_a_regular_expression_need_not() -> None:
    glob = Rules([Rule(match="a.*.c", name="$1")])
    assert [glob.map(name).name for name in ("a.b.c", "a.b.b.c", "a.b.cc", "aXb.c")] == [
        "b",
        "a.b.b.c",
        "a.b.cc",
        "aXb.c",
    ]
    assert Rules([Rule(match=r"a\.(.*)\.c", regex=True, name="$1")]).map("a.b.b.c").name == "b.b"
    optional = Rules([Rule(match="a(b)?", regex=True, name="x$1")])
    assert optional.map("a").name == "x"


def test_what_a_rule_captures_is_checked_like_a_tag(make_intake: Any) -> None:
    intake = make_intake(rules=[Rule(match="s.*", path="$1")])
    assert intake.refused(b"s.a b:1|c\ns.:1|c\ns.vsm-run:1|c") == {
        "bad_path": 1,
        "reserved_path": 1,
    }
    assert intake.points(b"s.:1|c")[0][1]["path"] == "shop", "an empty capture is the default"


def test_a_timer_mapped_to_an_event_counts_it_and_its_measurement(make_intake: Any) -> None:
    intake = make_intake(rules=[ORDER])
    points = intake.points(b"shop.web.order.error.timeout:20|ms|@0.5\nx:1|c")
    assert [(name, value, weight) for name, _, value, weight in points] == [
        ("vsm_operations_total", 1.0, 2.0),
        ("vsm_response_time_seconds", 0.02, 2.0),
        ("vsm_errors_total", 1.0, 2.0),
        ("vsm_operations_by_purpose_total", 1.0, 2.0),
        ("vsm_custom_x_total", 1.0, 1.0),
    ]
    assert points[0][1] == {
        "path": "shop/web",
        "system": "1",
        "unit": "web",
        "operation": "order",
        "outcome": "error",
    }
    assert points[2][1]["error_type"] == "timeout"


def test_a_counter_mapped_to_an_event_counts_that_many(make_intake: Any) -> None:
    intake = make_intake(rules=[ORDER])
    points = intake.points(b"shop.web.order.ok.:3:4|c|@0.5")
    assert [(name, value) for name, _, value, _ in points] == [
        ("vsm_operations_total", 6.0),
        ("vsm_operations_total", 8.0),
        ("vsm_operations_by_purpose_total", 6.0),
        ("vsm_operations_by_purpose_total", 8.0),
    ]


def test_a_gauge_mapped_to_an_event_is_a_measurement_with_its_bounds(make_intake: Any) -> None:
    rule = Rule(
        match="*.cpu",
        event="resource.measured",
        measurement="used",
        unit="$1",
        labels={"resource": "cpu"},
    )
    intake = make_intake(rules=[rule])
    assert intake.points(b"web.cpu:0.5|g\nweb.cpu:+0.25|g") == [
        (
            "vsm_resource_used",
            {"path": "shop", "system": "1", "unit": "web", "resource": "cpu"},
            value,
            1.0,
        )
        for value in (0.5, 0.75)
    ]
    assert intake.refused(b"web.cpu:1|s") == {"bad_type": 1}
    assert intake.refused(b"web.cpu:1|c") == {"bad_attribute": 1}, "nothing to count"


def test_a_rule_may_map_to_a_custom_event(make_intake: Any) -> None:
    intake = make_intake(rules=[Rule(match="*.beat", event="heart.beat", measurement="rate")])
    points = intake.points(b"a.beat:60|h")
    assert [(name, value) for name, _, value, _ in points] == [
        ("vsm_custom_events_total", 1.0),
        ("vsm_custom_measurement", 60.0),
    ]
    assert points[1][1] == {
        "path": "shop",
        "system": "1",
        "event": "heart.beat",
        "measurement": "rate",
    }


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"shop.web.order.maybe.x:1|ms", "bad_attribute"),
        (b"shop.web.order..x:1|ms", "bad_attribute"),
        (b"shop.web.order.ok.x:-1|ms", "negative"),
        (b"shop.web.order.ok.x:one|ms", "bad_value"),
        (b"shop.web.order.ok.x:1|ms|#system:9", "bad_system"),
    ],
)
def test_a_line_that_does_not_fit_its_event_is_refused(
    make_intake: Any, line: bytes, reason: str
) -> None:
    intake = make_intake(rules=[ORDER])
    assert intake.refused(line) == {reason: 1}
    assert len(intake.table) == 0


def test_an_event_of_another_system_is_refused(make_intake: Any) -> None:
    rule = Rule(
        match="cpu", event="resource.measured", measurement="used", labels={"resource": "c"}
    )
    assert make_intake(rules=[rule]).refused(b"cpu:1|g|#system:2") == {"bad_system": 1}


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        (Rule(match="(", regex=True), "not a regular expression"),
        (Rule(match="a.*", path="$2"), r"\$2 is used, but the pattern has 1"),
        (Rule(match="a", system=6), "must be 1 to 5"),
        (Rule(match="a", path="a//b"), "segment"),
        (Rule(match="a", path="vsm-run/x"), "daemon's own"),
        (Rule(match="a", measurement="x"), "needs an event"),
        (Rule(match="a", event="conflict.detected", labels={"id": "1"}), "needs its record"),
        (Rule(match="a", event="algedonic.raised"), "needs its record"),
        (
            Rule(match="a", event="operation.started", measurement="x", labels={"operation": "o"}),
            "no measurement 'x'",
        ),
        (Rule(match="a", event="operation.started"), "needs the label 'operation'"),
        (
            Rule(
                match="a",
                event="operation.completed",
                labels={"operation": "o", "outcome": "perhaps"},
            ),
            "must be one of ok, error",
        ),
        (
            Rule(match="a", event="resource.measured", system=2, labels={"resource": "r"}),
            "is of systems",
        ),
    ],
)
def test_a_rule_that_cannot_work_says_why(rule: Rule, problem: str) -> None:
    with pytest.raises(RuleError, match=problem) as caught:
        Rules([rule])
    assert caught.value.match == rule.match


def test_a_message_rule_may_count_messages(make_intake: Any) -> None:
    rule = Rule(
        match="msg.*.*",
        event="message.sent",
        system=1,
        labels={"from": "$1", "to": "$2", "channel": "bus"},
    )
    points = make_intake(rules=[rule]).points(b"msg.1.3:7|c")
    assert points == [
        (
            "vsm_messages_total",
            {"path": "shop", "from": "1", "to": "3", "channel": "bus", "result": "sent"},
            7.0,
            1.0,
        )
    ]
