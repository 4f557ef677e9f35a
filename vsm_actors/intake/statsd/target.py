"""What a key resolves to: one or more targets in the series table."""

from dataclasses import dataclass, replace

from vsm_actors.core.families import Family
from vsm_actors.intake.statsd.grammar import MAX_VALUE, MetricType, Tail


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One series that a line adds to, and how its value becomes the point's.

    Attributes:
        series: id in the series table.
        kind: `Kind` of the series.
        divisor: the value is divided by it: the sample rate of a counter, 1000 for milliseconds.
        weight: observations that one value stands for: round(1 / rate) of a timer.
        low: least value allowed, before the division; -inf for a line without a value.
        constant: whether the line counts 1 whatever its value.
    """

    series: int
    kind: int
    divisor: float = 1.0
    weight: float = 1.0
    low: float = -MAX_VALUE
    constant: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What a key resolves to.

    Attributes:
        targets: at least one.
        capped: whether a cap sent it to an overflow series.
        over: the family and the cap, when all further keys of the metric go there.
    """

    targets: tuple[Target, ...]
    capped: bool = False
    over: tuple[Family, str] | None = None


def target_of(series: int, chosen: Family, tail: Tail) -> Target:
    """Return the target of a line at a sample rate of 1."""
    low = 0.0 if tail.kind in (MetricType.COUNTER, MetricType.TIMER) else -MAX_VALUE
    divisor = 1e3 if tail.kind is MetricType.TIMER else 1.0
    return Target(series=series, kind=chosen.kind, divisor=divisor, low=low)


def at_rate(target: Target, tail: Tail) -> Target:
    """Return the target of a counter, timer, histogram or distribution for the rate of `tail`.

    A counter's value is divided by the rate; a timer's weight is a whole number, so that counts
    stay whole.
    """
    if tail.kind is MetricType.COUNTER:
        return replace(target, divisor=tail.rate)
    return replace(target, weight=float(round(1 / tail.rate)))
