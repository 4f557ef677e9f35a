from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsm_actors.systems.s1_operations.achievement import Achievement
from vsm_actors.systems.s1_operations.operational_monitor import OperationalMonitor

POSITIVE = st.floats(1e-3, 1e6)


def _report(world: Any, a: float, c: float, p: float, time: float = 1000.0, **more: Any) -> Any:
    return world.event(
        "performance.reported",
        time,
        measurements={"actuality": a, "capability": c, "potentiality": p},
        **{"index": "output", "unit": "press", **more},
    )


def _operations(world: Any, ok: float, error: float = 0.0, *, end: float, **labels: str) -> Any:
    where = {"path": "acme", "system": "1", "unit": "press", "operation": "stamp", **labels}
    points = [world.point("vsm_operations_total", ok, outcome="ok", **where)]
    if error:
        points.append(world.point("vsm_operations_total", error, outcome="error", **where))
    return world.view(*points, end=end)


def test_the_check_value_of_the_model_holds(world: Any, run: Any, values: Any) -> None:
    _, readings = run(OperationalMonitor(), events=(_report(world, 40, 60, 100),), now=1001.0)

    key = ("acme", "press", "output")
    assert values(readings, "vsm_productivity_ratio")[key] == pytest.approx(0.667, abs=1e-3)
    assert values(readings, "vsm_latency_ratio")[key] == 0.6
    assert values(readings, "vsm_performance_ratio")[key] == 0.4
    assert values(readings, "vsm_plan_stale")[key] == 0.0


def test_where_lower_is_better_every_ratio_is_inverted(world: Any, run: Any, values: Any) -> None:
    report = _report(world, 100, 60, 40, sense="lower")
    _, readings = run(OperationalMonitor(), events=(report,), now=1001.0)

    key = ("acme", "press", "output")
    assert values(readings, "vsm_productivity_ratio")[key] == 0.6
    assert values(readings, "vsm_latency_ratio")[key] == pytest.approx(0.667, abs=1e-3)
    assert values(readings, "vsm_performance_ratio")[key] == 0.4
    assert values(readings, "vsm_plan_stale")[key] == 0.0


@pytest.mark.parametrize(
    ("levels", "sense"),
    [
        ((70, 60, 100), "higher"),
        ((40, 120, 100), "higher"),
        ((50, 60, 40), "lower"),
        ((9, 3, 4), "lower"),
    ],
)
def test_a_stale_plan_is_flagged_and_not_clipped(
    world: Any, run: Any, values: Any, levels: tuple[float, float, float], sense: str
) -> None:
    report = _report(world, *levels, sense=sense)
    _, readings = run(OperationalMonitor(), events=(report,), now=1001.0)

    ratios = {
        **values(readings, "vsm_productivity_ratio"),
        "latency": values(readings, "vsm_latency_ratio")["acme", "press", "output"],
    }
    assert max(ratios.values()) > 1
    assert values(readings, "vsm_plan_stale") == {("acme", "press", "output"): 1.0}


@pytest.mark.parametrize(("actuality", "capability"), [(40, 0), (1e308, 1e-308)])
def test_a_ratio_over_zero_or_past_the_largest_float_is_left_out(
    world: Any, run: Any, values: Any, actuality: float, capability: float
) -> None:
    report = _report(world, actuality, capability, 100)
    _, readings = run(OperationalMonitor(), events=(report,), now=1001.0)

    assert values(readings, "vsm_productivity_ratio") == {}
    assert values(readings, "vsm_latency_ratio")["acme", "press", "output"] < 1e-300


@given(POSITIVE, POSITIVE, POSITIVE, st.sampled_from(["higher", "lower"]))
def test_performance_is_productivity_times_latency(
    a: float, c: float, p: float, sense: str
) -> None:
    report = Achievement(
        actuality=a, capability=c, potentiality=p, lower=sense == "lower", time=0.0
    )
    figures = dict(report.figures())

    product = figures["vsm_productivity_ratio"] * figures["vsm_latency_ratio"]
    assert figures["vsm_performance_ratio"] == pytest.approx(product)
    least = max(figures["vsm_productivity_ratio"], figures["vsm_latency_ratio"])
    assert figures["vsm_plan_stale"] == float(least > 1)


def test_an_older_report_does_not_replace_a_newer_one(world: Any, run: Any, values: Any) -> None:
    events = (_report(world, 40, 60, 100, 1000.0), _report(world, 50, 60, 100, 990.0))
    _, readings = run(OperationalMonitor(), events=events, now=1001.0)

    assert values(readings, "vsm_performance_ratio") == {("acme", "press", "output"): 0.4}


