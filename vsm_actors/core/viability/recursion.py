"""Recursion: which systems of which paths report, and how many levels are complete."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeAlias, TypeVar

from vsm_actors.core.naming import SYSTEMS, parent
from vsm_actors.core.state.bounded import Bounded, bounded
from vsm_actors.core.window.view import View

K = TypeVar("K")

Reporter: TypeAlias = tuple[str, int]
"""Path and system, 1 to 5."""

WINDOWS: Mapping[int, float] = MappingProxyType(
    {1: 300.0, 2: 3600.0, 3: 86400.0, 4: 7 * 86400.0, 5: 30 * 86400.0}
)
"""Seconds over which each system is looked at, by default."""

_NUMBERS: Mapping[str, int] = MappingProxyType({str(number): number for number in SYSTEMS})
_REPORTS = (
    "vsm_operations_total",
    "vsm_resource_used",
    "vsm_actuality",
    "vsm_states_total",
    "vsm_events_total",
)
"""Families whose first labels are path, system and unit, and that a system's own reports touch."""

_FRESH = 10.0
"""Seconds within which a report is not noted again: windows are far longer, and notes cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """Who reported when. What the daemon derives is not a report.

    Attributes:
        windows: seconds over which each system is looked at.
        reports: Unix seconds of the last report, by path and system.
        units: Unix seconds at which a unit of a path was last heard; a child path is one.
    """

    windows: Mapping[int, float]
    reports: Bounded[Reporter, float]
    units: Bounded[tuple[str, str], float]

    def observe(self, view: View) -> "Structure":
        """Return the structure with what a window saw."""
        reports = self.reports.update(_fresh(self.reports, set(_reporters(view)), view.end))
        units = self.units.update(_fresh(self.units, set(_units(view)), view.end))
        return replace(self, reports=reports, units=units)

    def advance(self, now: float) -> "Structure":
        """Return the structure without reporters and units that fell silent.

        A unit is remembered over System 3's window: it manages the units, at work or not.
        """
        silent = [key for key, when in self.reports.items() if now - when > self.windows[key[1]]]
        gone = [key for key, when in self.units.items() if now - when > self.windows[3]]
        if not silent and not gone:
            return self
        return replace(self, reports=self.reports.without(*silent), units=self.units.without(*gone))

    def paths(self) -> frozenset[str]:
        """Return the paths where some system reported."""
        return frozenset(path for path, _ in self.reports.cells)

    def unit_counts(self) -> Mapping[str, int]:
        """Return how many units each path has."""
        counts: defaultdict[str, int] = defaultdict(int)
        for path, _ in self.units.cells:
            counts[path] += 1
        return counts

    def depths(self) -> Mapping[str, int]:
        """Return the recursion depth of every path that reported.

        0 unless all five systems reported within their windows, else 1 + the deepest child.
        """
        systems: defaultdict[str, set[int]] = defaultdict(set)
        for path, system in self.reports.cells:
            systems[path].add(system)
        below: defaultdict[str, int] = defaultdict(int)
        depths: dict[str, int] = {}
        for path in sorted(systems, key=_segments, reverse=True):
            depths[path] = 1 + below[path] if systems[path].issuperset(SYSTEMS) else 0
            above = parent(path)
            if above is not None:
                below[above] = max(below[above], depths[path])
        return depths


def structure(windows: Mapping[int, float], limit: int) -> Structure:
    """Return the structure of nobody, with room for `limit` reporters and units, each."""
    return Structure(windows=windows, reports=bounded(limit), units=bounded(limit))


def _fresh(known: Bounded[K, float], keys: Iterable[K], now: float) -> Mapping[K, float]:
    return {key: now for key in keys if now - known.cells.get(key, -_FRESH) >= _FRESH}


def _segments(path: str) -> int:
    return path.count("/")


def _reporters(view: View) -> Iterator[Reporter]:
    for family in _REPORTS:
        for row in view.rows(family):
            path, system, *_ = row.series.labels
            if system in _NUMBERS:
                yield path, _NUMBERS[system]
    for row in view.rows("vsm_messages_total"):
        path, source, target, _, result = row.series.labels
        said = target if result == "received" else source
        system = said.partition("/")[0]
        if system in _NUMBERS:
            yield path, _NUMBERS[system]


def _units(view: View) -> Iterator[tuple[str, str]]:
    for family in _REPORTS:
        for row in view.rows(family):
            path, system, unit, *_ = row.series.labels
            if system == "1" and unit:
                yield path, unit
            above = parent(path)
            if above is not None:
                yield above, path.rpartition("/")[2]
