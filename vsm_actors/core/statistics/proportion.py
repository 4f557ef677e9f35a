"""Shares of a count: the interval around one, and the share that enters a product."""

import math
from functools import cache
from statistics import NormalDist

CONFIDENCE = 0.95
"""Of every interval that is exported."""


def wilson(hits: float, n: float, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return Wilson's score interval of a share, within 0 and 1.

    Without samples it is (0, 1): nothing is known.

    Args:
        hits: how many of the samples have the property, 0 to `n`.
        n: samples.
        confidence: of the two-sided interval, above 0 and below 1.

    Source: Wilson (1927), Probable inference, the law of succession, and statistical inference.
    """
    if n <= 0:
        return 0.0, 1.0
    z = normal_quantile(confidence)
    share, spread = hits / n, z * z / n
    centre = share + spread / 2
    half = z * math.sqrt(share * (1 - share) / n + spread / (4 * n))
    scale = 1 + spread
    # At the ends the bound is exact in theory, and off by a rounding in practice.
    low = 0.0 if hits <= 0 else (centre - half) / scale
    high = 1.0 if hits >= n else (centre + half) / scale
    return low, high


def smoothed_share(hits: float, n: float) -> float:
    """Return (hits + 1/2) / (n + 1): a share that is never 0 nor 1, so that no product dies of it.

    The posterior mean under Jeffreys' prior; one of one gives 0.75, not 1.
    """
    return (hits + 0.5) / (n + 1)


@cache
def normal_quantile(confidence: float) -> float:
    """Return z such that a standard normal lies within -z and z with this probability."""
    return NormalDist().inv_cdf((1 + confidence) / 2)
