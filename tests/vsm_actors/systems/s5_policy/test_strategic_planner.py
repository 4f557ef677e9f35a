import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsm_actors.systems.s5_policy import StrategicPlanner
from vsm_actors.systems.s5_policy.balance import balance_ratio

World = Any
Values = Callable[..., dict[tuple[str, ...], float]]
Run = Callable[..., tuple[Any, tuple[Any, ...]]]

STAGES = "vsm_adaptations"
PROGRESS = "vsm_goal_progress_ratio"
TIME = "vsm_goal_time_ratio"
BALANCE = "vsm_s3_s4_balance_ratio"
DAY = 86_400.0


def adaptation(world: World, stage: str, name: str, at: float = 0.0) -> Any:
    return world.event(f"adaptation.{stage}", at, system=4, id=name)


def goal(world: World, verb: str, at: float, **measured: float) -> Any:
    return world.event(f"goal.{verb}", at, system=5, measurements=measured, id="growth")


def acts(world: World, end: float, **states: int) -> Any:
    """Counts of the states a to z of the streams of Systems 3 and 4, evenly."""
    streams = {"s3": ("3", "directives.action"), "s4": ("4", "adaptations.action")}
    points = [
        world.point(
            "vsm_states_total",
            20.0,
            path="acme",
            system=streams[side][0],
            stream=streams[side][1],
            state=chr(97 + n),
        )
        for side, count in states.items()
        for n in range(count)
    ]
    other = {"path": "acme", "system": "1", "stream": "mood", "state": "a"}
    return world.view(*points, world.point("vsm_states_total", 9.0, **other), end=end)


def test_nothing_is_said_without_data(run: Run) -> None:
    assert run(StrategicPlanner(), now=100.0)[1] == ()


def test_adaptations_are_counted_once_for_each_stage_that_they_reached(
    world: World, values: Values, run: Run
) -> None:
    events = (
        adaptation(world, "proposed", "a"),
        adaptation(world, "proposed", "a"),
        adaptation(world, "proposed", "b"),
        adaptation(world, "approved", "a"),
    )
    _, readings = run(StrategicPlanner(), events=events, now=1.0)
    assert values(readings, STAGES) == {
        ("acme", "proposed"): 2.0,
        ("acme", "approved"): 1.0,
        ("acme", "implemented"): 0.0,
    }


def test_progress_of_a_goal_runs_from_start_to_target_in_either_direction(
    world: World, values: Values, run: Run
) -> None:
    monitor = StrategicPlanner()
    events = (
        goal(world, "declared", 0.0, start=100.0, target=50.0, due=100.0),
        goal(world, "progressed", 10.0, value=80.0),
        goal(world, "progressed", 5.0, value=0.0),
    )
    state, readings = run(monitor, events=events[:1], now=25.0)
    assert values(readings, PROGRESS) == {}
    assert values(readings, TIME) == {("acme", "growth"): 0.25}
    _, readings = run(monitor, state=state, events=events[1:], now=25.0)
    assert values(readings, PROGRESS) == {("acme", "growth"): 0.4}


def test_a_goal_without_a_way_or_a_due_date_has_no_such_figures(world: World, run: Run) -> None:
    event = goal(world, "declared", 0.0, start=1.0, target=1.0, value=1.0)
    assert run(StrategicPlanner(), events=(event,), now=1.0)[1] == ()


def test_a_goal_is_kept_until_a_window_after_it_was_due(
    world: World, values: Values, run: Run
) -> None:
    monitor = StrategicPlanner()
    event = goal(world, "declared", 0.0, start=0.0, target=1.0, value=0.5, due=90 * DAY)
    state, readings = run(monitor, events=(event,), now=119 * DAY)
    assert values(readings, TIME) == {("acme", "growth"): 1.0}
    state, readings = run(monitor, state=state, now=121 * DAY)
    assert (readings, len(state.goals)) == ((), 0)


def test_the_balance_of_two_bits_and_one_is_two_thirds(
    world: World, values: Values, run: Run
) -> None:
    """Four and two equiprobable states: 2 bits and 1; the corrections are capped by both."""
    monitor = StrategicPlanner()
    state, readings = run(monitor, views=(acts(world, 1.0, s3=4, s4=2),), now=1.0)
    assert values(readings, BALANCE) == {("acme",): pytest.approx(2 / 3)}
    again, same = run(monitor, state=state, now=2.0)
    assert values(same, BALANCE) == values(readings, BALANCE)
    assert again.balance == state.balance


def test_the_balance_is_undefined_where_neither_side_has_variety(
    world: World, values: Values, run: Run
) -> None:
    _, readings = run(StrategicPlanner(), views=(acts(world, 1.0, s3=1, s4=1),), now=1.0)
    assert math.isnan(values(readings, BALANCE)["acme",])


def test_there_is_no_balance_while_one_side_is_silent_or_withheld(world: World, run: Run) -> None:
    monitor = StrategicPlanner(window=60.0)
    state, readings = run(monitor, views=(acts(world, 1.0, s3=4),), now=1.0)
    assert readings == ()
    state, readings = run(monitor, state=state, now=200.0)
    assert (readings, len(state.balance.acts)) == ((), 0)


def test_adaptations_and_their_counts_are_forgotten_after_the_window(
    world: World, run: Run
) -> None:
    monitor = StrategicPlanner(window=60.0)
    state, _ = run(monitor, events=(adaptation(world, "proposed", "a"),), now=1.0)
    state, readings = run(monitor, state=state, now=200.0)
    assert (readings, len(state.adaptations), len(state.stages)) == ((), 0, 0)


def test_adaptations_past_the_bound_are_refused_and_not_counted(
    world: World, values: Values, run: Run
) -> None:
    monitor = StrategicPlanner(limit=1)
    events = (adaptation(world, "proposed", "a"), adaptation(world, "proposed", "b"))
    state, readings = run(monitor, events=events, now=1.0)
    assert monitor.refused(state) == 1
    assert values(readings, STAGES)["acme", "proposed"] == 1.0


def test_a_change_in_the_environment_alone_is_not_a_plan(world: World) -> None:
    monitor = StrategicPlanner()
    state = monitor.initial()
    assert monitor.fold(state, world.event("change.detected", 0.0, system=4, id="c")) is state
    assert monitor.observe(state, world.view(end=1.0)) is state


@given(st.floats(0, 64), st.floats(0, 64))
def test_the_balance_is_symmetric_and_lies_between_zero_and_one(v3: float, v4: float) -> None:
    found = balance_ratio(v3, v4)
    if v3 + v4 == 0:
        assert math.isnan(found)
    else:
        assert 0.0 <= found <= 1.0
        assert found == balance_ratio(v4, v3)
