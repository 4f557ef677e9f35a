from collections.abc import Callable
from typing import Any

import pytest

from vsm_actors.systems.s3_control import AuditManager

World = Any
Values = Callable[..., dict[tuple[str, ...], float]]
Run = Callable[..., tuple[Any, tuple[Any, ...]]]

DAY = 86_400.0


def audit(
    world: World,
    unit: str,
    claimed: float,
    found: float,
    *,
    at: float = 0.0,
    tolerance: float | None = None,
) -> Any:
    measured = {"claimed": claimed, "found": found}
    if tolerance is not None:
        measured["tolerance"] = tolerance
    return world.event(
        "audit.performed", at, system=3, measurements=measured, unit=unit, stream="stock"
    )


def finding(world: World, verb: str, name: str, at: float = 0.0) -> Any:
    return world.event(f"finding.{verb}", at, system=3, id=name, unit="press")


def test_a_difference_beyond_five_percent_of_the_claim_is_a_discrepancy(
    world: World, values: Values, run: Run
) -> None:
    events = (
        audit(world, "press", 100.0, 95.0),
        audit(world, "press", 100.0, 94.9),
        audit(world, "press", -100.0, -100.0),
        audit(world, "saw", 100.0, 200.0, tolerance=100.0),
    )
    _, readings = run(AuditManager(), events=events, now=10.0)
    ratio = values(readings, "vsm_audit_discrepancy_ratio")
    assert ratio == {
        ("acme", "press"): pytest.approx(1 / 3),
        ("acme", "saw"): 0.0,
        ("acme", ""): 0.25,
    }


def test_the_discrepancy_comes_with_wilsons_interval(
    world: World, values: Values, run: Run
) -> None:
    events = tuple(audit(world, "press", 10.0, 10.0 if n else 20.0) for n in range(10))
    _, readings = run(AuditManager(), events=events, now=10.0)
    low = values(readings, "vsm_audit_discrepancy_lower_ratio")["acme", "press"]
    high = values(readings, "vsm_audit_discrepancy_upper_ratio")["acme", "press"]
    assert [low, high] == pytest.approx([0.01788, 0.40415], abs=1e-5)


def test_coverage_is_the_share_of_the_known_units_that_were_audited(
    world: World, values: Values, run: Run
) -> None:
    heard = [
        world.point(
            "vsm_operations_total",
            path="acme",
            system=system,
            unit=unit,
            operation="o",
            outcome="ok",
        )
        for system, unit in (("1", "press"), ("1", "saw"), ("1", ""), ("4", "lab"))
    ]
    events = (audit(world, "press", 1.0, 1.0),)
    _, readings = run(AuditManager(), events=events, views=(world.view(*heard, end=1.0),), now=10.0)
    assert values(readings, "vsm_audit_coverage_ratio") == {("acme",): 0.5}


def test_the_age_of_the_last_audit_outlives_the_window(
    world: World, values: Values, run: Run
) -> None:
    monitor = AuditManager()
    events = (audit(world, "press", 1.0, 1.0, at=100.0), audit(world, "press", 1.0, 1.0, at=50.0))
    state, readings = run(monitor, events=events, now=3 * DAY)
    assert values(readings, "vsm_audit_age_seconds")["acme", "press"] == 3 * DAY - 100.0
    assert values(readings, "vsm_audit_discrepancy_ratio") == {}
    assert values(readings, "vsm_audit_coverage_ratio") == {}
    assert run(monitor, state=state, now=40 * DAY)[1] == ()


def test_a_unit_that_was_not_heard_for_a_window_is_no_longer_known(
    world: World, values: Values, run: Run
) -> None:
    monitor = AuditManager()
    where = {"path": "acme", "system": "1", "unit": "saw", "resource": "cpu"}
    view = world.view(world.point("vsm_resource_used", **where), end=1.0)
    events = (audit(world, "press", 1.0, 1.0, at=DAY),)
    _, readings = run(monitor, views=(view,), events=events, now=DAY + 10.0)
    assert values(readings, "vsm_audit_coverage_ratio") == {("acme",): 1.0}


def test_findings_are_open_until_they_are_closed(world: World, values: Values, run: Run) -> None:
    monitor = AuditManager()
    events = (
        audit(world, "press", 1.0, 1.0),
        finding(world, "opened", "a"),
        finding(world, "opened", "a"),
        finding(world, "opened", "b"),
        finding(world, "closed", "z"),
    )
    state, readings = run(monitor, events=events, now=1.0)
    assert values(readings, "vsm_findings_open") == {("acme", "press"): 2.0, ("acme", ""): 2.0}
    closing = (finding(world, "closed", "a"), finding(world, "closed", "b"))
    _, readings = run(monitor, state=state, events=closing, now=2.0)
    assert values(readings, "vsm_findings_open") == {("acme", "press"): 0.0, ("acme", ""): 0.0}


def test_findings_of_a_unit_that_was_never_audited_are_counted(
    world: World, values: Values, run: Run
) -> None:
    _, readings = run(AuditManager(), events=(finding(world, "opened", "a"),), now=1.0)
    assert values(readings, "vsm_findings_open")["acme", "press"] == 1.0


def test_findings_past_the_bound_are_refused_and_counted(
    world: World, values: Values, run: Run
) -> None:
    monitor = AuditManager(limit=1)
    events = (finding(world, "opened", "a"), finding(world, "opened", "b"))
    state, readings = run(monitor, events=events, now=1.0)
    assert monitor.refused(state) == 1
    assert values(readings, "vsm_findings_open")["acme", "press"] == 1.0


def test_a_window_in_which_nobody_was_heard_changes_nothing(world: World) -> None:
    monitor = AuditManager()
    state = monitor.initial()
    assert monitor.observe(state, world.view(end=1.0)) is state
