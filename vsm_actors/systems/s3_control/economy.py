"""What the units of System 1 spend and use."""

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from vsm_actors.core.state.account import Account
from vsm_actors.core.state.bounded import Bounded
from vsm_actors.core.window.view import View

Key: TypeAlias = tuple[str, str, str]
"""Path, unit, and an index, a resource or a currency ("" for the count of operations)."""

SYSTEM_1 = "1"
OPERATIONS = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """How much of a resource a unit uses; NaN until it was said.

    Attributes:
        used: in the resource's own unit.
        capacity: in the same.
        time: Unix seconds of the newer of both.
    """

    used: float = math.nan
    capacity: float = math.nan
    time: float = -math.inf


def used(uses: Bounded[Key, Use], view: View) -> Mapping[Key, Use]:
    """Return the uses that a window touched, what it did not say of them as it was."""
    touched: dict[Key, Use] = {}
    for field in ("used", "capacity"):
        for row in view.rows(f"vsm_resource_{field}"):
            path, system, unit, resource = row.series.labels
            if system == SYSTEM_1:
                key = (path, unit, resource)
                known = touched.get(key) or uses.get(key) or Use()
                touched[key] = Use(
                    used=row.last if field == "used" else known.used,
                    capacity=row.last if field == "capacity" else known.capacity,
                    time=max(known.time, row.time),
                )
    return touched


def costs(spent: Bounded[Key, Account], now: float) -> Mapping[str, dict[str, float]]:
    """Return the cost per operation by path and unit, where all of a path share a currency."""
    operations = {
        key[:2]: cell.total(now)[0] for key, cell in spent.items() if key[2] == OPERATIONS
    }
    currencies: defaultdict[str, set[str]] = defaultdict(set)
    found: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for (path, unit, currency), cell in spent.items():
        done = operations.get((path, unit), 0.0)
        if currency != OPERATIONS and done > 0:
            currencies[path].add(currency)
            found[path][unit] = cell.total(now)[0] / done
    return {path: of_units for path, of_units in found.items() if len(currencies[path]) == 1}


def tightness(uses: Bounded[Key, Use]) -> Mapping[str, dict[str, float]]:
    """Return the utilisation of each unit's tightest resource, by path and unit."""
    found: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for (path, unit, _), use in uses.items():
        if use.capacity > 0 and use.used >= 0:
            share = use.used / use.capacity
            found[path][unit] = max(found[path].get(unit, 0.0), share)
    return found
