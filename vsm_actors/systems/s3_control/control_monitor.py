"""ControlMonitor: whether System 3's directives are kept and its resource bargains fulfilled."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from vsm_actors.core.reading import Reading
from vsm_actors.core.record import Event
from vsm_actors.core.state.account import Account, account
from vsm_actors.core.state.bounded import Bounded, bounded
from vsm_actors.core.state.conclusion import age, conclude
from vsm_actors.core.window.view import View
from vsm_actors.systems.s3_control.directives import (
    Directives,
    End,
    Judgement,
    Order,
    Outcome,
    directives,
)

_VERDICTS = ("kept", "late", "refused", "overdue")
_PLACES = (*_VERDICTS, "completed", "delay", "override")
"""What an account of a unit sums, in this order."""

Unit: TypeAlias = tuple[str, str]
Bargain: TypeAlias = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlState:
    """What ControlMonitor remembers.

    Attributes:
        directives: those under way.
        units: verdicts, delays and overrides by path and unit; unit "" is all of the path.
        bargains: what was agreed and delivered by path, unit and resource.
    """

    directives: Directives
    units: Bounded[Unit, Account]
    bargains: Bounded[Bargain, Account]


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlMonitor:
    """Compliance, delay, overrides and the resource bargain of each unit.

    A directive counts once: as kept when it was completed by its due time, else as late, refused
    or overdue. One that is neither ended nor due yet does not count.

    Attributes:
        window: seconds over which System 3 is judged.
        due: seconds allowed to a directive that names none.
        limit: directives under way, units and bargains at most, each.
    """

    window: float = 86400.0
    due: float = 86400.0
    limit: int = 10_000
    name: str = "ControlMonitor"
    system: int = 3

    def initial(self) -> ControlState:
        """Return the state of one that has seen no directive."""
        return ControlState(
            directives=directives(keep=self.window, limit=self.limit),
            units=bounded(self.limit),
            bargains=bounded(self.limit),
        )

    def fold(self, state: ControlState, event: Event) -> ControlState:
        """Return `state` with a directive, an allocation or an override folded in."""
        match event.name:
            case "override.applied":
                figures = {"override": 1.0}
                return self._enter(state, (event.path, event.meant), figures, event.arrival)
            case "resource.allocated":
                return self._allocate(state, event)
            case "directive.issued":
                due = event.time + event.measurements.get("due", self.due)
                order = Order(unit=event.meant, issued=event.time, due=due)
                issued = state.directives.issue((event.path, event.attribute("id")), order)
                return self._settle(state, issued, event.arrival)
            case _:
                end = End(ended=event.time, refused=event.name == "directive.refused")
                ended = state.directives.end((event.path, event.attribute("id")), end)
                return self._settle(state, ended, event.arrival)

    def observe(self, state: ControlState, view: View) -> ControlState:  # noqa: ARG002 - the protocol's
        """Return `state`: control acts come on the event lane only."""
        return state

    def conclude(self, state: ControlState, now: float) -> tuple[ControlState, tuple[Reading, ...]]:
        """Return compliance, delay and overrides per unit, and every bargain's fulfilment."""
        under_way, overdue = state.directives.advance(now)
        state = replace(state, directives=under_way)
        for judgement in overdue:
            state = self._record(state, judgement, now)
        units, of_units = conclude(state.units, now, _of_unit)
        bargains, of_bargains = conclude(state.bargains, now, _of_bargain)
        state = replace(state, units=units, bargains=bargains)
        return state, (*of_units, *of_bargains)

    def refused(self, state: ControlState) -> int:
        """Return how many directives, units and bargains the bound has refused."""
        return state.directives.held.refused + state.units.refused + state.bargains.refused

    def _settle(self, state: ControlState, outcome: Outcome, now: float) -> ControlState:
        under_way, judgement = outcome
        state = replace(state, directives=under_way)
        return state if judgement is None else self._record(state, judgement, now)

    def _record(self, state: ControlState, judgement: Judgement, now: float) -> ControlState:
        figures: dict[str, float] = {}
        if judgement.verdict is not None:
            figures[judgement.verdict] = 1.0
        if judgement.delay is not None:
            figures |= {"completed": 1.0, "delay": judgement.delay}
        return self._enter(state, (judgement.path, judgement.unit), figures, now)

    def _enter(
        self, state: ControlState, unit: Unit, figures: Mapping[str, float], now: float
    ) -> ControlState:
        units, values = state.units, [figures.get(place, 0.0) for place in _PLACES]
        for key in (unit, (unit[0], "")):
            cell = units.get(key) or account(self.window, len(_PLACES))
            units = units.put(key, cell.enter(now, *values))
        return replace(state, units=units)

    def _allocate(self, state: ControlState, event: Event) -> ControlState:
        key = (event.path, event.meant, event.attribute("resource"))
        cell = state.bargains.get(key) or account(self.window, 3)
        given = event.measurements
        cell = cell.enter(event.arrival, 1.0, given["agreed"], given["delivered"])
        return replace(state, bargains=state.bargains.put(key, cell))


def _of_unit(key: Unit, cell: Account, now: float) -> Iterator[Reading]:
    sums = dict(zip(_PLACES, cell.total(now), strict=True))
    labels, old = {"path": key[0], "unit": key[1]}, age(cell, now)
    judged, completed = sum(sums[verdict] for verdict in _VERDICTS), sums["completed"]
    for family, figure, n in (
        ("vsm_directive_compliance_ratio", sums["kept"], judged),
        ("vsm_directive_delay_seconds", sums["delay"], completed),
    ):
        if n:
            yield Reading(family=family, labels=labels, value=figure / n, n=round(n), age=old)
    count = sums["override"]
    yield Reading(family="vsm_overrides", labels=labels, value=count, n=round(count), age=old)


def _of_bargain(key: Bargain, cell: Account, now: float) -> Iterator[Reading]:
    n, agreed, delivered = cell.total(now)
    # Where nothing was agreed there is no bargain to fulfil; past float64 there is no figure.
    if agreed > 0 and math.isfinite(ratio := delivered / agreed):
        path, unit, resource = key
        yield Reading(
            family="vsm_bargain_fulfilment_ratio",
            labels={"path": path, "unit": unit, "resource": resource},
            value=ratio,
            n=round(n),
            age=age(cell, now),
        )
