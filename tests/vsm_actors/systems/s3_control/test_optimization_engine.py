from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from vsm_actors.systems.s3_control import OptimizationEngine
from vsm_actors.systems.s3_control.pareto import Point, front

World = Any
Values = Callable[..., dict[tuple[str, ...], float]]
Run = Callable[..., tuple[Any, tuple[Any, ...]]]

FRONT = "vsm_pareto_front"
IDLE = "vsm_unused_capability"


def report(  # noqa: PLR0913 - one figure each, by name
    world: World,
    unit: str,
    a: float,
    c: float,
    p: float,
    *,
    index: str = "output",
    at: float = 1.0,
    sense: str = "higher",
) -> Any:
    return world.event(
        "performance.reported",
        at,
        unit=unit,
        measurements={"actuality": a, "capability": c, "potentiality": p},
        index=index,
        sense=sense,
    )


def dominates(one: Point, other: Point) -> bool:
    as_good = one[0] >= other[0] and one[1] <= other[1] and one[2] <= other[2]
    return as_good and one != other


FIGURE = st.integers(0, 4).map(float)


@given(st.dictionaries(st.integers(0, 30), st.tuples(FIGURE, FIGURE, FIGURE), max_size=30))
def test_the_front_is_what_no_other_point_dominates(points: dict[int, Point]) -> None:
    expected = {
        unit
        for unit, point in points.items()
        if not any(dominates(other, point) for other in points.values())
    }
    assert front(points) == expected


def test_unused_capability_is_capability_less_actuality(
    world: World, values: Values, run: Run
) -> None:
    events = (
        report(world, "press", 40.0, 60.0, 100.0),
        report(world, "press", 9.0, 6.0, 4.0, index="delay", sense="lower"),
        report(world, "press", 1.0, 1.0, 1.0, at=0.5),
    )
    _, readings = run(OptimizationEngine(), events=events, now=2.0)
    assert values(readings, IDLE) == {
        ("acme", "press", "output"): 20.0,
        ("acme", "press", "delay"): 3.0,
    }


def test_a_unit_that_is_beaten_in_every_respect_is_not_on_the_front(
    world: World, values: Values, run: Run
) -> None:
    events = tuple(
        report(world, unit, a, 100.0, 100.0) for unit, a in (("a", 80.0), ("b", 60.0), ("c", 90.0))
    )
    rows = []
    for unit, cost, used in (("a", 10.0, 5.0), ("b", 20.0, 8.0), ("c", 30.0, 9.0)):
        who = {"path": "acme", "system": "1", "unit": unit}
        rows += [
            world.point("vsm_operations_total", 10.0, **who, operation="stamp", outcome="ok"),
            world.point("vsm_operation_cost_total", cost, **who, currency="EUR"),
            world.point("vsm_resource_used", used, **who, resource="cpu"),
            world.point("vsm_resource_capacity", 10.0, **who, resource="cpu"),
        ]
    view = world.view(*rows, end=2.0)
    _, readings = run(OptimizationEngine(), events=events, views=(view,), now=2.0)
    assert values(readings, FRONT) == {("acme", "a"): 1.0, ("acme", "b"): 0.0, ("acme", "c"): 1.0}


def test_a_unit_that_lacks_what_others_report_is_not_judged_and_lowers_coverage(
    world: World, values: Values, run: Run
) -> None:
    events = (report(world, "a", 1.0, 2.0, 2.0), report(world, "b", 1.0, 2.0, 2.0))
    who = {"path": "acme", "system": "1", "unit": "a", "resource": "cpu"}
    view = world.view(
        world.point("vsm_resource_used", 1.0, **who),
        world.point("vsm_resource_capacity", 2.0, **who),
        end=2.0,
    )
    _, readings = run(OptimizationEngine(), events=events, views=(view,), now=2.0)
    assert values(readings, FRONT) == {("acme", "a"): 1.0}
    assert [one.coverage for one in readings if one.family == FRONT] == [0.5]


def test_costs_in_several_currencies_are_not_compared(
    world: World, values: Values, run: Run
) -> None:
    events = (report(world, "a", 2.0, 2.0, 2.0), report(world, "b", 1.0, 2.0, 2.0))
    rows = [
        point
        for unit, currency in (("a", "EUR"), ("b", "USD"))
        for who in ({"path": "acme", "system": "1", "unit": unit},)
        for point in (
            world.point("vsm_operations_total", 1.0, **who, operation="o", outcome="ok"),
            world.point("vsm_operation_cost_total", 1.0, **who, currency=currency),
        )
    ]
    _, readings = run(
        OptimizationEngine(), events=events, views=(world.view(*rows, end=2.0),), now=2.0
    )
    assert values(readings, FRONT) == {("acme", "a"): 1.0, ("acme", "b"): 0.0}


def test_a_unit_without_potentiality_has_no_performance(
    world: World, values: Values, run: Run
) -> None:
    events = (report(world, "a", 1.0, 1.0, 0.0), report(world, "b", 0.0, 1.0, 1.0))
    _, readings = run(OptimizationEngine(), events=events, now=2.0)
    assert values(readings, FRONT) == {("acme", "b"): 1.0}


def test_performance_is_the_geometric_mean_of_the_indices(
    world: World, values: Values, run: Run
) -> None:
    events = (
        report(world, "a", 1.0, 4.0, 4.0, index="x"),
        report(world, "a", 4.0, 4.0, 4.0, index="y"),
        report(world, "b", 2.1, 4.0, 4.0, index="x"),
    )
    _, readings = run(OptimizationEngine(), events=events, now=2.0)
    assert values(readings, FRONT) == {("acme", "a"): 0.0, ("acme", "b"): 1.0}


def test_what_other_systems_do_is_not_a_units(world: World) -> None:
    monitor = OptimizationEngine()
    who = {"path": "acme", "system": "4", "unit": "lab"}
    view = world.view(
        world.point("vsm_operations_total", 1.0, **who, operation="o", outcome="ok"),
        world.point("vsm_operation_cost_total", 1.0, **who, currency="EUR"),
        world.point("vsm_resource_used", 1.0, **who, resource="cpu"),
        end=2.0,
    )
    state = monitor.observe(monitor.initial(), view)
    assert (len(state.spent), len(state.uses)) == (0, 0)


def test_everything_is_forgotten_after_the_window(world: World, run: Run) -> None:
    monitor = OptimizationEngine(window=60.0)
    who = {"path": "acme", "system": "1", "unit": "a"}
    view = world.view(
        world.point("vsm_operations_total", 1.0, **who, operation="o", outcome="ok"),
        world.point("vsm_resource_used", 1.0, **who, resource="cpu"),
        end=2.0,
    )
    events = (report(world, "a", 1.0, 2.0, 2.0),)
    state, _ = run(monitor, events=events, views=(view,), now=2.0)
    later = world.view(
        world.point("vsm_operations_total", 1.0, **who, operation="o", outcome="ok"), end=40.0
    )
    state, _ = run(monitor, state=state, views=(later,), now=65.0)
    assert len(state.spent) == 1
    state, readings = run(monitor, state=state, now=200.0)
    assert readings == ()
    assert (len(state.spent), len(state.uses), len(state.achievements)) == (0, 0, 0)


def test_indices_past_the_bound_are_refused_and_counted(world: World, run: Run) -> None:
    monitor = OptimizationEngine(limit=1)
    events = (report(world, "a", 1.0, 2.0, 2.0), report(world, "b", 1.0, 2.0, 2.0))
    state, _ = run(monitor, events=events, now=2.0)
    assert monitor.refused(state) == 1
