"""How many operations of each unit ended, and how: counted from the bulk lane."""

from collections import defaultdict
from typing import TypeAlias

import msgspec

from vsm_actors.core.state.bounded import Bounded
from vsm_actors.core.state.rolling import Rolling, Sums, rolling_sums
from vsm_actors.core.window.view import View

Unit: TypeAlias = tuple[str, str]
"""Path and unit."""


class Outcomes(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Operations of one unit.

    Attributes:
        counts: operations, and those of them that ended in an error, over the window.
        newest: Unix seconds of the latest operation.
    """

    counts: Rolling[Sums]
    newest: float


def counted(units: Bounded[Unit, Outcomes], view: View, window: float) -> Bounded[Unit, Outcomes]:
    """Return `units` with System 1's operations of a view, over rolling windows of seconds."""
    touched: dict[Unit, Outcomes] = {}
    for unit, (operations, errors, newest) in _ended(view).items():
        known = units.get(unit)
        counts = rolling_sums(window, 2) if known is None else known.counts
        latest = newest if known is None else max(newest, known.newest)
        added = counts.add(view.start, (operations, errors))
        touched[unit] = Outcomes(counts=added, newest=latest)
    return units.update(touched)


def forgotten(units: Bounded[Unit, Outcomes], now: float) -> Bounded[Unit, Outcomes]:
    """Return `units` without those of which nothing is left in the window."""
    return units.without(*(unit for unit, one in units.items() if one.counts.at(now).empty))


def _ended(view: View) -> dict[Unit, tuple[float, float, float]]:
    found: defaultdict[Unit, tuple[float, float, float]] = defaultdict(lambda: (0.0, 0.0, 0.0))
    for row in view.rows("vsm_operations_total"):
        path, system, unit, _, outcome = row.series.labels
        if system == "1":
            operations, errors, newest = found[path, unit]
            failed = row.sum if outcome == "error" else 0.0
            found[path, unit] = operations + row.sum, errors + failed, max(newest, row.time)
    return found
