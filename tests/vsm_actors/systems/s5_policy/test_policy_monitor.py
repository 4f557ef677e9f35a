from collections.abc import Callable
from typing import Any

from vsm_actors.systems.s5_policy import PolicyMonitor

World = Any
Values = Callable[..., dict[tuple[str, ...], float]]
Run = Callable[..., tuple[Any, tuple[Any, ...]]]

ADHERENCE = "vsm_policy_adherence_ratio"
RESPONSE = "vsm_algedonic_response_seconds"
TIMELY = "vsm_algedonic_timely_ratio"
DAY = 86_400.0


def decision(world: World, outcome: str, policy: str = "p", at: float = 0.0) -> Any:
    return world.event("decision.made", at, system=5, id="d", policy=policy, outcome=outcome)


def raised(
    world: World, at: float, name: str, severity: str = "critical", kind: str = "pain"
) -> Any:
    return world.event("algedonic.raised", at, id=name, severity=severity, kind=kind)


def acknowledged(world: World, at: float, name: str) -> Any:
    return world.event("algedonic.acknowledged", at, path="head-office", system=5, id=name)


def cleared(world: World, at: float, name: str) -> Any:
    return world.event("algedonic.cleared", at, id=name)


def test_nothing_is_said_without_data(run: Run) -> None:
    assert run(PolicyMonitor(), now=100.0)[1] == ()


def test_adherence_is_the_share_of_compliant_decisions(
    world: World, values: Values, run: Run
) -> None:
    events = tuple(decision(world, "violation" if n == 0 else "compliant") for n in range(4))
    _, readings = run(PolicyMonitor(), events=events, now=1.0)
    assert values(readings, ADHERENCE) == {("acme",): 0.75}
    assert (readings[0].n, readings[0].coverage) == (4, 1.0)


def test_coverage_is_the_share_of_declared_policies_under_which_was_decided(
    world: World, run: Run
) -> None:
    declared = [world.event("policy.declared", 0.0, system=5, id=name) for name in ("p", "q", "p")]
    events = (*declared, decision(world, "compliant", at=1.0), declared[0])
    _, readings = run(PolicyMonitor(), events=events, now=2.0)
    assert [one.coverage for one in readings if one.family == ADHERENCE] == [0.5]


def test_decisions_older_than_the_window_are_forgotten(world: World, run: Run) -> None:
    monitor = PolicyMonitor(window=60.0)
    assert run(monitor, events=(decision(world, "compliant"),), now=100.0)[1] == ()


def test_response_time_runs_from_raised_to_acknowledged_and_includes_open_ages(
    world: World, values: Values, run: Run
) -> None:
    events = (
        raised(world, 0.0, "a"),
        acknowledged(world, 10.0, "a"),
        raised(world, 20.0, "b"),
    )
    monitor = PolicyMonitor()
    state, readings = run(monitor, events=events, now=40.0)
    assert values(readings, RESPONSE) == {("acme",): 15.0}
    assert values(readings, TIMELY) == {("acme",): 1.0}
    _, readings = run(monitor, state=state, now=51.0)
    assert values(readings, TIMELY) == {("acme",): 0.5}


def test_an_open_alert_within_its_recovery_time_is_not_judged_yet(
    world: World, values: Values, run: Run
) -> None:
    _, readings = run(PolicyMonitor(), events=(raised(world, 0.0, "a", "medium"),), now=60.0)
    assert values(readings, RESPONSE) == {("acme",): 60.0}
    assert values(readings, TIMELY) == {}


def test_severity_only_rises_and_takes_the_earlier_deadline(
    world: World, values: Values, run: Run
) -> None:
    events = (
        raised(world, 0.0, "a", "medium"),
        raised(world, 1.0, "a", "critical"),
        raised(world, 2.0, "a", "medium"),
    )
    _, readings = run(PolicyMonitor(), events=events, now=32.0)
    assert values(readings, TIMELY) == {("acme",): 0.0}


def test_a_replay_changes_nothing(world: World, run: Run) -> None:
    monitor = PolicyMonitor()
    life = (
        raised(world, 0.0, "a"),
        acknowledged(world, 10.0, "a"),
        cleared(world, 20.0, "a"),
    )
    state, readings = run(monitor, events=life, now=30.0)
    again, repeated = run(monitor, state=state, events=life, now=30.0)
    assert repeated == readings
    assert again == state
    assert readings[0].n == 1


def test_an_alert_that_ends_unacknowledged_waited_until_its_end(
    world: World, values: Values, run: Run
) -> None:
    events = (raised(world, 0.0, "a"), cleared(world, 40.0, "a"))
    _, readings = run(PolicyMonitor(), events=events, now=50.0)
    assert values(readings, RESPONSE) == {("acme",): 40.0}
    assert values(readings, TIMELY) == {("acme",): 0.0}


def test_cleared_alerts_are_forgotten_an_hour_later_and_open_ones_never(
    world: World, run: Run
) -> None:
    monitor = PolicyMonitor()
    events = (raised(world, 0.0, "a"), cleared(world, 1.0, "a"), raised(world, 0.0, "b"))
    state, _ = run(monitor, events=events, now=10.0)
    state, _ = run(monitor, state=state, now=20.0)
    assert len(state.reception.pains) == 2
    state, readings = run(monitor, state=state, now=90 * DAY)
    assert len(state.reception.pains) == 1
    assert next(one.value for one in readings if one.family == RESPONSE) == 90 * DAY


def test_pleasure_and_what_was_never_raised_do_not_wait(world: World, run: Run) -> None:
    events = (
        raised(world, 0.0, "joy", kind="pleasure"),
        acknowledged(world, 1.0, "joy"),
        cleared(world, 1.0, "unknown"),
    )
    assert run(PolicyMonitor(), events=events, now=2.0)[1] == ()


def test_alerts_past_the_bound_are_refused_and_counted(world: World, run: Run) -> None:
    monitor = PolicyMonitor(limit=1)
    state, _ = run(monitor, events=(raised(world, 0.0, "a"), raised(world, 0.0, "b")), now=1.0)
    assert monitor.refused(state) == 1


def test_windows_of_the_bulk_lane_change_nothing(world: World) -> None:
    monitor = PolicyMonitor()
    state = monitor.initial()
    assert monitor.observe(state, world.view(end=1.0)) is state


def test_a_pain_that_comes_back_after_its_end_is_waited_for_anew(
    world: World, values: Values, run: Run
) -> None:
    events = (
        raised(world, 0.0, "a"),
        acknowledged(world, 10.0, "a"),
        cleared(world, 20.0, "a"),
        raised(world, 100.0, "a"),
    )
    _, readings = run(PolicyMonitor(), events=events, now=130.0)
    assert values(readings, RESPONSE) == {("acme",): 20.0}
