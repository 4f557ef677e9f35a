import math
from functools import reduce

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from vsm_actors.core.statistics.trend import Trend, merge, sample, student_quantile

SAMPLES = st.lists(
    st.tuples(st.floats(0, 1e4), st.floats(-1e6, 1e6)),
    min_size=1,
    max_size=50,
    unique_by=lambda s: s[0],
)


def _trend(samples: list[tuple[float, float]]) -> Trend:
    return reduce(merge, (sample(time, value) for time, value in samples), Trend())


def test_line_and_bound_agree_with_scipy_far_from_the_epoch() -> None:
    random = np.random.default_rng(1)
    time = 1.79e9 + np.arange(60) * 5.0
    value = 3.0 + 0.02 * (time - time[0]) + random.normal(0, 1, 60)
    trend = _trend(list(zip(time.tolist(), value.tolist(), strict=True)))
    expected = stats.linregress(time - time[0], value)
    bound = expected.slope - stats.t.ppf(0.975, 58) * expected.stderr

    assert trend.slope == pytest.approx(expected.slope, rel=1e-6)
    assert trend.at(time[0]) == pytest.approx(expected.intercept, rel=1e-6)
    assert trend.slope_bound() == pytest.approx(bound, rel=1e-4)


@pytest.mark.parametrize("free", [18, 20, 30, 100, 1_000])
@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_students_quantile_agrees_with_scipy(free: int, confidence: float) -> None:
    expected = stats.t.ppf((1 + confidence) / 2, free)

    assert student_quantile(confidence, free) == pytest.approx(expected, rel=1e-4)


@given(SAMPLES, SAMPLES)
def test_merging_is_the_same_as_having_seen_all(
    one: list[tuple[float, float]], two: list[tuple[float, float]]
) -> None:
    apart, together = merge(_trend(one), _trend(two)), _trend([*one, *two])

    assert apart.n == together.n == len(one) + len(two)
    assert apart.value == pytest.approx(together.value, abs=1e-6)
    assert apart.tt == pytest.approx(together.tt, rel=1e-9, abs=1e-3)
    assert apart.vv == pytest.approx(together.vv, rel=1e-9, abs=1e-3)


def test_nothing_is_neutral() -> None:
    one = sample(1.0, 2.0)

    assert merge(Trend(), one) is one
    assert merge(one, Trend()) is one


def test_samples_at_one_time_have_no_slope() -> None:
    trend = _trend([(1.0, 2.0), (1.0, 3.0), (1.0, 4.0)])

    assert math.isnan(trend.slope)
    assert math.isnan(trend.slope_bound())


def test_two_samples_have_a_slope_and_no_bound() -> None:
    trend = _trend([(0.0, 1.0), (2.0, 2.0)])

    assert trend.slope == 0.5
    assert math.isnan(trend.slope_bound())


def test_a_flat_line_has_a_bound_of_zero() -> None:
    assert _trend([(float(t), 7.0) for t in range(30)]).slope_bound() == 0.0
