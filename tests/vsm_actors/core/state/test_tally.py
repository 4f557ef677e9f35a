from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsm_actors.core.naming import OVERFLOW
from vsm_actors.core.state.tally import STEPS, Tally


def test_counts_by_state_add_up_within_the_window() -> None:
    tally = (
        Tally(window=3600.0).add([("idle", 2.0), ("busy", 1.0)], 10.0).add([("idle", 1.0)], 70.0)
    )
    assert (tally["idle"], tally["busy"], tally["never"]) == (3.0, 1.0, 0.0)
    assert (tally.n, tally.newest) == (4.0, 70.0)


def test_what_left_the_window_is_forgotten_and_the_rest_is_kept() -> None:
    tally = Tally(window=60.0).add([("a", 1.0), ("b", 1.0)], 0.5).add([("a", 1.0)], 30.5)
    later = tally.advance(61.0)
    assert dict(later.counts) == {"a": 1.0}
    assert later.n == 1.0


def test_a_tally_whose_whole_window_passed_is_empty() -> None:
    tally = Tally(window=60.0).add([("a", 1.0)], 0.5)
    assert tally.advance(1000.0).n == 0.0


def test_advancing_past_nothing_returns_the_same_tally() -> None:
    tally = Tally(window=60.0).add([("a", 1.0)], 0.5)
    assert tally.advance(30.0) is tally
    empty = Tally(window=60.0)
    assert empty.advance(30.0) is empty


def test_states_past_the_cap_fall_into_one_counted_state() -> None:
    tally = Tally(window=60.0, cap=3).add([(state, 1.0) for state in "abcda"], 0.0)
    assert dict(tally.counts) == {"a": 2.0, "b": 1.0, OVERFLOW: 2.0}
    assert tally.overflow == 2.0


def test_a_sample_that_comes_with_an_older_time_joins_the_newest_step() -> None:
    tally = Tally(window=60.0).add([("a", 1.0)], 30.0).add([("b", 1.0)], 10.0)
    assert len(tally.slots) == 1
    assert tally.newest == 30.0


@given(
    st.lists(
        st.tuples(st.sampled_from("abcde"), st.integers(1, 4), st.integers(0, 900)), max_size=60
    )
)
def test_a_tally_equals_a_count_of_what_lies_in_the_window(
    samples: list[tuple[str, int, int]],
) -> None:
    window, tally = 120.0, Tally(window=120.0)
    samples = sorted(samples, key=lambda sample: sample[2])
    for state, weight, when in samples:
        tally = tally.add([(state, float(weight))], float(when)).advance(float(when))
    now = samples[-1][2] if samples else 0
    first = now // (window / STEPS) - STEPS
    expected: Counter[str] = Counter()
    for state, weight, when in samples:
        if when // (window / STEPS) > first:
            expected[state] += weight
    assert dict(tally.counts) == dict(expected)
    assert tally.n == pytest.approx(expected.total())
    assert len(tally.slots) <= STEPS
