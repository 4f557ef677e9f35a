"""From the bytes of many lines to one batch: array work, and one dictionary look-up a line.

A line's key is the line without its value. The cache of keys gives its slot, and the slot's columns
give series, divisor and weight. What is new or not plain is read line by line. Whoever wants to
know the grammar reads `grammar`; the tests hold this module to a plain reading of it.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from vsm_actors.core.batch import Batch, Ids
from vsm_actors.intake.statsd.columns import Lines, locate, read_numbers
from vsm_actors.intake.statsd.errors import Reason
from vsm_actors.intake.statsd.gauges import NOTHING, Gauges, Update
from vsm_actors.intake.statsd.grammar import MAX_LINE, read_number
from vsm_actors.intake.statsd.index import MISS
from vsm_actors.intake.statsd.keys import Keys, reason_of, refusal
from vsm_actors.intake.statsd.points import Points, chained, check, to_batch
from vsm_actors.intake.statsd.prints import PADDING, prints


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """What became of a blob.

    Attributes:
        batch: the points, in order of arrival.
        gauges: what `Gauges.apply` takes once the batch is handed over.
        rejected: lines refused, by reason.
    """

    batch: Batch
    gauges: Update = NOTHING
    rejected: Mapping[Reason, int] = field(default_factory=dict)


def decode(blob: bytes, keys: Keys, gauges: Gauges, *, time: float, arrival: float) -> Decoded:
    """Decode lines separated by newlines.

    A line on which the decoder itself fails loses itself only: the blob is then read line by line.

    Args:
        blob: any bytes; datagrams joined by newlines.
        keys: the keys known; gains what is new.
        gauges: read for signed deltas; not changed.
        time: Unix seconds of arrival.
        arrival: monotonic seconds of arrival.
    """
    keys.refresh()
    try:
        points, rejected = read(blob, keys)
    except Exception:  # noqa: BLE001 - whatever it is, only the line that caused it may be lost
        points, rejected = _read_without_poison(blob, keys)
    batch, update = to_batch(points, keys.slots, gauges, time=time, arrival=arrival)
    return Decoded(batch=batch, gauges=update, rejected=rejected)


def read(blob: bytes, keys: Keys) -> tuple[Points, Counter[Reason]]:
    """Read lines into points, and count what is refused by reason."""
    blob = blob if blob.endswith(b"\n") else blob + b"\n"
    octets = np.frombuffer(blob, dtype=np.uint8)
    lines = locate(octets)
    slots = _slots(blob, lines, keys)
    rejected = _refused(slots)
    points = check(blob, lines, slots, read_numbers(octets, lines), keys.slots, rejected)
    return chained(points, keys.slots), rejected


def _read_without_poison(blob: bytes, keys: Keys) -> tuple[Points, Counter[Reason]]:
    lines = blob.split(b"\n")
    good = [line for line in lines if _is_harmless(line, keys)]
    points, rejected = read(b"\n".join(good), keys)
    rejected[Reason.POISONED] += len(lines) - len(good)
    return points, rejected


def _is_harmless(line: bytes, keys: Keys) -> bool:
    try:
        read(line, keys)
    except Exception:  # noqa: BLE001 - the line is given up, and counted
        return False
    return True


def _slots(blob: bytes, lines: Lines, keys: Keys) -> Ids:
    """Look every line's key up; at first sight, resolve it."""
    found = prints(blob + bytes(PADDING), lines)
    slots = keys.index.find(found)
    slots[lines.end - lines.start > MAX_LINE] = refusal(Reason.LINE_TOO_LONG)
    places = np.flatnonzero(slots == MISS)
    if len(places):
        slots[places], new = _read_keys(blob, lines.take(places), keys)
        keys.learn(found, places[new], slots)
    return slots


def _read_keys(blob: bytes, lines: Lines, keys: Keys) -> tuple[list[int], list[int]]:
    """Return the slots of lines whose keys the index does not know, and which of them are new."""
    slots: list[int] = []
    new: list[int] = []
    starts, ends = lines.start.tolist(), lines.end.tolist()
    values, bars = (lines.colon + 1).tolist(), lines.bar.tolist()
    for start, value, bar, end in zip(starts, values, bars, ends, strict=True):
        key = blob[start:value] + blob[bar:end]
        slot = keys.cache.get(key, MISS)
        if slot == MISS:
            slot = _resolved(key, blob[start:end], blob[value:bar], keys)
            if key in keys.cache:
                new.append(len(slots))
        slots.append(slot)
    return slots, new


def _resolved(key: bytes, line: bytes, value: bytes, keys: Keys) -> int:
    fault = _fault(key, value)
    slot = keys.resolve(key, line, admit=fault is None)
    return refusal(fault) if slot == MISS and fault is not None else slot


def _fault(key: bytes, value: bytes) -> Reason | None:
    """Tell what is wrong with a value of a key that is new, so that a bad one makes no series."""
    kind = key.partition(b":|")[2].partition(b"|")[0].removesuffix(b"\r")
    if kind == b"s":
        return None if value else Reason.BAD_VALUE
    numbers = [read_number(part) for part in value.split(b":")]
    if None in numbers:
        return Reason.BAD_VALUE
    is_negative = kind in (b"c", b"ms") and any(number and number < 0 for number in numbers)
    return Reason.NEGATIVE if is_negative else None


def _refused(slots: Ids) -> Counter[Reason]:
    codes, counts = np.unique(slots[slots < 0], return_counts=True)
    pairs = zip(codes.tolist(), counts.tolist(), strict=True)
    return Counter({reason_of(code): count for code, count in pairs})
