"""Requisite variety: whether a controller has the states that what it controls demands (Ashby)."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from vsm_actors.core.reading import Reading
from vsm_actors.core.variety.streams import PAIRS, Stream

NO_VARIETY = 0.01
"""Bits below which the controlled has nothing to absorb: the ratio is undefined, and it holds."""

SYMMETRIC = "3:4"
"""The pair in which neither side regulates the other: it has its place in the S3-S4 balance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variety:
    """The entropy of one stream.

    Attributes:
        bits: corrected, or None where it is withheld.
        n: samples.
        newest: Unix seconds of the newest sample.
    """

    bits: float | None
    n: float
    newest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A pair as the configuration says it; it takes the place of the default one of its name.

    Attributes:
        path: the viable system that it belongs to.
        pair: as `3:1`.
        controller: a glob over the names of streams.
        controlled: the same.
    """

    path: str
    pair: str
    controller: str
    controlled: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a pair came to.

    Attributes:
        path: where.
        pair: which.
        derived: whether its streams are the default ones.
        ratio: H(controller) / H(controlled), NaN where the controlled has no variety.
        deficit: bits that the controller lacks, at least 0.
        n: samples of the stream with the fewest.
        newest: Unix seconds of the newest sample under it.
    """

    path: str
    pair: str
    derived: bool
    ratio: float
    deficit: float
    n: float
    newest: float

    def readings(self, now: float) -> tuple[Reading, Reading]:
        """Return ratio and deficit as readings at `now`."""
        labels = {"path": self.path, "pair": self.pair, "derived": str(self.derived).lower()}
        ratio, deficit = (
            Reading(
                family=family,
                labels=labels,
                value=value,
                n=round(self.n),
                age=max(0.0, now - self.newest),
            )
            for family, value in (
                ("vsm_variety_ratio", self.ratio),
                ("vsm_variety_deficit_bits", self.deficit),
            )
        )
        return ratio, deficit


def verdicts(
    path: str,
    held: Iterable[Stream],
    variety: Callable[[Stream], Variety | None],
    configured: Mapping[str, Pair],
) -> Iterator[Verdict]:
    """Yield a verdict of every pair of a path whose two sides are known.

    Args:
        path: the viable system.
        held: the streams that it has.
        variety: of a stream, None where it has no samples.
        configured: pairs of this path, by name.
    """
    for pair in configured.values():
        sides = [
            [variety(stream) for stream in held if fnmatchcase(stream[2], glob)]
            for glob in (pair.controller, pair.controlled)
        ]
        yield from _verdict(path, pair.pair, sides, derived=False)
    for name, facing in PAIRS.items():
        if name not in configured:
            sides = [
                [variety((path, *stream)) for stream in side.streams]
                for side in (facing.controller, facing.controlled)
            ]
            yield from _verdict(path, name, sides, derived=True)


def _verdict(
    path: str, name: str, sides: list[list[Variety | None]], *, derived: bool
) -> Iterator[Verdict]:
    present = [[one for one in side if one is not None] for side in sides]
    controller, controlled = map(total, present)
    if controller is None or controlled is None:
        return
    both = [one for side in present for one in side]
    yield Verdict(
        path=path,
        pair=name,
        derived=derived,
        ratio=controller / controlled if controlled >= NO_VARIETY else math.nan,
        deficit=max(0.0, controlled - controller),
        n=min(one.n for one in both),
        newest=max(one.newest for one in both),
    )


def total(side: list[Variety]) -> float | None:
    """Return the sum of entropies, an upper bound of the joint one; None where it is unknown.

    It is unknown without any stream, and where one that has samples is withheld: a sum that leaves
    it out would understate the side.
    """
    bits = [one.bits for one in side]
    known = [one for one in bits if one is not None]
    return math.fsum(known) if known and len(known) == len(bits) else None


def ratios(readings: Iterable[Reading]) -> dict[tuple[str, str], float]:
    """Return min(1, ratio) of the directed pairs among readings, by path and pair.

    Where the controlled has no variety (NaN) requisite variety holds, and counts 1.
    """
    return {
        (reading.labels["path"], reading.labels["pair"]): (
            1.0 if math.isnan(reading.value) else min(1.0, reading.value)
        )
        for reading in readings
        if reading.family == "vsm_variety_ratio" and reading.labels["pair"] != SYMMETRIC
    }
