"""Dense columns over series ids: what a whole column of ids has to know about its series.

The table grows while others read it. A directory is an immutable snapshot of it; it grows by what
is new, and everybody who reads the same table shares one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from vsm_actors.core.batch import NO_IDS, Floats, Ids
from vsm_actors.core.families import Family, Kind, Origin
from vsm_actors.core.series.table import SeriesTable

NO_LADDER = -1
"""The ladder of a series that has no fixed buckets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """What is known of the first `len(directory)` series of a table.

    Attributes:
        names: code of a family by its name.
        family: int32[n], code of the family of each series.
        kind: int8[n], its `Kind`.
        reading: bool[n], whether it is concluded rather than measured.
        ladders: the different sets of upper bounds that histograms use, each ascending.
        ladder: int32[n], place in `ladders` of each histogram, else `NO_LADDER`.
    """

    names: Mapping[str, int]
    family: Ids
    kind: NDArray[np.int8]
    reading: NDArray[np.bool_]
    ladders: tuple[Floats, ...]
    ladder: Ids

    def __len__(self) -> int:
        """Count the series that it covers."""
        return len(self.family)


EMPTY = Directory(
    names=MappingProxyType({}),
    family=NO_IDS,
    kind=np.empty(0, dtype=np.int8),
    reading=np.empty(0, dtype=np.bool_),
    ladders=(),
    ladder=NO_IDS,
)

_shared: WeakKeyDictionary[SeriesTable, Directory] = WeakKeyDictionary()


def directory_of(table: SeriesTable) -> Directory:
    """Return a directory of every series that the table holds now.

    Safe from every thread: two that grow it at once do the same work and get equal answers.
    """
    known = _shared.get(table, EMPTY)
    if len(known) < len(table):
        known = grown(known, table)
        _shared[table] = known
    return known


def grown(known: Directory, table: SeriesTable) -> Directory:
    """Return `known` with what the table has gained since."""
    names, ladders = dict(known.names), list(known.ladders)
    new = [table[series] for series in range(len(known), len(table))]
    families = [names.setdefault(one.family.name, len(names)) for one in new]
    rungs = [_ladder(one.family, ladders) for one in new]
    kinds = [one.family.kind for one in new]
    readings = [one.origin is Origin.READING for one in new]
    return Directory(
        names=MappingProxyType(names),
        family=np.concatenate([known.family, np.array(families, dtype=np.int32)]),
        kind=np.concatenate([known.kind, np.array(kinds, dtype=np.int8)]),
        reading=np.concatenate([known.reading, np.array(readings, dtype=np.bool_)]),
        ladders=tuple(ladders),
        ladder=np.concatenate([known.ladder, np.array(rungs, dtype=np.int32)]),
    )


def _ladder(family: Family, ladders: list[Floats]) -> int:
    if family.kind is not Kind.HISTOGRAM:
        return NO_LADDER
    bounds = np.array(family.buckets, dtype=np.float64)
    for place, known in enumerate(ladders):
        if np.array_equal(known, bounds):
            return place
    ladders.append(bounds)
    return len(ladders) - 1
