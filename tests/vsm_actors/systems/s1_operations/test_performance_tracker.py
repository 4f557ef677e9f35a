from collections import Counter
from typing import Any

import numpy as np
import pytest
from ddsketch import DDSketch
from scipy import stats

from vsm_actors.core.window.sketch import index_of
from vsm_actors.systems.s1_operations.performance_tracker import PerformanceTracker

LABELS = {"path": "acme", "system": "1", "unit": "press"}
RANDOM = np.random.default_rng(3)


def _times(world: Any, seconds: list[float], *, end: float, **labels: str) -> Any:
    cells = Counter(index_of(np.array(seconds)).tolist())
    point = world.point(
        "vsm_response_time_seconds", sketch=cells, count=len(seconds), **{**LABELS, **labels}
    )
    return world.view(point, end=end)


def _operations(world: Any, ok: float, error: float, *, end: float) -> Any:
    points = [
        world.point("vsm_operations_total", value, operation="stamp", outcome=outcome, **LABELS)
        for outcome, value in (("ok", ok), ("error", error))
    ]
    return world.view(*points, end=end)


def _quantile(readings: Any, values: Any, q: str, unit: str = "press") -> float:
    found: float = values(readings, "vsm_response_time_quantile_seconds")["acme", unit, "1", q]
    return found


def test_quantiles_are_within_one_percent_over_many_windows(
    world: Any, run: Any, values: Any
) -> None:
    seconds = RANDOM.lognormal(-2, 1, 2_000)
    parts = np.array_split(seconds, 40)
    views = tuple(_times(world, part.tolist(), end=1001.0 + i) for i, part in enumerate(parts))
    _, readings = run(PerformanceTracker(), views=views, now=1040.0)

    for q in (0.5, 0.95, 0.99):
        exact = float(np.quantile(seconds, q, method="lower"))
        assert _quantile(readings, values, str(q)) == pytest.approx(exact, rel=0.01)
    assert {one.n for one in readings} == {2_000}


def test_quantiles_agree_with_the_reference_sketch(world: Any, run: Any, values: Any) -> None:
    seconds = RANDOM.exponential(0.2, 500)
    reference = DDSketch(0.01)
    for one in seconds:
        reference.add(float(one))
    _, readings = run(
        PerformanceTracker(), views=(_times(world, seconds.tolist(), end=1001.0),), now=1001.0
    )

    expected = reference.get_quantile_value(0.95)
    assert _quantile(readings, values, "0.95") == pytest.approx(expected, rel=0.0201)


def test_units_do_not_mix(world: Any, run: Any, values: Any) -> None:
    views = (
        _times(world, [1.0] * 30, end=1001.0),
        _times(world, [5.0] * 30, end=1002.0, unit="lathe"),
    )
    _, readings = run(PerformanceTracker(), views=views, now=1002.0)

    assert _quantile(readings, values, "0.5") == pytest.approx(1.0, rel=0.01)
    assert _quantile(readings, values, "0.5", "lathe") == pytest.approx(5.0, rel=0.01)
    assert len(readings) == 6


def test_what_left_the_window_is_forgotten(world: Any, run: Any, values: Any) -> None:
    monitor = PerformanceTracker()
    views = (_times(world, [9.0] * 100, end=1001.0), _times(world, [1.0] * 30, end=1250.0))
    state, readings = run(monitor, views=views, now=1310.0)
    state, later = run(monitor, state=state, now=1600.0)
    state, _ = run(monitor, state=state, now=4851.0)

    assert _quantile(readings, values, "0.99") == pytest.approx(1.0, rel=0.01)
    assert later == ()
    assert len(state.series) == 0
    assert state.times.empty


def test_under_twenty_observations_there_is_no_quantile(world: Any, run: Any) -> None:
    view = _times(world, [1.0] * 19, end=1001.0)

    assert run(PerformanceTracker(), views=(view,), now=1001.0)[1] == ()


def test_the_error_ratio_has_wilsons_interval(world: Any, run: Any, values: Any) -> None:
    _, readings = run(
        PerformanceTracker(), views=(_operations(world, 90, 10, end=1001.0),), now=1001.0
    )

    expected = stats.binomtest(10, 100).proportion_ci(method="wilson")
    key = ("acme", "press")
    assert values(readings, "vsm_error_lower_ratio") == {key: pytest.approx(expected.low)}
    assert values(readings, "vsm_error_upper_ratio") == {key: pytest.approx(expected.high)}


def test_under_twenty_operations_there_is_no_interval(world: Any, run: Any) -> None:
    view = _operations(world, 10, 9, end=1001.0)

    assert run(PerformanceTracker(), views=(view,), now=1001.0)[1] == ()


def test_without_data_there_is_no_reading(world: Any, run: Any) -> None:
    monitor = PerformanceTracker()
    events, views = (world.event("x", 1.0),), (world.view(end=1001.0),)

    assert run(monitor, now=1001.0)[1] == ()
    assert run(monitor, events=events, views=views, now=1001.0)[1] == ()


def test_past_its_bound_it_refuses_new_series_and_counts_them(
    world: Any, run: Any, values: Any
) -> None:
    monitor = PerformanceTracker(limit=1)
    views = (
        _times(world, [1.0] * 30, end=1001.0),
        _times(world, [5.0] * 30, end=1002.0, unit="lathe"),
    )
    state, readings = run(monitor, views=views, now=1002.0)

    assert monitor.refused(state) == 1
    assert len(values(readings, "vsm_response_time_quantile_seconds")) == 3


def test_the_newest_observation_gives_the_age(world: Any, run: Any) -> None:
    views = (_times(world, [1.0] * 30, end=1001.0), _times(world, [1.0] * 30, end=1003.0))
    _, readings = run(PerformanceTracker(), views=views, now=1010.0)

    assert {one.age for one in readings} == {7.0}
    assert {one.coverage for one in readings} == {10 / 300}


def test_coverage_counts_from_the_first_window_of_its_own(world: Any, run: Any) -> None:
    views = (
        world.view(end=801.0),
        _times(world, [1.0] * 30, end=1001.0),
        _operations(world, 20, 10, end=1001.0),
    )
    _, readings = run(PerformanceTracker(), views=views, now=1030.0)

    assert {one.family for one in readings} == {
        "vsm_response_time_quantile_seconds",
        "vsm_error_lower_ratio",
        "vsm_error_upper_ratio",
    }
    assert {one.coverage for one in readings} == {30 / 300}
