"""A straight line through samples in time, from moments that merge, and how sure its slope is."""

import math

import msgspec

from vsm_actors.core.statistics.proportion import CONFIDENCE, normal_quantile

LEAST = 3
"""A line and its error take three points."""


class Trend(msgspec.Struct, frozen=True, gc=False):
    """Centred moments of (time, value) samples: they add up without cancellation.

    Attributes:
        n: samples.
        time: their mean time, Unix seconds.
        value: their mean value.
        tt: sum of squared deviations of time.
        tv: sum of the products of both deviations.
        vv: sum of squared deviations of value.
    """

    n: float = 0.0
    time: float = 0.0
    value: float = 0.0
    tt: float = 0.0
    tv: float = 0.0
    vv: float = 0.0

    @property
    def slope(self) -> float:
        """Least-squares slope, value per second; NaN where all samples share one time."""
        return self.tv / self.tt if self.tt > 0 else math.nan

    def at(self, time: float) -> float:
        """Return the line's value at `time`, Unix seconds."""
        return self.value + self.slope * (time - self.time)

    def slope_bound(self, confidence: float = CONFIDENCE) -> float:
        """Return the lower bound of the slope's two-sided interval; NaN under three samples.

        It takes the samples' errors as independent. Samples that follow each other more closely
        than the errors change make it too sure.
        """
        if self.n < LEAST or self.tt <= 0:
            return math.nan
        free = self.n - 2
        residual = max(0.0, self.vv - self.tv * self.tv / self.tt)
        error = math.sqrt(residual / free / self.tt)
        return self.slope - student_quantile(confidence, free) * error


def sample(time: float, value: float) -> Trend:
    """Return the moments of one sample."""
    return Trend(n=1.0, time=time, value=value)


def merge(one: Trend, two: Trend) -> Trend:
    """Return the moments of both (Chan, Golub and LeVeque, 1979); associative to rounding."""
    n = one.n + two.n
    if one.n == 0 or two.n == 0:
        return two if one.n == 0 else one
    time, value = two.time - one.time, two.value - one.value
    share = two.n / n
    weight = one.n * share
    return Trend(
        n=n,
        time=one.time + time * share,
        value=one.value + value * share,
        tt=one.tt + two.tt + time * time * weight,
        tv=one.tv + two.tv + time * value * weight,
        vv=one.vv + two.vv + value * value * weight,
    )


def student_quantile(confidence: float, free: float) -> float:
    """Return t such that Student's t with `free` degrees lies within -t and t this surely.

    The Cornish-Fisher expansion to 1/free^4: within 0.01% from 18 degrees at 95%.

    Source: Abramowitz and Stegun, 26.7.5.
    """
    z = normal_quantile(confidence)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    fourth = (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160
    return z + first / free + second / free**2 + third / free**3 + fourth / free**4
