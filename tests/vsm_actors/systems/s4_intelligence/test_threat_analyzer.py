import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from immutables import Map

from vsm_actors.systems.s4_intelligence import ThreatAnalyzer
from vsm_actors.systems.s4_intelligence.threat_analyzer import Threat, joint

World = Any
Values = Callable[..., dict[tuple[str, ...], float]]
Run = Callable[..., tuple[Any, tuple[Any, ...]]]


def threat(  # noqa: PLR0913 - one figure each, by name
    world: World,
    name: str,
    likelihood: float = 0.5,
    impact: float = 1.0,
    *,
    at: float = 0.0,
    status: str = "open",
    path: str = "acme",
) -> Any:
    measured = {"likelihood": likelihood, "impact": impact}
    return world.event(
        "threat.reported", at, path=path, system=4, measurements=measured, id=name, status=status
    )


def test_two_even_threats_of_full_impact_put_three_quarters_at_risk(
    world: World, values: Values, run: Run
) -> None:
    _, readings = run(ThreatAnalyzer(), events=(threat(world, "a"), threat(world, "b")), now=1.0)
    assert values(readings, "vsm_risk") == {("acme",): 0.75}
    assert values(readings, "vsm_threats_open") == {("acme",): 2.0}


def test_a_repeated_id_updates_and_an_older_report_does_not(
    world: World, values: Values, run: Run
) -> None:
    events = (
        threat(world, "a", 0.5, at=5.0),
        threat(world, "a", 0.2, at=6.0),
        threat(world, "a", 0.9, at=1.0),
    )
    _, readings = run(ThreatAnalyzer(), events=events, now=10.0)
    assert values(readings, "vsm_risk") == {("acme",): pytest.approx(0.2)}


def test_a_closed_threat_leaves_a_risk_of_zero_until_the_path_is_forgotten(
    world: World, values: Values, run: Run
) -> None:
    monitor = ThreatAnalyzer(window=60.0)
    events = (
        threat(world, "a"),
        threat(world, "a", at=1.0, status="closed"),
        threat(world, "never-opened", at=1.0, status="closed"),
    )
    state, readings = run(monitor, events=events, now=2.0)
    assert values(readings, "vsm_risk") == {("acme",): 0.0}
    state, readings = run(monitor, state=state, now=3.0)
    assert values(readings, "vsm_threats_open") == {("acme",): 0.0}
    state, readings = run(monitor, state=state, now=100.0)
    assert readings == ()
    assert len(state.paths) == 0


def test_an_open_threat_is_kept_however_old_it_is(world: World, values: Values, run: Run) -> None:
    monitor = ThreatAnalyzer(window=60.0)
    _, readings = run(monitor, events=(threat(world, "a"),), now=1e6)
    assert values(readings, "vsm_risk") == {("acme",): 0.5}
    assert readings[0].age == 1e6


def test_threats_and_paths_past_the_bound_are_refused_and_counted(world: World, run: Run) -> None:
    monitor = ThreatAnalyzer(limit=1)
    events = (
        threat(world, "a"),
        threat(world, "b"),
        threat(world, "c", path="other", status="closed"),
        threat(world, "a", 0.1),
    )
    state, _ = run(monitor, events=events, now=1.0)
    assert monitor.refused(state) == 2
    assert state.open == 1


def test_windows_of_the_bulk_lane_change_nothing(world: World) -> None:
    monitor = ThreatAnalyzer()
    state = monitor.initial()
    assert monitor.observe(state, world.view(end=1.0)) is state


@given(st.lists(st.floats(0, 1), max_size=20))
def test_risk_lies_between_the_worst_threat_and_the_sum(risks: list[float]) -> None:
    found = joint(Map({str(n): Threat(risk=risk, time=0.0) for n, risk in enumerate(risks)}))
    assert max(risks, default=0.0) - 1e-9 <= found <= min(1.0, math.fsum(risks)) + 1e-9
