import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy

from vsm_actors.core.naming import OVERFLOW
from vsm_actors.core.reading import Reading
from vsm_actors.core.record import Event
from vsm_actors.core.state.tally import Tally
from vsm_actors.core.variety.calculator import VarietyCalculator, _varieties
from vsm_actors.core.variety.requisite import Pair, Variety, ratios, total
from vsm_actors.core.variety.streams import sampled

Viewed = Callable[..., Any]
Point = tuple[str, tuple[str, ...], float]

BITS = "vsm_variety_bits"
RATIO = "vsm_variety_ratio"
DEFICIT = "vsm_variety_deficit_bits"


def states(system: str, stream: str, count: int, *, each: float = 20.0) -> list[Point]:
    """Samples of a stream, spread evenly over the states a, b, c..."""
    return [
        ("vsm_states_total", ("acme", system, "", stream, chr(97 + n)), each) for n in range(count)
    ]


def message(source: str, target: str, state: str, result: str = "sent") -> Point:
    labels = ("acme", source, target, "phone", result, state)
    return "vsm_message_states_total", labels, 20.0


def run(
    calculator: VarietyCalculator, *views: Any, state: Any = None, now: float
) -> tuple[Any, tuple[Reading, ...]]:
    held = calculator.initial() if state is None else state
    for view in views:
        held = calculator.observe(held, view)
    return calculator.conclude(held, now)


def values(readings: tuple[Reading, ...], family: str) -> dict[tuple[str, ...], float]:
    return {
        tuple(reading.labels.values()): reading.value
        for reading in readings
        if reading.family == family
    }


def test_a_constant_has_no_variety_and_four_even_states_have_two_bits(viewed: Viewed) -> None:
    view = viewed(*states("1", "constant", 1), *states("1", "even", 4), end=1.0)
    _, readings = run(VarietyCalculator(), view, now=1.0)
    assert values(readings, BITS) == {
        ("acme", "1", "constant"): 0.0,
        ("acme", "1", "even"): pytest.approx(2.0),
    }


def test_a_stream_with_too_few_samples_is_withheld(viewed: Viewed) -> None:
    view = viewed(*states("1", "sparse", 5, each=4.0), end=1.0)
    assert run(VarietyCalculator(), view, now=1.0)[1] == ()


def test_operations_count_as_a_stream_of_operation_and_outcome(viewed: Viewed) -> None:
    view = viewed(
        ("vsm_operations_total", ("acme", "1", "press", "stamp", "ok"), 30.0),
        ("vsm_operations_total", ("acme", "1", "saw", "stamp", "ok"), 10.0),
        ("vsm_operations_total", ("acme", "1", "press", "stamp", "error"), 40.0),
        ("vsm_operations_total", ("acme", "1", "press", "cut", "error"), 0.0),
        end=1.0,
    )
    assert {stream: dict(found) for stream, found in sampled(view).items()} == {
        ("acme", "1", "operations.outcome"): {"stamp/ok": 40.0, "stamp/error": 40.0}
    }


def test_messages_count_once_as_they_are_sent(viewed: Viewed) -> None:
    view = viewed(
        message("1/press", "1/saw", "late"),
        message("1/press", "1/saw", "late", "received"),
        message("2", "1/saw", "slower"),
        message("3", "4", "ask"),
        message("4", "3", "answer"),
        end=1.0,
    )
    assert {stream[1:]: dict(found) for stream, found in sampled(view).items()} == {
        ("1", "messages.state"): {"late": 20.0},
        ("1", "messages.1-1"): {"late": 20.0},
        ("2", "messages.state"): {"slower": 20.0},
        ("3", "messages.state"): {"ask": 20.0},
        ("4", "messages.state"): {"answer": 20.0},
        ("", "messages.3-4"): {"ask": 20.0, "answer": 20.0},
    }


def test_a_controller_with_one_bit_against_two_lacks_one(viewed: Viewed) -> None:
    operations = [
        ("vsm_operations_total", ("acme", "1", "", operation, "ok"), 50.0) for operation in "abcd"
    ]
    view = viewed(*operations, *states("3", "directives.action", 2), end=1.0)
    _, readings = run(VarietyCalculator(), view, now=1.0)
    assert values(readings, RATIO) == {("acme", "3:1", "true"): pytest.approx(0.5)}
    assert values(readings, DEFICIT) == {("acme", "3:1", "true"): pytest.approx(1.0)}
    assert next(one.n for one in readings if one.family == RATIO) == 40


def test_all_five_pairs_have_their_default_streams(viewed: Viewed) -> None:
    view = viewed(
        ("vsm_operations_total", ("acme", "1", "", "a", "ok"), 50.0),
        ("vsm_operations_total", ("acme", "1", "", "b", "ok"), 50.0),
        *states("3", "directives.action", 2),
        *states("2", "resolutions", 2),
        *states("2", "conflicts", 4),
        *states("4", "adaptations.action", 2),
        *states("4", "forecasts.series", 2),
        *states("4", "environment", 4),
        *states("5", "decisions", 2),
        message("3", "4", "ask"),
        message("4", "3", "answer"),
        end=1.0,
    )
    _, readings = run(VarietyCalculator(), view, now=1.0)
    assert values(readings, RATIO) == {
        ("acme", "3:1", "true"): pytest.approx(1.0),
        ("acme", "2:1-1", "true"): pytest.approx(0.5),
        ("acme", "4:env", "true"): pytest.approx(1.0),
        ("acme", "5:3-4", "true"): pytest.approx(1.0),
        ("acme", "3:4", "true"): pytest.approx(0.5),
    }


