"""How many operations of each unit ended, and how: counted from the bulk lane."""

from collections import defaultdict
from typing import TypeAlias

import msgspec
from msgspec import structs

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
        began: Unix seconds at which the first window that saw it began.
    """

    counts: Rolling[Sums]
    newest: float
    began: float

    def seen(self, now: float) -> float:
        """Return the seconds that `counts` tell of: since the unit began, its window at most."""
        return min(self.counts.covered(now), now - self.began)

    def coverage(self, now: float) -> float:
        """Return the share of the window that the unit has been known for."""
        return min(1.0, (now - self.began) / self.counts.span)


def counted(units: Bounded[Unit, Outcomes], view: View, window: float) -> Bounded[Unit, Outcomes]:
    """Return `units` with System 1's operations of a view, over rolling windows of seconds."""
    touched: dict[Unit, Outcomes] = {}
    for unit, (operations, errors, newest) in _ended(view).items():
        known = units.get(unit)
        if known is None:
            counts = rolling_sums(window, 2)
            known = Outcomes(counts=counts, newest=newest, began=view.start)
        touched[unit] = structs.replace(
            known,
            counts=known.counts.add(view.start, (operations, errors)),
            newest=max(newest, known.newest),
        )
    return units.update(touched)


def forgotten(units: Bounded[Unit, Outcomes], now: float, memory: float) -> Bounded[Unit, Outcomes]:
    """Return `units` without those that did nothing for `memory` seconds.

    A unit is known for longer than its window: whoever comes back after a pause was idle in it,
    and is not new.
    """
    oldest = now - memory
    return units.without(
        *(unit for unit, one in units.items() if one.newest < oldest and one.counts.at(now).empty)
    )


def _ended(view: View) -> dict[Unit, tuple[float, float, float]]:
    found: defaultdict[Unit, tuple[float, float, float]] = defaultdict(lambda: (0.0, 0.0, 0.0))
    for row in view.rows("vsm_operations_total"):
        path, system, unit, _, outcome = row.series.labels
        if system == "1":
            operations, errors, newest = found[path, unit]
            failed = row.sum if outcome == "error" else 0.0
            found[path, unit] = operations + row.sum, errors + failed, max(newest, row.time)
    return found
