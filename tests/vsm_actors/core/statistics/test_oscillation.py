import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

from vsm_actors.core.statistics.oscillation import (
    autocorrelation,
    oscillation_index,
    zero_crossings,
)

N = 240


def _found(series: list[np.ndarray]) -> int:
    return sum((oscillation_index(one) or 0.0) > 1 for one in series)


def _coloured(random: np.random.Generator, rho: float) -> np.ndarray:
    noise = random.normal(size=N + 200)
    coloured: np.ndarray = signal.lfilter([1.0], [1.0, -rho], noise)[200:]
    return coloured


def test_a_pure_sine_is_as_regular_as_can_be() -> None:
    index = oscillation_index(np.sin(2 * np.pi * np.arange(N) / 15))

    assert index is not None
    assert 20 < index <= 100


def test_a_square_wave_whose_spread_is_zero_is_capped() -> None:
    assert oscillation_index(np.tile(np.repeat([1.0, -1.0], 4), N // 8)) == 100.0


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.8, 0.95])
def test_coloured_noise_raises_no_alarm(rho: float) -> None:
    random = np.random.default_rng(11)

    assert _found([_coloured(random, rho) for _ in range(60)]) == 0


def test_a_sine_of_1_4_sigma_is_found() -> None:
    random = np.random.default_rng(12)
    time = np.arange(N)
    series = [
        1.4 * np.sin(2 * np.pi * time / 15 + random.uniform(0, 6)) + random.normal(size=N)
        for _ in range(60)
    ]

    assert _found(series) >= 58


@pytest.mark.parametrize(
    "series", [np.zeros(N), np.full(N, 0.1), np.arange(21.0), np.arange(float(N)), np.empty(0)]
)
def test_without_eleven_crossings_there_is_no_index(series: np.ndarray) -> None:
    assert oscillation_index(series) is None


@given(st.lists(st.integers(-1_000, 1_000), min_size=22, max_size=100))
def test_the_autocorrelation_agrees_with_the_direct_sum(values: list[int]) -> None:
    series = np.array(values, dtype=float)
    found = autocorrelation(series)
    if found is None:
        assert np.ptp(series) == 0
        return
    centred = series - series.mean()
    direct = np.correlate(centred, centred, "full")[len(series) - 1 :]
    assert found == pytest.approx((direct / direct[0])[: len(series) // 2 + 1], abs=1e-6)


def test_crossings_are_interpolated() -> None:
    assert zero_crossings(np.array([1.0, -1.0, -3.0, 1.0]), 11).tolist() == [0.5, 2.75]
    assert zero_crossings(np.array([1.0, -1.0, -3.0, 1.0]), 1).tolist() == [0.5]


def test_a_correlation_that_only_touches_zero_is_no_oscillation_and_no_crash() -> None:
    touching = np.random.default_rng(5514).poisson(15, 60).astype(float)
    correlation = autocorrelation(touching)
    assert correlation is not None
    lags = np.ceil(zero_crossings(correlation, 5))
    assert len(set(lags.tolist())) < 5, "two crossings at one lag, or this tests nothing"
    assert oscillation_index(touching) == 0.0
