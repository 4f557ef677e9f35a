import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from vsm_actors.core.statistics.proportion import normal_quantile, smoothed_share, wilson


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_agrees_with_scipy(sample: tuple[int, int]) -> None:
    hits, n = sample
    expected = stats.binomtest(hits, n).proportion_ci(method="wilson")

    assert wilson(hits, n) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_wilson_without_samples_says_that_nothing_is_known() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


def test_wilson_stays_within_zero_and_one_at_the_ends() -> None:
    low, high = wilson(0, 20)
    assert low == 0.0
    assert high == pytest.approx(0.1611, abs=1e-4)
    assert wilson(20, 20)[1] == 1.0


def test_one_of_one_does_not_count_as_certain() -> None:
    assert smoothed_share(1, 1) == 0.75
    assert smoothed_share(0, 1) == 0.25
    assert smoothed_share(0, 0) == 0.5


def test_the_normal_quantile_of_95_percent_is_1_96() -> None:
    assert normal_quantile(0.95) == pytest.approx(1.959964, abs=1e-6)
