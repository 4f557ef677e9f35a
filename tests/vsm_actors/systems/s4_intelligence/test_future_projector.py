import math
from collections.abc import Callable
from typing import Any

from vsm_actors.systems.s4_intelligence import FutureProjector
from vsm_actors.systems.s4_intelligence.forecasts import Course, Forecast, Realised, skill

World = Any
Values = Callable[..., dict[tuple[str, ...], float]]
Run = Callable[..., tuple[Any, tuple[Any, ...]]]

MASE = "vsm_forecast_mase"
INSIDE = "vsm_forecast_interval_coverage_ratio"


def generated(world: World, at: float, name: str, value: float, **measured: float) -> Any:
    return world.event(
        "forecast.generated",
        at,
        system=4,
        measurements={"value": value, **measured},
        series="demand",
        id=name,
    )


def realised(world: World, at: float, name: str, value: float) -> Any:
    return world.event(
        "forecast.realised",
        at,
        system=4,
        measurements={"value": value},
        series="demand",
        id=name,
    )


def test_a_forecast_is_shown_with_its_interval_until_its_time_has_come(
    world: World, values: Values, run: Run
) -> None:
    monitor = FutureProjector()
    event = generated(world, 0.0, "a", 10.0, lower=8.0, upper=12.0, horizon=60.0)
    state, readings = run(monitor, events=(event,), now=60.0)
    shown = {
        name: values(readings, name)
        for name in ("vsm_forecast", "vsm_forecast_lower", "vsm_forecast_upper")
    }
    key = ("acme", "demand")
    assert shown == {
        "vsm_forecast": {key: 10.0},
        "vsm_forecast_lower": {key: 8.0},
        "vsm_forecast_upper": {key: 12.0},
    }
    assert run(monitor, state=state, now=61.0)[1] == ()


def test_the_forecast_made_last_is_the_one_shown(world: World, values: Values, run: Run) -> None:
    events = (generated(world, 5.0, "a", 10.0), generated(world, 1.0, "b", 99.0))
    _, readings = run(FutureProjector(), events=events, now=6.0)
    assert values(readings, "vsm_forecast") == {("acme", "demand"): 10.0}
    assert values(readings, "vsm_forecast_lower") == {}


def test_mase_compares_with_the_value_one_horizon_before(
    world: World, values: Values, run: Run
) -> None:
    """The series climbs by 2 a step; a forecast that is off by 1 has half the naive error."""
    monitor = FutureProjector()
    state = monitor.initial()
    events = []
    for step in range(23):
        now = 60.0 * step
        events += [realised(world, now, f"f{step}", 2.0 * step)]
        events += [
            generated(
                world,
                now,
                f"f{step + 1}",
                2.0 * step + 1.0,
                horizon=60.0,
                lower=2.0 * step,
                upper=2.0 * step + (2.0 if step % 2 else 1.0),
            )
        ]
    state, readings = run(monitor, state=state, events=tuple(events[:40]), now=60.0 * 19)
    assert values(readings, MASE) == {}
    state, readings = run(monitor, state=state, events=tuple(events[40:]), now=60.0 * 22)
    assert values(readings, MASE) == {("acme", "demand"): 0.5}
    assert values(readings, INSIDE) == {("acme", "demand"): 0.5}
    again, _ = run(monitor, state=state, now=60.0 * 22)
    assert again.courses.get(("acme", "demand")) is state.courses.get(("acme", "demand"))


def test_without_variation_the_scale_is_zero_and_mase_undefined() -> None:
    one = Realised(time=0.0, error=1.0, naive=0.0, inside=None)
    found = skill((one,) * 20)
    assert math.isnan(found.mase)
    assert math.isnan(found.inside)
    assert (found.scored, found.with_interval) == (20, 0)


def test_a_naive_value_that_is_too_old_or_missing_does_not_score() -> None:
    forecast = Forecast(value=5.0, made=90.0, horizon=10.0)
    course = Course(newest=0.0).realise(None, (70.0, 1.0))
    assert course.realise(forecast, (100.0, 6.0)).realised[0].naive is None
    assert Course(newest=0.0).realise(forecast, (100.0, 6.0)).realised[0].naive is None
    at_once = Forecast(value=5.0, made=100.0)
    assert course.realise(at_once, (100.0, 6.0)).realised[0].naive is None


def test_without_a_horizon_the_time_from_forecast_to_value_is_it() -> None:
    course = Course(newest=0.0).realise(None, (90.0, 1.0))
    scored = course.realise(Forecast(value=5.0, made=90.0), (100.0, 6.0))
    assert scored.realised == (Realised(time=100.0, error=1.0, naive=5.0, inside=None),)


def test_what_was_realised_long_ago_is_forgotten(world: World, values: Values, run: Run) -> None:
    monitor = FutureProjector(window=60.0, minimum=1)
    events = (
        realised(world, 0.0, "x", 1.0),
        generated(world, 0.0, "a", 2.0, horizon=10.0),
        realised(world, 10.0, "a", 3.0),
        generated(world, 50.0, "b", 2.0, horizon=1000.0),
    )
    state, readings = run(monitor, events=events, now=60.0)
    assert values(readings, MASE) == {("acme", "demand"): 0.5}
    state, readings = run(monitor, state=state, now=200.0)
    assert values(readings, MASE) == {}
    assert values(readings, "vsm_forecast") == {("acme", "demand"): 2.0}
    state, readings = run(monitor, state=state, now=2_000.0)
    assert readings == ()
    assert (len(state.courses), len(state.open)) == (0, 0)


def test_signals_of_the_environment_are_not_forecasts(world: World) -> None:
    monitor = FutureProjector()
    state = monitor.initial()
    event = world.event("environment.scanned", 0.0, measurements={"value": 1.0}, source="s")
    assert monitor.fold(state, event) is state
    assert monitor.observe(state, world.view(end=1.0)) is state


def test_series_past_the_bound_are_refused_and_counted(world: World, run: Run) -> None:
    monitor = FutureProjector(limit=1)
    events = (generated(world, 0.0, "a", 1.0), generated(world, 0.0, "b", 1.0))
    state, _ = run(monitor, events=events, now=1.0)
    assert monitor.refused(state) == 1


def test_a_series_that_was_only_realised_has_nothing_ahead(world: World, run: Run) -> None:
    assert Course(newest=5.0).until == 5.0
    assert run(FutureProjector(), events=(realised(world, 0.0, "x", 1.0),), now=1.0)[1] == ()


def test_the_naive_value_is_the_last_one_known_when_the_forecast_was_made() -> None:
    course = Course(newest=0.0).realise(None, (85.0, 1.0)).realise(None, (90.0, 2.0))
    course = course.realise(None, (95.0, 7.0))
    scored = course.realise(Forecast(value=5.0, made=90.0, horizon=10.0), (100.0, 6.0))
    assert scored.realised[0].naive == 4.0
