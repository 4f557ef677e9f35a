"""AuditManager: System 3*, what it looked at and whether the units had told the truth."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from immutables import Map

from vsm_actors.core.reading import Reading
from vsm_actors.core.record import Event
from vsm_actors.core.state.account import Account, account
from vsm_actors.core.state.bounded import Bounded, bounded
from vsm_actors.core.state.conclusion import age, conclude
from vsm_actors.core.statistics.proportion import wilson
from vsm_actors.core.window.view import View

Unit: TypeAlias = tuple[str, str]
"""Path and unit; unit "" is all of the path."""

_SIGNS_OF_LIFE = ("vsm_operations_total", "vsm_resource_used", "vsm_actuality")
_SYSTEM_1 = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditState:
    """What AuditManager remembers.

    Attributes:
        audits: audits, and those that found a discrepancy, by path and unit.
        last: Unix seconds of the last audit, by path and unit; kept beyond the window.
        units: Unix seconds at which a unit of System 1 was last heard.
        findings: the unit of each open finding, by path and id.
        open: how many findings are open, by path and unit, where there are any.
    """

    audits: Bounded[Unit, Account]
    last: Bounded[Unit, float]
    units: Bounded[Unit, float]
    findings: Bounded[tuple[str, str], str]
    open: Map[Unit, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditManager:
    """Coverage, discrepancy, age and open findings.

    A discrepancy is a difference between what was claimed and what was found beyond the tolerance
    of the audit, else beyond `tolerance` of what was claimed.

    Attributes:
        window: seconds over which System 3 looks.
        tolerance: share of the claim that is let pass where an audit names no tolerance.
        memory: windows after which a last audit is forgotten; its age is what it is read for.
        limit: units and open findings at most, each.
    """

    window: float = 86400.0
    tolerance: float = 0.05
    memory: float = 30.0
    limit: int = 10_000
    name: str = "AuditManager"
    system: int = 3

    def initial(self) -> AuditState:
        """Return the state of one that has seen no audit."""
        limit = self.limit
        return AuditState(
            audits=bounded(limit),
            last=bounded(limit),
            units=bounded(limit),
            findings=bounded(limit),
            open=Map(),
        )

    def fold(self, state: AuditState, event: Event) -> AuditState:
        """Return `state` with an audit, or a finding opened or closed."""
        match event.name:
            case "finding.opened":
                return _open(state, event)
            case "finding.closed":
                return _close(state, event)
            case _:
                return self._audit(state, event)

    def observe(self, state: AuditState, view: View) -> AuditState:
        """Return `state` with the units of System 1 that were heard: those one could audit."""
        heard = {
            (path, unit)
            for family in _SIGNS_OF_LIFE
            for path, system, unit, *_ in (row.series.labels for row in view.rows(family))
            if system == _SYSTEM_1 and unit
        }
        units = state.units.update(dict.fromkeys(heard, view.end))
        return state if units is state.units else replace(state, units=units)

    def conclude(self, state: AuditState, now: float) -> tuple[AuditState, tuple[Reading, ...]]:
        """Return what can be said of every unit and path."""
        state = self._forget(state, now)
        audits, readings = conclude(state.audits, now, _discrepancy)
        state = replace(state, audits=audits)
        readings += _ages(state, now)
        readings += _findings(state, now)
        readings += self._coverage(state, now)
        return state, tuple(readings)

    def refused(self, state: AuditState) -> int:
        """Return how many units and findings the bounds have refused."""
        return (
            state.audits.refused + state.last.refused + state.units.refused + state.findings.refused
        )

    def _audit(self, state: AuditState, event: Event) -> AuditState:
        claimed, found = event.measurements["claimed"], event.measurements["found"]
        passing = event.measurements.get("tolerance", self.tolerance * abs(claimed))
        apart = float(abs(found - claimed) > passing)
        audits, last = state.audits, state.last
        for key in ((event.path, event.meant), (event.path, "")):
            cell = audits.get(key) or account(self.window, 2)
            audits = audits.put(key, cell.enter(event.arrival, 1.0, apart))
            last = last.put(key, max(event.time, last.get(key) or event.time))
        return replace(state, audits=audits, last=last)

    def _forget(self, state: AuditState, now: float) -> AuditState:
        long_ago = now - self.memory * self.window
        unseen = [key for key, seen in state.units.items() if now - seen > self.window]
        unaudited = [key for key, when in state.last.items() if when < long_ago]
        return replace(
            state,
            units=state.units.without(*unseen),
            last=state.last.without(*unaudited),
        )

    def _coverage(self, state: AuditState, now: float) -> Iterator[Reading]:
        known: defaultdict[str, set[str]] = defaultdict(set)
        audited: defaultdict[str, set[str]] = defaultdict(set)
        newest: dict[str, float] = {}
        for (path, unit), when in state.last.items():
            newest[path] = max(when, newest.get(path, when))
            if unit and now - when <= self.window:
                audited[path].add(unit)
        for path, unit in state.units.cells:
            known[path].add(unit)
        for path, when in newest.items():
            units = known[path] | audited[path]
            if units:
                yield Reading(
                    family="vsm_audit_coverage_ratio",
                    labels={"path": path},
                    value=len(audited[path]) / len(units),
                    n=len(units),
                    age=max(0.0, now - when),
                )


def _open(state: AuditState, event: Event) -> AuditState:
    key = (event.path, event.attribute("id"))
    if key in state.findings:
        return state
    findings = state.findings.put(key, event.meant)
    if findings.refused > state.findings.refused:
        return replace(state, findings=findings)
    return replace(state, findings=findings, open=_add(state.open, event.path, event.meant, 1))


def _close(state: AuditState, event: Event) -> AuditState:
    key = (event.path, event.attribute("id"))
    unit = state.findings.get(key)
    if unit is None:
        return state
    return replace(
        state,
        findings=state.findings.without(key),
        open=_add(state.open, event.path, unit, -1),
    )


def _add(counts: Map[Unit, int], path: str, unit: str, by: int) -> Map[Unit, int]:
    for key in ((path, unit), (path, "")):
        count = counts.get(key, 0) + by
        counts = counts.set(key, count) if count else counts.delete(key)
    return counts


def _discrepancy(key: Unit, cell: Account, now: float) -> Iterator[Reading]:
    n, apart = cell.total(now)
    low, high = wilson(apart, n)
    for bound, value in (("ratio", apart / n), ("lower_ratio", low), ("upper_ratio", high)):
        yield Reading(
            family=f"vsm_audit_discrepancy_{bound}",
            labels={"path": key[0], "unit": key[1]},
            value=value,
            n=round(n),
            age=age(cell, now),
        )


def _ages(state: AuditState, now: float) -> Iterator[Reading]:
    for (path, unit), when in state.last.items():
        old = max(0.0, now - when)
        labels = {"path": path, "unit": unit}
        yield Reading(family="vsm_audit_age_seconds", labels=labels, value=old, n=1, age=old)


def _findings(state: AuditState, now: float) -> Iterator[Reading]:
    """Return the open findings of whatever has some, and 0 for what was audited and has none."""
    for key in {*state.open, *state.last.cells}:
        count, audited = state.open.get(key, 0), state.last.get(key)
        yield Reading(
            family="vsm_findings_open",
            labels={"path": key[0], "unit": key[1]},
            value=float(count),
            n=count,
            age=0.0 if audited is None else max(0.0, now - audited),
        )
