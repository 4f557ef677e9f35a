"""Health of the five systems: what its parts are, and how readings fold into them.

A construct: 100 x product(q^w) over the parts of a system. The geometric mean lets one dead
function bring the system to zero, which is Beer's claim.
"""

import enum
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias, assert_never

from vsm_actors.core.reading import Reading
from vsm_actors.core.statistics.proportion import smoothed_share

SPARE = 0.2
"""Share of a resource that should be free: with less of it, headroom falls below 1."""


class Folding(enum.Enum):
    """How several readings of a path become one part."""

    COUNTED = enum.auto()
    """Shares of counts: hits and samples add up, and enter as (x + 1/2) / (n + 1)."""
    MEAN = enum.auto()
    """Indices never add across units: their geometric mean, equal weights."""
    LEAST = enum.auto()
    """The tightest decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a system's health.

    Attributes:
        system: 1 to 5.
        name: its label value.
        family: the readings that it is made of.
        folding: how several of them become one.
        quality: turns a reading's value into 0 to 1, more being better.
        samples: samples of a reading, for a counted share.
        only: a label that must be empty: the reading that speaks for the whole path.
    """

    system: int
    name: str
    family: str
    folding: Folding
    quality: Callable[[float], float]
    samples: Callable[[Reading], float] = lambda reading: float(reading.n)
    only: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """What one part of a path is worth now.

    Attributes:
        value: 0 to 1.
        n: samples, or readings, under it.
        age: seconds since the newest data under it.
    """

    value: float
    n: int
    age: float


Key: TypeAlias = tuple[str, str]
"""Path, and the name of a part."""


def share(value: float) -> float:
    """Return a share as it is, within 0 and 1."""
    return min(1.0, max(0.0, value))


def _rest(value: float) -> float:
    return share(1.0 - value)


def _headroom(utilization: float) -> float:
    return share((1.0 - utilization) / SPARE)


def _skill(mase: float) -> float:
    return 1.0 / (1.0 + mase)


def _steady(oscillation: float) -> float:
    return float(oscillation <= 1.0)


def _one(_reading: Reading) -> float:
    return 1.0


_COUNTED, _MEAN, _LEAST = Folding.COUNTED, Folding.MEAN, Folding.LEAST


def _part(
    system: int,
    name: str,
    family: str,
    folding: Folding,
    quality: Callable[[float], float],
    only: str = "",
) -> Part:
    return Part(
        system=system, name=name, family=family, folding=folding, quality=quality, only=only
    )


PARTS: tuple[Part, ...] = (
    _part(1, "productivity", "vsm_productivity_ratio", _MEAN, share),
    _part(1, "success", "vsm_error_ratio", _COUNTED, _rest),
    _part(1, "headroom", "vsm_resource_utilization_ratio", _LEAST, _headroom),
    Part(
        system=2,
        name="steadiness",
        family="vsm_oscillation_index",
        folding=_COUNTED,
        quality=_steady,
        samples=_one,
    ),
    _part(2, "resolution", "vsm_conflicts_timely_ratio", _COUNTED, share),
    _part(2, "delivery", "vsm_channel_loss_ratio", _COUNTED, _rest),
    _part(3, "compliance", "vsm_directive_compliance_ratio", _COUNTED, share, "unit"),
    _part(3, "bargain", "vsm_bargain_fulfilment_ratio", _MEAN, share),
    _part(3, "agreement", "vsm_audit_discrepancy_ratio", _COUNTED, _rest, "unit"),
    _part(4, "skill", "vsm_forecast_mase", _MEAN, _skill),
    _part(4, "freshness", "vsm_scan_freshness_ratio", _MEAN, share, "source"),
    _part(4, "familiarity", "vsm_novelty_ratio", _COUNTED, _rest),
    _part(5, "adherence", "vsm_policy_adherence_ratio", _COUNTED, share),
    _part(5, "balance", "vsm_s3_s4_balance_ratio", _MEAN, share),
    _part(5, "response", "vsm_algedonic_timely_ratio", _COUNTED, share),
)

BY_FAMILY: Mapping[str, Part] = MappingProxyType({part.family: part for part in PARTS})
"""Every part is made of one family, and every family makes one part at most."""


def qualities(readings: Iterable[Reading]) -> dict[Key, Quality]:
    """Return what the parts are worth that a monitor's readings speak of.

    What is undefined (NaN) is no reading of a part.
    """
    gathered: dict[Key, list[Reading]] = {}
    for reading in readings:
        part = BY_FAMILY.get(reading.family)
        if part is None or math.isnan(reading.value):
            continue
        if not part.only or not reading.labels.get(part.only):
            gathered.setdefault((reading.labels["path"], part.family), []).append(reading)
    found: dict[Key, Quality] = {}
    for (path, family), of_path in gathered.items():
        part = BY_FAMILY[family]
        found[path, part.name] = _fold(part, of_path)
    return found


def _fold(part: Part, readings: list[Reading]) -> Quality:
    values = [part.quality(reading.value) for reading in readings]
    age = min(reading.age for reading in readings)
    match part.folding:
        case Folding.COUNTED:
            samples = [part.samples(reading) for reading in readings]
            hits = math.fsum(map(_product, values, samples))
            n = math.fsum(samples)
            return Quality(value=smoothed_share(hits, n), n=round(n), age=age)
        case Folding.MEAN:
            return Quality(value=geometric(values), n=len(values), age=age)
        case Folding.LEAST:
            return Quality(value=min(values), n=len(values), age=age)
        case other:
            assert_never(other)


def _product(one: float, other: float) -> float:
    return one * other


def geometric(values: list[float], weights: list[float] | None = None) -> float:
    """Return the weighted geometric mean of figures of at least 0, at least one of them.

    Args:
        values: the figures.
        weights: above 0, scaled to sum to 1; equal where they are not given.
    """
    if min(values) <= 0.0:
        return 0.0
    shares = weights or [1.0] * len(values)
    logs = math.fsum(map(_product, shares, map(math.log, values)))
    return math.exp(logs / math.fsum(shares))
