from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsm_actors.core.state.rolling import BUCKETS, Rolling, add_sums, rolling_sums

TIMES = st.lists(st.integers(0, 2_000), max_size=60).map(sorted)


def test_an_empty_window_sums_to_zero() -> None:
    assert rolling_sums(300.0, 2).total(1e9) == (0.0, 0.0)


def test_what_was_added_within_the_window_is_summed_place_by_place() -> None:
    rolling = rolling_sums(300.0, 2).add(10.0, (1.0, 5.0)).add(200.0, (2.0, 7.0))

    assert rolling.total(200.0) == (3.0, 12.0)


def test_what_is_older_than_the_window_is_dropped() -> None:
    rolling = rolling_sums(60.0, 1).add(0.0, (1.0,)).add(30.0, (2.0,))

    assert rolling.total(59.0) == (3.0,)
    assert rolling.total(60.0) == (2.0,)
    assert rolling.total(90.0) == (0.0,)
    assert rolling.at(90.0).empty


def test_a_window_that_was_never_read_forgets_all_the_same() -> None:
    rolling = rolling_sums(60.0, 1)
    for second in range(1_000):
        rolling = rolling.add(float(second), (1.0,))

    assert rolling.total(999.0) == (60.0,)


def test_a_steady_rate_is_exact_whatever_the_phase_of_the_newest_bucket() -> None:
    rolling = rolling_sums(300.0, 1)
    for second in range(1_000):
        rolling = rolling.add(float(second), (2.0,))
        if second > 300:
            now = second + 1.0
            assert rolling.total(now)[0] / rolling.covered(now) == pytest.approx(2.0)


def test_an_older_version_keeps_its_own_figures() -> None:
    older = rolling_sums(60.0, 1).add(0.0, (1.0,))
    older.add(1.0, (5.0,))

    assert older.total(1.0) == (1.0,)


def test_what_arrives_late_counts_in_the_newest_bucket() -> None:
    rolling = rolling_sums(60.0, 1).add(100.0, (1.0,)).add(50.0, (1.0,))

    assert rolling.total(159.0) == (2.0,)


def test_nothing_of_a_huge_value_remains_once_it_has_left() -> None:
    rolling = rolling_sums(60.0, 1).add(0.0, (1e18,)).add(59.0, (0.1,))

    assert rolling.total(61.0) == (0.1,)


def test_an_unchanged_window_is_returned_itself() -> None:
    rolling = rolling_sums(60.0, 1).add(100.0, (1.0,))

    assert rolling.at(100.0) is rolling


def _bucket(time: int) -> int:
    return time * BUCKETS // 100


def _concatenate(older: str, newer: str) -> str:
    return older + newer


@given(TIMES)
def test_it_agrees_with_keeping_everything(times: list[int]) -> None:
    rolling = Rolling(100.0, "", _concatenate, "")
    for time in times:
        rolling = rolling.add(float(time), chr(65 + time % 26))

    now = times[-1] if times else 0
    kept = "".join(chr(65 + t % 26) for t in times if _bucket(t) > _bucket(now) - BUCKETS)
    assert rolling.total(float(now)) == kept


@given(st.lists(st.tuples(st.integers(0, 500), st.floats(0, 1e9)), max_size=60))
def test_sums_agree_with_a_plain_sum_within_rounding(samples: list[tuple[int, float]]) -> None:
    rolling = rolling_sums(1e6, 1)
    for time, value in samples:
        rolling = rolling.add(float(time), (value,))

    assert isclose(rolling.total(500.0)[0], sum(value for _, value in samples), rel_tol=1e-12)


@pytest.mark.parametrize(("older", "newer"), [((1.0, 2.0), (3.0, 4.0))])
def test_sums_add_place_by_place(older: tuple[float, ...], newer: tuple[float, ...]) -> None:
    assert add_sums(older, newer) == (4.0, 6.0)
