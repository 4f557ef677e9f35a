import itertools
from typing import Any

import pytest

from vsm_actors.systems.s2_coordination.variety_manager import VarietyManager

EDGE = {"path": "acme", "from_": "1/web", "to": "1/stock", "channel": "plan"}
KEY = ("acme", "1/web", "1/stock", "plan")


def _states(
    world: Any, result: str, counts: dict[str, float], *, end: float = 1000.0, **edge: str
) -> Any:
    points = (
        world.point(
            "vsm_message_states_total", count, result=result, state=state, **{**EDGE, **edge}
        )
        for state, count in counts.items()
    )
    return world.view(*points, end=end)


def _conflict(world: Any, name: str, between: str, action: str) -> tuple[Any, ...]:
    return (
        world.event("conflict.detected", 1000.0, system=2, id=name, between=between),
        world.event("conflict.resolved", 1001.0, system=2, id=name, action=action),
    )


def _conflicts(world: Any, pairs: Any) -> tuple[Any, ...]:
    return tuple(
        event
        for place, (between, action) in enumerate(pairs)
        for event in _conflict(world, f"c{place}", between, action)
    )


def test_a_channel_attenuates_four_states_to_two(world: Any, run: Any, values: Any) -> None:
    views = (
        _states(world, "sent", dict.fromkeys("abcd", 25.0)),
        _states(world, "received", {"low": 50.0, "high": 50.0}),
    )
    _, readings = run(VarietyManager(), views=views, now=1001.0)

    bits = values(readings, "vsm_channel_variety_bits")
    assert bits == {(*KEY, "in"): 2.0, (*KEY, "out"): 1.0}
    assert values(readings, "vsm_attenuation_ratio") == {KEY: 0.5}
    assert values(readings, "vsm_variety_absorbed_bits") == {KEY: 1.0}
    assert {(one.n, one.age) for one in readings} == {(100, 1.0)}


def test_absorbed_variety_is_observed_only_when_something_changed(
    world: Any, run: Any, values: Any
) -> None:
    monitor = VarietyManager()
    views = (
        _states(world, "sent", dict.fromkeys("abcd", 25.0)),
        _states(world, "received", {"low": 50.0, "high": 50.0}),
    )
    state, _ = run(monitor, views=views, now=1001.0)
    state, quiet = run(monitor, state=state, now=1002.0)
    more = (_states(world, "received", {"low": 10.0, "high": 10.0}, end=1003.0),)
    _, busy = run(monitor, state=state, views=more, now=1003.0)

    assert values(quiet, "vsm_variety_absorbed_bits") == {}
    assert values(quiet, "vsm_attenuation_ratio") == {KEY: 0.5}
    assert values(busy, "vsm_variety_absorbed_bits") == {KEY: 1.0}


def test_a_constant_stream_has_nothing_to_attenuate(world: Any, run: Any, values: Any) -> None:
    views = (_states(world, "sent", {"a": 50.0}), _states(world, "received", {"a": 50.0}))
    _, readings = run(VarietyManager(), views=views, now=1001.0)

    assert set(values(readings, "vsm_channel_variety_bits").values()) == {0.0}
    assert values(readings, "vsm_attenuation_ratio") == {}
    assert values(readings, "vsm_variety_absorbed_bits") == {KEY: 0.0}


def test_an_end_with_too_few_samples_is_withheld(world: Any, run: Any, values: Any) -> None:
    views = (
        _states(world, "sent", {"a": 50.0, "b": 50.0}),
        _states(world, "received", {"a": 2.0, "b": 2.0}),
    )
    _, readings = run(VarietyManager(), views=views, now=1001.0)

    assert values(readings, "vsm_channel_variety_bits") == {(*KEY, "in"): 1.0}
    assert len(readings) == 1


def test_dropped_messages_are_at_neither_end(world: Any, run: Any) -> None:
    views = (_states(world, "dropped", {"a": 50.0, "b": 50.0}),)

    assert run(VarietyManager(), views=views, now=1001.0)[1] == ()


