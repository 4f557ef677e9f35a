"""Points on their way from lines to a batch: values are checked, unpacked, chained and scaled."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from vsm_actors.core.batch import NO_HASHES, NO_IDS, Batch, Floats, Hashes, Ids
from vsm_actors.core.families import Kind
from vsm_actors.core.window.distinct import hashes_of
from vsm_actors.intake.statsd.columns import Flags, Lines, Numbers, Places
from vsm_actors.intake.statsd.errors import Reason
from vsm_actors.intake.statsd.gauges import NOTHING, Gauges, Update
from vsm_actors.intake.statsd.grammar import read_number
from vsm_actors.intake.statsd.slots import NONE, Slots

SOURCE = "statsd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Points and members of sets, in order of arrival.

    Attributes:
        line: int64[n], which line it is from.
        slot: int32[n].
        value: float64[n], as written.
        signed: bool[n], whether it was written with a sign.
        members: int32[m], series of members of sets.
        hashes: uint64[m], of those members.
    """

    line: Places
    slot: Ids
    value: Floats
    signed: Flags
    members: Ids = field(default_factory=lambda: NO_IDS)
    hashes: Hashes = field(default_factory=lambda: NO_HASHES)


def check(
    blob: bytes,
    lines: Lines,
    slots: Ids,
    numbers: Numbers,
    columns: Slots,
    rejected: Counter[Reason],
) -> Points:
    """Keep the lines whose key and value are right, and count the others.

    Args:
        blob: the bytes that `lines` point into.
        lines: where the fields lie.
        slots: int32[n], slot of each line, negative where its key was refused.
        numbers: the values that are plain.
        columns: of the slots.
        rejected: gains what is refused.
    """
    known = slots >= 0
    sets = known & (columns.kind[slots] == Kind.DISTINCT)
    low = columns.low[slots]
    numeric = known & ~sets & (low > -np.inf)
    negative = numeric & numbers.plain & (numbers.value < low)
    odd = np.flatnonzero(numeric & ~numbers.plain)
    good = known & ~sets & ~negative & (numbers.plain | ~numeric)
    _count(rejected, Reason.NEGATIVE, int(np.count_nonzero(negative)))
    points = _plain(slots, numbers, good)
    if len(odd):
        unpacked = _unpack(blob, lines, odd, slots, low, rejected)
        points = ordered([points, unpacked])
    return _with_members(points, blob, lines, np.flatnonzero(sets), columns.series[slots], rejected)


def _plain(slots: Ids, numbers: Numbers, good: Flags) -> Points:
    line = np.arange(len(slots))
    if good.all():
        return Points(line=line, slot=slots, value=numbers.value, signed=numbers.signed)
    return Points(
        line=line[good], slot=slots[good], value=numbers.value[good], signed=numbers.signed[good]
    )


def _unpack(
    blob: bytes,
    lines: Lines,
    odd: Places,
    slots: Ids,
    low: Floats,
    rejected: Counter[Reason],
) -> Points:
    """Read values that are packed, or written with an exponent or many digits."""
    line: list[int] = []
    value: list[float] = []
    signed: list[bool] = []
    for place in odd.tolist():
        parts = blob[lines.colon[place] + 1 : lines.bar[place]].split(b":")
        numbers = [number for part in parts if (number := read_number(part)) is not None]
        if len(numbers) < len(parts):
            _count(rejected, Reason.BAD_VALUE, 1)
        elif min(numbers) < low[place]:
            _count(rejected, Reason.NEGATIVE, 1)
        else:
            line += [place] * len(parts)
            value += numbers
            signed += [part[:1] in (b"+", b"-") for part in parts]
    places = np.array(line, dtype=np.int64)
    return Points(
        line=places,
        slot=slots[places],
        value=np.array(value, dtype=np.float64),
        signed=np.array(signed, dtype=np.bool_),
    )


def _with_members(
    points: Points,
    blob: bytes,
    lines: Lines,
    sets: Places,
    series: Ids,
    rejected: Counter[Reason],
) -> Points:
    """Hash the members of sets. A member may hold colons: sets are never packed."""
    if len(sets) == 0:
        return points
    filled = sets[lines.bar[sets] > lines.colon[sets] + 1]
    _count(rejected, Reason.BAD_VALUE, len(sets) - len(filled))
    bounds = zip((lines.colon[filled] + 1).tolist(), lines.bar[filled].tolist(), strict=True)
    return replace(
        points,
        members=series[filled],
        hashes=hashes_of(blob[start:end] for start, end in bounds),
    )


def _count(rejected: Counter[Reason], reason: Reason, lines: int) -> None:
    if lines:
        rejected[reason] += lines


def ordered(parts: Sequence[Points]) -> Points:
    """Join points of the same lines in the order of arrival; members are those of the first."""
    line = np.concatenate([part.line for part in parts])
    order = np.argsort(line, kind="stable")
    return replace(
        parts[0],
        line=line[order],
        slot=np.concatenate([part.slot for part in parts])[order],
        value=np.concatenate([part.value for part in parts])[order],
        signed=np.concatenate([part.signed for part in parts])[order],
    )


def chained(points: Points, columns: Slots) -> Points:
    """Add the points of the further targets of each line."""
    parts = [points]
    slot = columns.chain[points.slot] if columns.chained else NO_IDS
    at = points
    while len(further := np.flatnonzero(slot != NONE)):
        at = Points(
            line=at.line[further],
            slot=slot[further],
            value=at.value[further],
            signed=at.signed[further],
        )
        parts.append(at)
        slot = columns.chain[at.slot]
    return ordered(parts) if len(parts) > 1 else points


def to_batch(
    points: Points, columns: Slots, gauges: Gauges, *, time: float, arrival: float
) -> tuple[Batch, Update]:
    """Scale the values, resolve signed gauges, and return the batch and the gauges' new values."""
    series = columns.series[points.slot]
    value = points.value / columns.divisor[points.slot]
    value[columns.constant[points.slot]] = 1.0
    update = NOTHING
    gauge = np.flatnonzero(columns.kind[points.slot] == Kind.GAUGE)
    if len(gauge):
        value[gauge] = gauges.resolve(series[gauge], value[gauge], points.signed[gauge])
        update = Update(series=series[gauge], value=value[gauge])
    batch = Batch(
        source=SOURCE,
        series=series,
        value=value,
        weight=columns.weight[points.slot],
        time=np.full(len(series), time),
        arrival=arrival,
        members=points.members,
        hashes=points.hashes,
    )
    return batch, update