def test_the_ratio_is_undefined_where_the_controlled_has_no_variety(viewed: Viewed) -> None:
    operations = ("vsm_operations_total", ("acme", "1", "", "a", "ok"), 50.0)
    view = viewed(operations, *states("3", "directives.action", 2), end=1.0)
    _, readings = run(VarietyCalculator(), view, now=1.0)
    assert math.isnan(values(readings, RATIO)["acme", "3:1", "true"])
    assert values(readings, DEFICIT) == {("acme", "3:1", "true"): 0.0}
    assert ratios(readings) == {("acme", "3:1"): 1.0}


def test_a_configured_pair_takes_the_place_of_the_default_one(viewed: Viewed) -> None:
    pair = Pair(path="acme", pair="3:1", controller="directives.*", controlled="orders.*")
    view = viewed(
        ("vsm_operations_total", ("acme", "1", "", "a", "ok"), 50.0),
        ("vsm_operations_total", ("acme", "1", "", "b", "ok"), 50.0),
        *states("3", "directives.action", 2),
        *states("1", "orders.kind", 2),
        *states("1", "orders.size", 2),
        end=1.0,
    )
    _, readings = run(VarietyCalculator(pairs=(pair,)), view, now=1.0)
    assert values(readings, RATIO) == {("acme", "3:1", "false"): pytest.approx(0.5)}


def test_a_side_is_unknown_without_streams_or_with_one_that_is_withheld() -> None:
    known = Variety(bits=1.0, n=20.0, newest=0.0)
    withheld = Variety(bits=None, n=3.0, newest=0.0)
    assert total([]) is None
    assert total([known, withheld]) is None
    assert total([known, known]) == 2.0


def test_the_symmetric_pair_is_no_ratio_of_requisite_variety() -> None:
    def ratio(pair: str, value: float) -> Reading:
        labels = {"path": "acme", "pair": pair, "derived": "true"}
        return Reading(family=RATIO, labels=labels, value=value, n=1)

    other = Reading(family=BITS, labels={"path": "acme"}, value=1.0, n=1)
    found = ratios((ratio("3:4", 0.1), ratio("3:1", 3.0), ratio("4:env", 0.5), other))
    assert found == {("acme", "3:1"): 1.0, ("acme", "4:env"): 0.5}


def test_only_what_was_touched_is_computed_again(viewed: Viewed) -> None:
    calculator = VarietyCalculator()
    view = viewed(*states("1", "a", 2), *states("1", "b", 2), end=1.0)
    state, before = run(calculator, view, now=1.0)
    later = viewed(*states("1", "a", 4), end=2.0)
    after, readings = run(calculator, later, state=state, now=2.0)
    untouched, touched = ("acme", "1", "b"), ("acme", "1", "a")
    assert after.streams.get(untouched) is state.streams.get(untouched)
    assert after.streams.get(touched) is not state.streams.get(touched)
    assert len(readings) == len(before) == 2


def test_what_left_the_window_is_forgotten_with_its_verdicts(viewed: Viewed) -> None:
    calculator = VarietyCalculator(window=60.0)
    operations = ("vsm_operations_total", ("acme", "1", "", "a", "ok"), 50.0)
    view = viewed(operations, *states("3", "directives.action", 2), end=1.0)
    state, _ = run(calculator, view, now=1.0)
    half, readings = run(calculator, viewed(operations, end=40.0), state=state, now=65.0)
    assert values(readings, RATIO) == {}
    assert len(half.paths["acme"]) == 1
    gone, readings = run(calculator, state=half, now=500.0)
    assert (readings, len(gone.streams), len(gone.paths), len(gone.verdicts)) == ((), 0, 0, 0)


def test_states_past_the_cap_are_one_state_and_their_share_is_said(viewed: Viewed) -> None:
    view = viewed(*states("1", "wild", 4), end=1.0)
    _, readings = run(VarietyCalculator(cap=3), view, now=1.0)
    assert values(readings, "vsm_variety_overflow_ratio") == {("acme", "1", "wild"): 0.5}
    assert values(readings, BITS)["acme", "1", "wild"] == pytest.approx(1.5, abs=0.02)


def test_streams_past_the_bound_are_refused_and_counted(viewed: Viewed) -> None:
    calculator = VarietyCalculator(limit=1)
    view = viewed(*states("1", "a", 2), *states("1", "b", 2), end=1.0)
    state, readings = run(calculator, view, now=1.0)
    assert calculator.refused(state) == 1
    assert len(readings) == 1


def test_records_of_the_event_lane_change_nothing() -> None:
    calculator = VarietyCalculator()
    state = calculator.initial()
    event = Event(
        name="x", system=1, path="acme", time=0.0, arrival=0.0, measurements={}, attributes={}
    )
    assert calculator.fold(state, event) is state


@given(st.lists(st.integers(20, 500), min_size=1, max_size=8))
def test_entropy_agrees_with_scipy_and_the_correction_of_miller_and_madow(
    counts: list[int],
) -> None:
    samples = [(chr(97 + n), float(count)) for n, count in enumerate(counts)]
    tally = Tally(window=60.0).add(samples, 0.0)
    found = _varieties({("acme", "1", "s"): tally})["acme", "1", "s"]
    plain = float(entropy(np.array(counts), base=2))
    corrected = plain + (len(counts) - 1) / (2 * sum(counts) * math.log(2))
    assert found.bits == pytest.approx(min(corrected, math.log2(len(counts))), abs=1e-9)
    assert OVERFLOW not in tally.counts
