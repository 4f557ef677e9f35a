"""The bulk lane's unit: columns of points, one mailbox message whatever their number."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int32]
Floats = NDArray[np.float64]
Hashes = NDArray[np.uint64]

NO_IDS: Ids = np.empty(0, dtype=np.int32)
NO_HASHES: Hashes = np.empty(0, dtype=np.uint64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemplar:
    """A trace that one observation belongs to.

    Attributes:
        series: the series' id.
        value: the observation.
        trace: the W3C trace id, 32 hexadecimal digits.
        span: the W3C span id, 16 hexadecimal digits.
        time: Unix seconds.
    """

    series: int
    value: float
    trace: str
    span: str
    time: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Points in order of arrival.

    Attributes:
        source: who took them in (``http``, ``statsd``, ``host``, ``self``, ``reading``).
        series: int32[n], ids of the series table.
        value: float64[n]; deltas of counters, absolute values of gauges, observations otherwise.
        weight: float64[n], how many observations a value stands for (1 / sample rate).
        time: float64[n], Unix seconds, at most the arrival.
        arrival: monotonic seconds at which the batch was complete.
        members: int32[m], series of members of sets.
        hashes: uint64[m], 64-bit blake2b hashes of those members.
        exemplars: at most a few of them a batch.
    """

    source: str
    series: Ids
    value: Floats
    weight: Floats
    time: Floats
    arrival: float
    members: Ids = field(default_factory=lambda: NO_IDS)
    hashes: Hashes = field(default_factory=lambda: NO_HASHES)
    exemplars: tuple[Exemplar, ...] = ()

    def __len__(self) -> int:
        """Count the points, members of sets among them."""
        return len(self.series) + len(self.members)


def batch_of(
    source: str,
    series: list[int],
    value: list[float],
    *,
    time: float,
    arrival: float,
    exemplars: tuple[Exemplar, ...] = (),
) -> Batch:
    """Return a batch of unit weights at one time, from lists of the same length."""
    count = len(series)
    return Batch(
        source=source,
        series=np.array(series, dtype=np.int32),
        value=np.array(value, dtype=np.float64),
        weight=np.ones(count),
        time=np.full(count, time),
        arrival=arrival,
        exemplars=exemplars,
    )
