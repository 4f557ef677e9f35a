from collections.abc import Callable
from typing import Any

import pytest

from vsm_actors.core.state.tally import Tally
from vsm_actors.systems.s4_intelligence import EnvironmentScanner
from vsm_actors.systems.s4_intelligence.environment_scanner import unseen_mass

World = Any
Values = Callable[..., dict[tuple[str, ...], float]]
Run = Callable[..., tuple[Any, tuple[Any, ...]]]

DAY = 86_400.0
FRESHNESS = "vsm_scan_freshness_ratio"
NOVELTY = "vsm_novelty_ratio"


def scan(world: World, source: str, state: str = "calm", at: float = 0.0) -> Any:
    return world.event(
        "environment.scanned",
        at,
        system=4,
        measurements={"value": 1.0},
        source=source,
        signal="price",
        state=state,
    )


def test_the_age_of_a_scan_grows_until_the_source_is_heard_again(
    world: World, values: Values, run: Run
) -> None:
    monitor = EnvironmentScanner()
    state, readings = run(monitor, events=(scan(world, "market"),), now=30.0)
    assert values(readings, "vsm_scan_age_seconds") == {("acme", "market"): 30.0}
    assert values(readings, FRESHNESS) == {}
    _, readings = run(monitor, state=state, events=(scan(world, "market", at=35.0),), now=40.0)
    assert values(readings, "vsm_scan_age_seconds") == {("acme", "market"): 5.0}


def test_freshness_is_the_expected_interval_over_the_age_and_never_above_one(
    world: World, values: Values, run: Run
) -> None:
    monitor = EnvironmentScanner(expected={("acme", "market"): 60.0, ("acme", "law"): 60.0})
    events = (scan(world, "market"), scan(world, "law", at=230.0))
    _, readings = run(monitor, events=events, now=240.0)
    assert values(readings, FRESHNESS) == {
        ("acme", "market"): 0.25,
        ("acme", "law"): 1.0,
        ("acme", ""): pytest.approx(0.5),
    }


def test_the_path_has_no_freshness_while_an_expected_source_was_never_heard(
    world: World, values: Values, run: Run
) -> None:
    monitor = EnvironmentScanner(expected={("acme", "market"): 60.0, ("acme", "law"): 60.0})
    _, readings = run(monitor, events=(scan(world, "market"),), now=10.0)
    assert values(readings, FRESHNESS) == {("acme", "market"): 1.0}


def test_a_change_tells_that_its_source_was_heard(world: World, values: Values, run: Run) -> None:
    events = (
        world.event("change.detected", 5.0, system=4, id="c", source="market"),
        world.event("change.detected", 5.0, system=4, id="d"),
    )
    _, readings = run(EnvironmentScanner(), events=events, now=10.0)
    assert values(readings, "vsm_scan_age_seconds") == {("acme", "market"): 5.0}


def test_novelty_is_the_share_of_signals_of_a_kind_seen_once(
    world: World, values: Values, run: Run
) -> None:
    monitor = EnvironmentScanner()
    events = [scan(world, "market")] * 18 + [scan(world, "market", "up")]
    state, readings = run(monitor, events=tuple(events), now=1.0)
    assert values(readings, NOVELTY) == {}
    state, readings = run(monitor, state=state, events=(scan(world, "market", "down"),), now=2.0)
    assert values(readings, NOVELTY) == {("acme",): 0.1}
    again, same = run(monitor, state=state, now=3.0)
    assert values(same, NOVELTY) == {("acme",): 0.1}
    assert again.kinds.get("acme") is state.kinds.get("acme")


def test_kinds_past_the_cap_are_never_new_and_lower_the_coverage() -> None:
    tally = Tally(window=60.0, cap=3).add([("a", 5.0), ("b", 1.0), ("c", 1.0)], 0.0)
    assert unseen_mass(tally) == pytest.approx(1 / 7)
    assert unseen_mass(Tally(window=60.0)) is None


def test_a_source_that_nobody_expects_is_forgotten_and_an_expected_one_is_not(
    world: World, values: Values, run: Run
) -> None:
    monitor = EnvironmentScanner(expected={("acme", "law"): 60.0}, window=DAY)
    events = (scan(world, "market"), scan(world, "law"))
    state, _ = run(monitor, events=events, now=2 * DAY)
    assert (len(state.sources), len(state.kinds)) == (0, 0)
    state, readings = run(monitor, state=state, now=5 * DAY)
    ages = values(readings, "vsm_scan_age_seconds")
    assert ages == {("acme", "law"): 5 * DAY}
    assert values(readings, FRESHNESS)["acme", ""] == pytest.approx(60.0 / (5 * DAY))


def test_sources_past_the_bound_are_refused_and_counted(world: World, run: Run) -> None:
    monitor = EnvironmentScanner(limit=1)
    state, _ = run(monitor, events=(scan(world, "market"), scan(world, "law")), now=1.0)
    assert monitor.refused(state) == 2


def test_windows_of_the_bulk_lane_change_nothing(world: World) -> None:
    monitor = EnvironmentScanner()
    state = monitor.initial()
    assert monitor.observe(state, world.view(end=1.0)) is state
