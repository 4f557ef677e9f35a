from typing import Any

import numpy as np
import pytest

from vsm_actors.systems.s1_operations.resource_monitor import ResourceMonitor

KEY = ("acme", "press", "disk")
LABELS = {"path": "acme", "system": "1", "unit": "press", "resource": "disk"}


def _view(world: Any, *, end: float, system: str = "1", **figures: float) -> Any:
    labels = {**LABELS, "system": system}
    points = [
        world.point(f"vsm_resource_{figure}", value, **labels) for figure, value in figures.items()
    ]
    return world.view(*points, end=end)


def _views(world: Any, used: list[float], capacity: float = 1000.0) -> tuple[Any, ...]:
    return tuple(
        _view(world, end=1000.0 + second, used=value, capacity=capacity)
        for second, value in enumerate(used)
    )


def test_utilisation_is_used_over_capacity(world: Any, run: Any, values: Any) -> None:
    _, readings = run(
        ResourceMonitor(), views=(_view(world, end=1000.0, used=30, capacity=120),), now=1000.0
    )

    assert values(readings, "vsm_resource_utilization_ratio") == {KEY: 0.25}
    assert values(readings, "vsm_resource_saturation_ratio") == {}
    assert values(readings, "vsm_resource_exhaustion_seconds") == {}


def test_saturation_is_what_waits_over_capacity(world: Any, run: Any, values: Any) -> None:
    view = _view(world, end=1000.0, queued=6, capacity=4)
    _, readings = run(ResourceMonitor(), views=(view,), now=1000.0)

    assert values(readings, "vsm_resource_saturation_ratio") == {KEY: 1.5}
    assert values(readings, "vsm_resource_utilization_ratio") == {}


def test_figures_that_come_apart_belong_together(world: Any, run: Any, values: Any) -> None:
    views = (_view(world, end=1000.0, capacity=10), _view(world, end=1001.0, used=5))
    _, readings = run(ResourceMonitor(), views=views, now=1001.0)

    assert values(readings, "vsm_resource_utilization_ratio") == {KEY: 0.5}


@pytest.mark.parametrize("figures", [{"used": 5}, {"used": 0, "capacity": 0}])
def test_without_a_capacity_there_is_no_reading(
    world: Any, run: Any, figures: dict[str, Any]
) -> None:
    view = _view(world, end=1000.0, **figures)

    assert run(ResourceMonitor(), views=(view,), now=1000.0)[1] == ()


def test_a_steady_growth_meets_the_capacity_in_time(world: Any, run: Any, values: Any) -> None:
    views = _views(world, [100.0 + 2 * second for second in range(60)])
    _, readings = run(ResourceMonitor(), views=views, now=1059.0)

    left = values(readings, "vsm_resource_exhaustion_seconds")
    assert left == {KEY: pytest.approx((1000 - 218) / 2)}


def test_past_its_capacity_a_growing_resource_has_no_time_left(
    world: Any, run: Any, values: Any
) -> None:
    views = _views(world, [100.0 + 2 * second for second in range(60)], capacity=150.0)
    _, readings = run(ResourceMonitor(), views=views, now=1059.0)

    assert values(readings, "vsm_resource_exhaustion_seconds") == {KEY: 0.0}


@pytest.mark.parametrize("slope", [0.0, -1.0])
def test_what_does_not_grow_is_never_exhausted(
    world: Any, run: Any, values: Any, slope: float
) -> None:
    views = _views(world, [500.0 + slope * second for second in range(60)])
    _, readings = run(ResourceMonitor(), views=views, now=1059.0)

    assert values(readings, "vsm_resource_exhaustion_seconds") == {}


def test_noise_around_a_level_is_rarely_taken_for_growth(world: Any, run: Any, values: Any) -> None:
    random = np.random.default_rng(7)
    alarms = 0
    for _ in range(40):
        views = _views(world, random.normal(500, 10, 40).tolist())
        _, readings = run(ResourceMonitor(), views=views, now=1039.0)
        alarms += len(values(readings, "vsm_resource_exhaustion_seconds"))

    assert alarms <= 4


def test_under_twenty_samples_there_is_no_trend(world: Any, run: Any, values: Any) -> None:
    views = _views(world, [100.0 + 2 * second for second in range(19)])
    _, readings = run(ResourceMonitor(), views=views, now=1018.0)

    assert values(readings, "vsm_resource_exhaustion_seconds") == {}


def test_a_measurement_fades_after_one_window_and_is_forgotten_after_two(
    world: Any, run: Any
) -> None:
    monitor = ResourceMonitor()
    view = _view(world, end=1000.0, used=1, capacity=2)
    state, late = run(monitor, views=(view,), now=1400.0)
    state, gone = run(monitor, state=state, now=1601.0)

    assert [(one.coverage, one.age) for one in late] == [(0.75, 400.0)]
    assert gone == ()
    assert len(state) == 0


def test_resources_of_other_systems_are_left_to_them(world: Any, run: Any) -> None:
    view = _view(world, end=1000.0, system="2", used=1, capacity=2)

    assert run(ResourceMonitor(), views=(view,), now=1000.0)[1] == ()


def test_events_change_nothing_and_the_bound_counts_what_it_refuses(world: Any, run: Any) -> None:
    monitor = ResourceMonitor(limit=1)
    other = world.point("vsm_resource_used", 1, **{**LABELS, "unit": "lathe"})
    view = world.view(world.point("vsm_resource_used", 1, **LABELS), other, end=1000.0)
    state, _ = run(monitor, events=(world.event("x", 1.0),), views=(view,), now=1000.0)

    assert monitor.refused(state) == 1
    assert monitor.name == "ResourceMonitor"
    assert monitor.system == 1


def test_a_ratio_past_the_largest_float_is_left_out(world: Any, run: Any) -> None:
    view = _view(world, end=1000.0, used=1e308, capacity=1e-308)

    assert run(ResourceMonitor(), views=(view,), now=1000.0)[1] == ()
