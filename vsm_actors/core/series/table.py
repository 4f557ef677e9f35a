"""The series table: every label set interned to a small integer, under caps.

A series is known by its family's name, its label names and its label values: the custom metrics of
StatsD may have several label sets under one name. A hit is one dictionary look-up and takes no
lock; a miss takes the lock that the table was given. Ids grow and are never reused within a
process, so that a column of ids means the same for ever.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from vsm_actors.core.errors import WrongLabelsError
from vsm_actors.core.families import Family, Origin
from vsm_actors.core.naming import OVERFLOW, is_own

_FIRST = 1024

_Key: TypeAlias = tuple[str, tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Cardinality caps, as in ``[limits]`` of the configuration.

    Attributes:
        series: series in all.
        metric_series: series of one family.
        label_values: different values of one label of one family.
    """

    series: int = 200_000
    metric_series: int = 20_000
    label_values: int = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One family with one set of label values.

    Attributes:
        id: its place in every column.
        family: what it belongs to.
        labels: the values, in the order of `family.labels`.
        origin: `SELF` for what lies under the daemon's own path.
    """

    id: int
    family: Family
    labels: tuple[str, ...]
    origin: Origin

    def label(self, name: str) -> str:
        """Return the value of the label called `name`, "" where the family has no such label."""
        names = self.family.labels
        return self.labels[names.index(name)] if name in names else ""


class SeriesTable:
    """Interned series, with dense columns over their ids."""

    def __init__(self, limits: Limits, lock: AbstractContextManager[object]) -> None:
        """Make an empty table.

        Args:
            limits: the caps.
            lock: entered by every miss; a `threading.Lock` where several threads intern.
        """
        self.limits = limits
        self._lock = lock
        self._ids: dict[_Key, int] = {}
        self._series: list[Series] = []
        self._per_family: Counter[str] = Counter()
        self._values: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self._kinds: NDArray[np.int8] = np.zeros(_FIRST, dtype=np.int8)
        self._retired = 0
        self.overflows: Counter[str] = Counter()
        """Misses that a cap sent to an overflow series, by ``label``, ``metric`` or ``series``."""

    def __len__(self) -> int:
        """Count the ids given out, retired ones among them: the length of a dense column."""
        return len(self._series)

    @property
    def retired(self) -> int:
        """Series retired since the start; whoever keeps ids looks again when it has grown."""
        return self._retired

    @property
    def full(self) -> bool:
        """Whether the cap on all series is reached."""
        return self.alive >= self.limits.series

    @property
    def alive(self) -> int:
        """Series that are not retired."""
        return len(self._series) - self._retired

    def __getitem__(self, series: int) -> Series:
        """Return the series with this id."""
        return self._series[series]

    def __iter__(self) -> Iterator[Series]:
        """Iterate over the series alive, in the order of their ids."""
        return (one for one in tuple(self._series) if self._ids.get(_key(one)) == one.id)

    @property
    def kinds(self) -> NDArray[np.int8]:
        """int8[>= len(self)]: the `Kind` of every series, by id."""
        return self._kinds

    def is_alive(self, series: int) -> bool:
        """Tell whether a series is not retired."""
        return self._ids.get(_key(self._series[series])) == series

    def intern(self, family: Family, labels: tuple[str, ...]) -> int:
        """Return the id of a series, making it where it is new.

        Over a cap, the id of the family's overflow series is returned, and counted.

        Raises:
            WrongLabelsError: the number of values is not that of the family's labels.
        """
        found = self._ids.get((family.name, family.labels, labels))
        if found is not None:
            return found
        if len(labels) != len(family.labels):
            raise WrongLabelsError(family.name, family.labels, len(labels))
        with self._lock:
            return self._admit(family, labels)

    def retire(self, series: int) -> None:
        """Forget an idle series: its labels get a new id if they come again."""
        with self._lock:
            one = self._series[series]
            if self._ids.get(_key(one)) == series:
                del self._ids[_key(one)]
                self._per_family[one.family.name] -= 1
                self._retired += 1

    def cap(self, family: Family) -> str:
        """Return the cap that a new series of `family` would meet: ``metric``, ``series`` or ""."""
        if self._per_family[family.name] >= self.limits.metric_series:
            return "metric"
        return "series" if self.full else ""

    def overflow(self, family: Family, cap: str) -> int:
        """Return the overflow series of `family`, and count a miss that `cap` sent there.

        For whoever knows that a cap is met before it has read the labels.
        """
        with self._lock:
            return self._overflow(family, cap)

    def _admit(self, family: Family, labels: tuple[str, ...]) -> int:
        capped = self._cap_labels(family, labels)
        found = self._ids.get((family.name, family.labels, capped))
        if found is not None:
            return found
        cap = self.cap(family)
        return self._overflow(family, cap) if cap else self._add(family, capped)

    def _overflow(self, family: Family, cap: str) -> int:
        self.overflows[cap] += 1
        labels = tuple(OVERFLOW for _ in family.labels)
        found = self._ids.get((family.name, family.labels, labels))
        return self._add(family, labels) if found is None else found

    def _cap_labels(self, family: Family, labels: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(
            self._cap_value(family.name, label, value)
            for label, value in zip(family.labels, labels, strict=True)
        )

    def _cap_value(self, name: str, label: str, value: str) -> str:
        known = self._values[name, label]
        if value in known or value == OVERFLOW:
            return value
        if len(known) >= self.limits.label_values:
            self.overflows["label"] += 1
            return OVERFLOW
        known.add(value)
        return value

    def _add(self, family: Family, labels: tuple[str, ...]) -> int:
        series = len(self._series)
        if series == len(self._kinds):
            self._kinds = np.concatenate([self._kinds, np.zeros(series, dtype=np.int8)])
        self._kinds[series] = family.kind
        origin = _origin(family, labels)
        self._series.append(Series(id=series, family=family, labels=labels, origin=origin))
        self._per_family[family.name] += 1
        self._ids[family.name, family.labels, labels] = series
        return series


def _key(series: Series) -> _Key:
    return series.family.name, series.family.labels, series.labels


def _origin(family: Family, labels: tuple[str, ...]) -> Origin:
    if family.origin is Origin.SOURCE and "path" in family.labels:
        own = is_own(labels[family.labels.index("path")])
        return Origin.SELF if own else Origin.SOURCE
    return family.origin