def test_what_left_the_window_is_forgotten(world: Any, run: Any, values: Any) -> None:
    monitor = VarietyManager()
    views = (
        _states(world, "sent", {"a": 50.0, "b": 50.0}),
        _states(world, "sent", {"c": 50.0}, end=3000.0),
    )
    state, readings = run(monitor, views=views, now=5000.0)
    state, gone = run(monitor, state=state, now=9000.0)

    assert values(readings, "vsm_channel_variety_bits") == {(*KEY, "in"): 0.0}
    assert gone == ()
    assert len(state.channels.series) == len(state.channels.newest) == 0


def test_answers_that_follow_the_conflicts_regulate_them_fully(
    world: Any, run: Any, values: Any
) -> None:
    pairs = [("a,b", "swap"), ("b,c", "wait")] * 20
    _, readings = run(VarietyManager(), events=_conflicts(world, pairs), now=1002.0)

    assert values(readings, "vsm_variety_regulation_ratio") == {("acme", "2:1-1", "true"): 1.0}


def test_answers_at_random_have_variety_and_regulate_nothing(
    world: Any, run: Any, values: Any
) -> None:
    pairs = list(itertools.product(["a,b", "b,c"], ["swap", "wait"])) * 10
    _, readings = run(VarietyManager(), events=_conflicts(world, pairs), now=1002.0)

    found = values(readings, "vsm_variety_regulation_ratio")
    assert found == {("acme", "2:1-1", "true"): pytest.approx(0.0, abs=0.01)}


def test_the_order_of_the_units_in_conflict_does_not_matter(
    world: Any, run: Any, values: Any
) -> None:
    pairs = [("a,b", "swap"), ("b, a", "swap")] * 20
    _, readings = run(VarietyManager(), events=_conflicts(world, pairs), now=1002.0)

    assert values(readings, "vsm_variety_regulation_ratio") == {}


def test_regulation_is_withheld_under_five_samples_a_pair(world: Any, run: Any) -> None:
    pairs = [("a,b", "swap"), ("b,c", "wait")] * 4
    _, readings = run(VarietyManager(), events=_conflicts(world, pairs), now=1002.0)

    assert readings == ()


@pytest.mark.parametrize(("between", "action"), [("", "swap"), ("a,b", "")])
def test_half_a_pair_is_no_sample(world: Any, run: Any, between: str, action: str) -> None:
    events = _conflicts(world, [(between, action)] * 20)

    assert len(run(VarietyManager(), events=events, now=1002.0)[0].regulation.pairs) == 0


def test_pairs_and_open_conflicts_are_forgotten(world: Any, run: Any) -> None:
    monitor = VarietyManager(patience=100.0)
    detected = world.event("conflict.detected", 1000.0, system=2, id="open", between="a,b")
    events = (detected, *_conflicts(world, [("a,b", "swap"), ("b,c", "wait")] * 10))
    state, _ = run(monitor, events=events, now=1200.0)
    later = _conflicts(world, [("a,b", "swap")])
    moved = [
        world.event(one.name, 3500.0, system=2, id=one.attribute("id"), **_said(one))
        for one in later
    ]
    state, kept = run(monitor, state=state, events=tuple(moved), now=4700.0)
    state, _ = run(monitor, state=state, now=9000.0)

    assert len(state.regulation.open) == 0
    assert kept == ()
    assert len(state.regulation.pairs) == 0


def _said(event: Any) -> dict[str, str]:
    return {key: value for key, value in event.attributes.items() if key != "id"}


def test_past_its_bounds_it_refuses_and_counts(world: Any, run: Any) -> None:
    monitor = VarietyManager(limit=1)
    events = tuple(
        world.event("conflict.detected", 1000.0, system=2, id=name, between="a,b")
        for name in ("one", "two")
    )
    view = _states(world, "sent", {"a": 1.0})
    other = _states(world, "sent", {"a": 1.0}, channel="other")
    state, _ = run(monitor, events=events, views=(view, other), now=1001.0)

    assert monitor.refused(state) == 2
    assert (monitor.name, monitor.system) == ("VarietyManager", 2)