def test_a_report_fades_after_one_window_and_is_forgotten_after_two(world: Any, run: Any) -> None:
    monitor = OperationalMonitor(window=60.0)
    state, fresh = run(monitor, events=(_report(world, 40, 60, 100),), now=1060.0)
    state, late = run(monitor, state=state, now=1100.0)
    state, gone = run(monitor, state=state, now=1121.0)

    assert [(one.coverage, one.age) for one in fresh] == [(1.0, 60.0)] * 4
    assert [(one.coverage, one.age) for one in late] == [(0.6, 100.0)] * 4
    assert gone == ()
    assert len(state.indices) == 0


def test_the_rate_is_per_second_over_what_was_seen_of_five_minutes(
    world: Any, run: Any, values: Any
) -> None:
    views = tuple(_operations(world, 3, end=1000.0 + second) for second in range(1, 401))
    _, readings = run(OperationalMonitor(), views=views, now=1400.0)
    _, early = run(OperationalMonitor(), views=views[:30], now=1030.0)

    assert values(readings, "vsm_operation_rate") == {("acme", "press"): pytest.approx(3.0)}
    assert values(early, "vsm_operation_rate") == {("acme", "press"): pytest.approx(3.0)}
    assert {one.coverage for one in readings} == {1.0}
    assert {one.coverage for one in early} == {0.1}


def test_the_rate_of_a_unit_counts_from_its_own_first_window(
    world: Any, run: Any, values: Any
) -> None:
    idle = tuple(world.view(end=1000.0 + second) for second in range(1, 201))
    views = tuple(_operations(world, 2, end=1200.0 + second) for second in range(1, 61))
    _, readings = run(OperationalMonitor(), views=(*idle, *views), now=1260.0)

    assert values(readings, "vsm_operation_rate") == {("acme", "press"): pytest.approx(2.0)}
    assert {one.coverage for one in readings} == {60 / 300}


def test_a_unit_that_comes_back_after_a_pause_is_not_new(world: Any, run: Any, values: Any) -> None:
    views = (_operations(world, 3, end=1001.0), _operations(world, 3, end=2000.0))
    state, _ = run(OperationalMonitor(), views=views[:1], now=1001.0)
    state, idle = run(OperationalMonitor(), state=state, now=1990.0)
    _, readings = run(OperationalMonitor(), state=state, views=views[1:], now=2000.0)

    assert idle == ()
    assert values(readings, "vsm_operation_rate") == {
        ("acme", "press"): pytest.approx(3 / 300, rel=1 / 50)
    }
    assert {one.coverage for one in readings} == {1.0}


def test_the_error_ratio_is_the_share_of_operations_that_failed(
    world: Any, run: Any, values: Any
) -> None:
    views = (_operations(world, 15, 5, end=1001.0), _operations(world, 18, 2, end=1002.0))
    _, readings = run(OperationalMonitor(), views=views, now=1002.0)

    assert values(readings, "vsm_error_ratio") == {("acme", "press"): 7 / 40}
    assert {one.n for one in readings} == {40}


def test_under_twenty_operations_there_is_no_share(world: Any, run: Any, values: Any) -> None:
    _, readings = run(
        OperationalMonitor(), views=(_operations(world, 18, 1, end=1001.0),), now=1001.0
    )

    assert values(readings, "vsm_error_ratio") == {}
    assert values(readings, "vsm_operation_rate") == {("acme", "press"): 19.0}


def test_operations_of_other_systems_are_not_the_operations(world: Any, run: Any) -> None:
    view = _operations(world, 50, end=1001.0, system="3")

    assert run(OperationalMonitor(), views=(view,), now=1001.0)[1] == ()


def test_without_data_there_is_no_reading(world: Any, run: Any) -> None:
    assert run(OperationalMonitor(), now=1001.0)[1] == ()
    assert run(OperationalMonitor(), views=(world.view(end=1001.0),), now=1001.0)[1] == ()


def test_a_unit_that_stopped_is_silent_after_the_window_and_forgotten_after_an_hour(
    world: Any, run: Any
) -> None:
    monitor = OperationalMonitor()
    state, _ = run(monitor, views=(_operations(world, 30, end=1001.0),), now=1001.0)
    state, readings = run(monitor, state=state, now=1400.0)
    assert (readings, len(state.units)) == ((), 1)

    state, _ = run(monitor, state=state, now=4602.0)
    assert len(state.units) == 0


def test_past_its_bound_it_refuses_new_keys_and_counts_them(world: Any, run: Any) -> None:
    monitor = OperationalMonitor(limit=1)
    events = (_report(world, 1, 2, 3), _report(world, 1, 2, 3, unit="lathe"))
    views = (
        _operations(world, 1, end=1001.0),
        _operations(world, 1, end=1001.0, unit="lathe"),
        _operations(world, 1, end=1002.0),
    )
    state, _ = run(monitor, events=events, views=views, now=1002.0)

    assert monitor.refused(state) == 2
    assert len(state.units) == len(state.indices) == 1
