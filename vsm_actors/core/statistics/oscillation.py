"""Whether a regular series oscillates: the regularity of its autocorrelation's zero crossings.

Source: Thornhill, Huang and Zhang (2003), Detection of multiple oscillations in control loops. The
test of the extrema is ours: without it, noise that is coloured by chance can look regular.
"""

import math
from itertools import pairwise

import numpy as np

from vsm_actors.core.batch import Floats

CROSSINGS = 11
"""Zero crossings of the autocorrelation that the regularity rests on: ten half periods."""

EXTREMA = 4
"""Extrema that must rise above what coloured noise does."""

CAP = 100.0
"""A perfect sine has no spread at all; past this more regularity means nothing."""


def oscillation_index(series: Floats) -> float | None:
    """Return the regularity r of a series: above 1 (to 100) it oscillates, 0 it does not.

    r = mean(Tp) / (3 sd(Tp)), where Tp are twice the intervals between the first eleven zero
    crossings of the autocorrelation up to half the length. Where r does not exceed 1, or one of the
    first four extrema between crossings does not exceed 2 sqrt((1 + rho^2) / (1 - rho^2) / N), the
    series does not oscillate: 0. About eleven periods must fit into the series.

    Args:
        series: float64[N] at regular intervals.

    Returns:
        The index, or None where there are fewer than eleven crossings (a constant has none).
    """
    correlation = autocorrelation(series)
    if correlation is None:
        return None
    crossings = zero_crossings(correlation, CROSSINGS)
    if len(crossings) < CROSSINGS:
        return None
    periods = 2 * np.diff(crossings)
    spread = 3 * float(np.std(periods, ddof=1))
    regularity = min(CAP, float(np.mean(periods)) / max(spread, 1e-12))
    significant = _least_extremum(correlation, crossings) > _noise(correlation[1], len(series))
    return regularity if regularity > 1 and significant else 0.0


def autocorrelation(series: Floats) -> Floats | None:
    """Return the autocorrelation at lags 0 to N/2, or None for a constant or too short a series."""
    n = len(series)
    if n < 2 * CROSSINGS:
        return None
    centred = series - np.mean(series)
    if float(np.max(np.abs(centred))) <= 1e-12 * float(np.max(np.abs(series))):
        return None
    # Padded to twice the length, so that the end does not wrap round to the beginning.
    spectrum = np.fft.rfft(centred, 1 << (2 * n - 1).bit_length())
    covariance = np.fft.irfft(spectrum * np.conj(spectrum))[: n // 2 + 1]
    correlation: Floats = covariance / covariance[0]
    return correlation


def zero_crossings(correlation: Floats, most: int) -> Floats:
    """Return the first `most` lags at which the autocorrelation crosses zero, interpolated."""
    below = correlation < 0
    before = np.flatnonzero(below[1:] != below[:-1])[:most]
    left, right = correlation[before], correlation[before + 1]
    crossings: Floats = before + left / (left - right)
    return crossings


def _least_extremum(correlation: Floats, crossings: Floats) -> float:
    bounds = np.ceil(crossings[: EXTREMA + 1]).astype(np.intp)
    # A correlation that only touches zero is crossed twice at one lag: nothing lies between.
    halves = (np.abs(correlation[first:end]) for first, end in pairwise(bounds))
    return min(float(np.max(half, initial=0.0)) for half in halves)


def _noise(first: float, n: int) -> float:
    square = min(first * first, 1 - 1e-12)
    return 2 * math.sqrt((1 + square) / (1 - square) / n)
