"""ControlMonitor: whether System 3's directives are kept and its resource bargains fulfilled."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from vsm_actors.core.bounded import Bounded, bounded
from vsm_actors.core.reading import Reading
from vsm_actors.core.record import Event
from vsm_actors.core.tally import Tally, conclude
from vsm_actors.core.view import View
from vsm_actors.systems.s3_control.directives import (
    Directives,
    End,
    Judgement,
    Order,
    Outcome,
    directives,
)

_VERDICTS = ("kept", "late", "refused", "overdue")

Unit: TypeAlias = tuple[str, str]
Bargain: TypeAlias = tuple[str, str, str]
Samples: TypeAlias = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlState:
    """What ControlMonitor remembers.

    Attributes:
        directives: those under way.
        units: verdicts, delays and overrides by path and unit; unit "" is all of the path.
        bargains: what was agreed and delivered by path, unit and resource.
    """

    directives: Directives
    units: Bounded[Unit, Tally]
    bargains: Bounded[Bargain, Tally]


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
                return self._count(
                    state, event.path, event.meant, (("override", 1.0),), event.arrival
                )
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
        samples: Samples = () if judgement.verdict is None else ((judgement.verdict, 1.0),)
        if judgement.delay is not None:
            samples = (*samples, ("completed", 1.0), ("delay", judgement.delay))
        return self._count(state, judgement.path, judgement.unit, samples, now)

    def _count(
        self, state: ControlState, path: str, unit: str, samples: Samples, now: float
    ) -> ControlState:
        units = state.units
        for key in ((path, unit), (path, "")):
            cell = units.get(key) or Tally(window=self.window)
            units = units.put(key, cell.add(samples, now))
        return replace(state, units=units)

    def _allocate(self, state: ControlState, event: Event) -> ControlState:
        key = (event.path, event.meant, event.attribute("resource"))
        cell = state.bargains.get(key) or Tally(window=self.window)
        given = event.measurements
        samples = (("n", 1.0), ("agreed", given["agreed"]), ("delivered", given["delivered"]))
        bargains = state.bargains.put(key, cell.add(samples, event.arrival))
        return replace(state, bargains=bargains)


def _of_unit(key: Unit, tally: Tally, age: float) -> Iterator[Reading]:
    labels = {"path": key[0], "unit": key[1]}
    judged = sum(tally[verdict] for verdict in _VERDICTS)
    if judged:
        yield Reading(
            family="vsm_directive_compliance_ratio",
            labels=labels,
            value=tally["kept"] / judged,
            n=round(judged),
            age=age,
        )
    completed = tally["completed"]
    if completed:
        yield Reading(
            family="vsm_directive_delay_seconds",
            labels=labels,
            value=tally["delay"] / completed,
            n=round(completed),
            age=age,
        )
    overrides = tally["override"]
    yield Reading(
        family="vsm_overrides", labels=labels, value=overrides, n=round(overrides), age=age
    )


def _of_bargain(key: Bargain, tally: Tally, age: float) -> Iterator[Reading]:
    # Where nothing was agreed there is no bargain to fulfil.
    if tally["agreed"] > 0:
        path, unit, resource = key
        yield Reading(
            family="vsm_bargain_fulfilment_ratio",
            labels={"path": path, "unit": unit, "resource": resource},
            value=tally["delivered"] / tally["agreed"],
            n=round(tally["n"]),
            age=age,
        )
