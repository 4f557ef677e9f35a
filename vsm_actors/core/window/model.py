"""Windows and frames: what the bulk lane becomes once it is reduced, and how windows merge.

The merge law over disjoint inputs: count, min, max, sketch, buckets and members exactly; sum
within 1e-12 of the sum of magnitudes; last by (time, source, ordinal). `merge` is associative and
commutative under that law.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vsm_actors.core.batch import NO_IDS, Exemplar, Floats, Hashes, Ids

Ordinals = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Sparse counts by (series, index), sorted by both: sketches, and histogram buckets.

    Attributes:
        series: int32[m].
        index: int32[m]; of the sketch, or the place of the bucket's upper bound (len: +Inf).
        count: float64[m], weight.
    """

    series: Ids
    index: NDArray[np.int32]
    count: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """Members of sets: distinct (series, hash), sorted by both, exact to 4,096 a series.

    Attributes:
        series: int32[m].
        hash: uint64[m], 64-bit blake2b.
        dense: int32[d], series past the bound, ascending.
        registers: uint8[d, 4096], their HyperLogLog registers, from the same hashes.
    """

    series: Ids
    hash: Hashes
    dense: Ids
    registers: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What happened to the touched series between two moments of arrival. Immutable.

    Attributes:
        start: Unix seconds.
        end: Unix seconds.
        duration: monotonic seconds that it covers; of merged ones, their sum.
        series: int32[k], touched series, ascending; sets are in `members` only.
        count: float64[k], weight of points.
        sum: float64[k], of value times weight (a counter's delta).
        min: float64[k].
        max: float64[k].
        last: float64[k], latest value by (time, source, ordinal).
        time: float64[k], Unix seconds of `last`.
        source: int32[k], rank of the source of `last`.
        ordinal: int64[k], arrival order of `last` within its source.
        sketch: cells of the histograms' and summaries' quantile sketches.
        buckets: cells of the histograms' fixed buckets (not cumulative).
        members: of sets.
        exemplars: the newest few.
    """

    start: float
    end: float
    duration: float
    series: Ids
    count: Floats
    sum: Floats
    min: Floats
    max: Floats
    last: Floats
    time: Floats
    source: NDArray[np.int32]
    ordinal: Ordinals
    sketch: Cells
    buckets: Cells
    members: Members
    exemplars: tuple[Exemplar, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The touched series of one tick with their running totals, for the feeds.

    Totals are absolute since the start, so that applying a frame is idempotent and a full frame
    (all series; what a restarted feed asks for) heals whatever was missed.

    Attributes:
        number: grows by one a frame; a full frame heals all before it.
        end: Unix seconds.
        arrival: monotonic seconds of the oldest point in it, for the feed's latency.
        series: int32[k], ascending.
        count: float64[k], running count of observations (weight); of a set, how many complete ten
            seconds it has been estimated over, never 0 in a frame.
        sum: float64[k], running sum: a counter's value.
        last: float64[k], last value: a gauge's value; of a set, its estimate over the last
            complete ten seconds.
        time: float64[k], Unix seconds of `last`.
        buckets: running counts of the touched histograms' buckets (not cumulative), all of
            a touched histogram's occupied buckets.
        exemplars: of this tick.
        tokens: of the `Sync` requests that it answers.
        full: whether it holds every series that is shown.
        gone: int32[g], series that are shown no longer, ascending: readings that were not renewed
            for three ticks, and series that retired after an idle hour.
    """

    number: int
    end: float
    arrival: float
    series: Ids
    count: Floats
    sum: Floats
    last: Floats
    time: Floats
    buckets: Cells
    exemplars: tuple[Exemplar, ...] = ()
    tokens: tuple[int, ...] = ()
    full: bool = False
    gone: Ids = field(default_factory=lambda: NO_IDS)
