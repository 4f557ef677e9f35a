from collections.abc import Callable
from typing import Any

import pytest

from vsm_actors.intake.events.traces import parse_traceparent

TRACE = "0af7651916cd43dd8448eb211c80319c"
SPAN = "b7ad6b7169203331"
GOOD = f"00-{TRACE}-{SPAN}-01"


@pytest.mark.parametrize("text", [GOOD, f"00-{TRACE}-{SPAN}-00", f"01-{TRACE}-{SPAN}-01-more"])
def test_a_traceparent_names_its_trace_and_span(text: str) -> None:
    assert parse_traceparent(text) == (TRACE, SPAN)


@pytest.mark.parametrize(
    "text",
    [
        "",
        TRACE,
        GOOD.upper(),
        GOOD + "\n",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"01-{TRACE}-{SPAN}-01-{'x' * 256}",
    ],
)
def test_one_that_is_none_is_passed_over(text: str) -> None:
    assert parse_traceparent(text) is None


def test_an_observation_gets_one_exemplar_a_series_and_request(
    intake: Any, completed: Callable[..., dict[str, Any]]
) -> None:
    other = f"00-{TRACE[::-1]}-{SPAN}-01"
    found = intake.take(
        [
            completed(traceparent="nonsense"),
            completed(traceparent=GOOD),
            completed(traceparent=other),
            completed(traceparent=other, unit="web"),
        ]
    )
    assert [
        (intake.table[one.series].labels, one.trace, one.span, one.value)
        for one in found.batch.exemplars
    ] == [
        (("host-1", "1", ""), TRACE, SPAN, 0.25),
        (("host-1", "1", "web"), TRACE[::-1], SPAN, 0.25),
    ]


def test_an_event_without_an_observation_has_no_exemplar(intake: Any) -> None:
    event = {"event": "operation.started", "attributes": {"operation": "x"}, "traceparent": GOOD}
    assert intake.take(event).batch.exemplars == ()
