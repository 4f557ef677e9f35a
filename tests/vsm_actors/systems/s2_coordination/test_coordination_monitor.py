import math
from typing import Any

import pytest

from vsm_actors.systems.s2_coordination.conflicts import Rules
from vsm_actors.systems.s2_coordination.coordination_monitor import CoordinationMonitor

KEY = ("acme", "")


def _detected(world: Any, time: float, name: str = "c1", **more: Any) -> Any:
    return world.event("conflict.detected", time, system=2, id=name, between="a,b", **more)


def _resolved(world: Any, time: float, name: str = "c1", **more: Any) -> Any:
    return world.event("conflict.resolved", time, system=2, id=name, action="swap", **more)


def _sent(world: Any, time: float, from_: str, to: str, **ids: str) -> Any:
    return world.event("message.sent", time, from_=from_, to=to, channel="plan", **ids)


def _received(world: Any, time: float, from_: str, to: str, **ids: str) -> Any:
    return world.event("message.received", time, from_=from_, to=to, channel="plan", **ids)


def test_a_conflict_is_open_until_it_is_resolved(world: Any, run: Any, values: Any) -> None:
    monitor = CoordinationMonitor()
    state, before = run(monitor, events=(_detected(world, 1000.0),), now=1010.0)
    state, after = run(monitor, state=state, events=(_resolved(world, 1020.0),), now=1030.0)

    assert values(before, "vsm_conflicts_open") == {KEY: 1.0}
    assert values(after, "vsm_conflicts_open") == {KEY: 0.0}
    assert {one.age for one in after} == {10.0}


def test_the_ages_of_open_conflicts_count_in_the_time_to_resolve(
    world: Any, run: Any, values: Any
) -> None:
    events = (
        _detected(world, 1000.0),
        _resolved(world, 1020.0),
        _detected(world, 1030.0, "c2"),
    )
    _, readings = run(CoordinationMonitor(), events=events, now=1090.0)

    assert values(readings, "vsm_conflict_resolution_seconds") == {KEY: (20.0 + 60.0) / 2}


def test_open_conflicts_past_their_time_count_against(world: Any, run: Any, values: Any) -> None:
    events = (
        _detected(world, 1000.0),
        _resolved(world, 1020.0),
        _detected(world, 1000.0, "slow"),
        _resolved(world, 1400.0, "slow"),
        _detected(world, 1000.0, "late"),
        _detected(world, 1390.0, "young"),
    )
    _, readings = run(CoordinationMonitor(), events=events, now=1400.0)

    assert values(readings, "vsm_conflicts_timely_ratio") == {KEY: pytest.approx(1 / 3)}
    judged = [one.n for one in readings if one.family == "vsm_conflicts_timely_ratio"]
    assert judged == [3]


def test_while_nothing_can_be_judged_there_is_no_share(world: Any, run: Any, values: Any) -> None:
    _, readings = run(CoordinationMonitor(), events=(_detected(world, 1000.0),), now=1001.0)

    assert values(readings, "vsm_conflicts_timely_ratio") == {}


def test_a_repeated_detection_keeps_the_first_time(world: Any, run: Any, values: Any) -> None:
    events = (_detected(world, 1000.0), _detected(world, 1050.0))
    _, readings = run(CoordinationMonitor(), events=events, now=1060.0)

    assert values(readings, "vsm_conflicts_open") == {KEY: 1.0}
    assert values(readings, "vsm_conflict_resolution_seconds") == {KEY: 60.0}


def test_a_resolution_that_comes_first_closes_its_conflict(
    world: Any, run: Any, values: Any
) -> None:
    events = (_resolved(world, 1020.0), _detected(world, 1000.0))
    _, readings = run(CoordinationMonitor(), events=events, now=1030.0)

    assert values(readings, "vsm_conflicts_open") == {KEY: 0.0}
    assert values(readings, "vsm_conflict_resolution_seconds") == {KEY: 20.0}


def test_conflicts_of_units_and_paths_are_kept_apart(world: Any, run: Any, values: Any) -> None:
    events = (
        _detected(world, 1000.0, unit="press"),
        _detected(world, 1000.0, path="other"),
        _resolved(world, 1001.0, path="other"),
    )
    _, readings = run(CoordinationMonitor(), events=events, now=1002.0)

    assert values(readings, "vsm_conflicts_open") == {("acme", "press"): 1.0, ("other", ""): 0.0}


def test_a_quiet_unit_is_forgotten_unless_a_conflict_is_open(world: Any, run: Any) -> None:
    monitor = CoordinationMonitor(rules=Rules(held=100.0))
    events = (
        _detected(world, 1000.0, "open", unit="a"),
        _detected(world, 1000.0, "shut", unit="b"),
        _resolved(world, 1001.0, "shut", unit="b"),
    )
    state, _ = run(monitor, events=events, now=1200.0)

    assert [key for key, _ in state.conflicts.records.items()] == [("acme", "a")]


def test_what_was_resolved_long_ago_is_no_longer_averaged(
    world: Any, run: Any, values: Any
) -> None:
    events = (_detected(world, 1000.0), _resolved(world, 1020.0))
    _, readings = run(CoordinationMonitor(), events=events, now=9000.0)

    assert values(readings, "vsm_conflicts_open") == {KEY: 0.0}
    assert values(readings, "vsm_conflict_resolution_seconds") == {}


def test_lag_is_reply_minus_request_for_who_asked_whom(world: Any, run: Any, values: Any) -> None:
    monitor = CoordinationMonitor()
    events = (
        _sent(world, 1000.0, "1/a", "1/b", id="q"),
        _sent(world, 1002.5, "1/b", "1/a", in_reply_to="q"),
    )
    state, readings = run(monitor, events=events, now=1003.0)
    _, again = run(monitor, state=state, now=1004.0)

    assert values(readings, "vsm_coordination_lag_seconds") == {("acme", "1/a", "1/b"): 2.5}
    assert values(again, "vsm_coordination_lag_seconds") == {}


def test_a_reply_counts_once_though_sent_and_received(world: Any, run: Any) -> None:
    events = (
        _sent(world, 1000.0, "1/a", "1/b", id="q"),
        _received(world, 1001.0, "1/a", "1/b", id="q"),
        _sent(world, 1002.0, "1/b", "1/a", id="r", in_reply_to="q"),
        _received(world, 1003.0, "1/b", "1/a", id="r", in_reply_to="q"),
        _sent(world, 1004.0, "1/a", "1/b", id="q"),
    )
    _, readings = run(CoordinationMonitor(), events=events, now=1005.0)

    assert [(one.value, one.age) for one in readings] == [(2.0, 3.0)]


def test_a_reply_that_is_heard_before_its_request_is_paired(world: Any, run: Any) -> None:
    events = (
        _received(world, 1002.0, "1/b", "1/a", in_reply_to="q"),
        _sent(world, 1000.0, "1/a", "1/b", id="q"),
    )
    _, readings = run(CoordinationMonitor(), events=events, now=1003.0)

    assert [one.value for one in readings] == [2.0]
    assert readings[0].labels == {"path": "acme", "from": "1/a", "to": "1/b"}


def test_several_lags_of_one_tick_are_all_observed(world: Any, run: Any) -> None:
    events = tuple(
        event
        for i in range(5)
        for event in (
            _sent(world, 1000.0, "1/a", "1/b", id=f"q{i}"),
            _sent(world, 1001.0 + i, "1/b", "1/a", in_reply_to=f"q{i}"),
        )
    )
    _, readings = run(CoordinationMonitor(), events=events, now=1010.0)

    assert sorted(one.value for one in readings) == [1.0, 2.0, 3.0, 4.0, 5.0]


def test_negative_lags_are_dropped_and_counted(world: Any, run: Any, values: Any) -> None:
    monitor = CoordinationMonitor()
    state, _ = run(
        monitor,
        events=(
            _sent(world, 1000.0, "1/a", "1/b", id="q"),
            _sent(world, 999.0, "1/b", "1/a", in_reply_to="q"),
        ),
        now=1001.0,
    )
    _, readings = run(
        monitor,
        state=state,
        events=(
            _sent(world, 1000.0, "1/a", "1/b", id="p"),
            _sent(world, 999.0, "1/b", "1/a", in_reply_to="p"),
        ),
        now=1001.0,
    )

    assert values(readings, "vsm_coordination_lag_seconds") == {}
    assert values(readings, "vsm_coordination_lags_negative") == {("acme",): 2.0}


def test_a_dropped_message_is_neither_request_nor_reply(world: Any, run: Any) -> None:
    dropped = world.event(
        "message.dropped", 1001.0, from_="1/b", to="1/a", channel="plan", in_reply_to="q"
    )
    events = (_sent(world, 1000.0, "1/a", "1/b", id="q"), dropped)

    assert run(CoordinationMonitor(), events=events, now=1002.0)[1] == ()


def test_a_request_that_nobody_answers_is_forgotten(world: Any, run: Any) -> None:
    monitor = CoordinationMonitor()
    state, _ = run(monitor, events=(_sent(world, 1000.0, "1/a", "1/b", id="q"),), now=1300.0)
    late = _sent(world, 1301.0, "1/b", "1/a", in_reply_to="q")
    _, readings = run(monitor, state=state, events=(late,), now=1302.0)

    assert readings == ()


def _swing(world: Any, end: float, value: float) -> Any:
    operations = {"path": "acme", "unit": "press", "operation": "stamp", "outcome": "ok"}
    return world.view(
        world.point("vsm_operations_total", value, system="1", **operations),
        world.point("vsm_operations_total", 9.0, system="3", **operations),
        world.point(
            "vsm_resource_used", value, path="acme", system="1", unit="press", resource="disk"
        ),
        world.point(
            "vsm_resource_used", 1.0, path="acme", system="2", unit="press", resource="disk"
        ),
        end=end,
    )


def _swings(world: Any, count: int) -> tuple[Any, ...]:
    return tuple(
        _swing(world, 15.0 * step + 1, 10 + 5 * math.sin(2 * math.pi * step / 15))
        for step in range(count)
    )


def test_a_swing_of_rate_and_use_shows_after_about_eleven_periods(
    world: Any, run: Any, values: Any
) -> None:
    _, early = run(CoordinationMonitor(), views=_swings(world, 59), now=59 * 15.0)
    _, readings = run(CoordinationMonitor(), views=_swings(world, 240), now=3600.0)

    found = values(readings, "vsm_oscillation_index")
    assert values(early, "vsm_oscillation_index") == {}
    assert set(found) == {("acme", "press", "operations"), ("acme", "press", "resource.disk")}
    assert all(index > 1 for index in found.values())
    assert {(one.n, one.coverage) for one in readings} == {(240, 1.0)}


def test_only_so_many_series_are_judged_a_tick_and_the_rest_follows(
    world: Any, run: Any, values: Any
) -> None:
    monitor = CoordinationMonitor(batch=1)
    state, first = run(monitor, views=_swings(world, 240), now=3600.0)
    state, second = run(monitor, state=state, now=3601.0)
    unchanged, third = run(monitor, state=state, now=3602.0)

    counts = [len(values(some, "vsm_oscillation_index")) for some in (first, second, third)]
    assert counts == [1, 2, 2]
    assert unchanged.rhythm is state.rhythm


def test_a_silent_series_is_forgotten_after_its_window(world: Any, run: Any) -> None:
    monitor = CoordinationMonitor()
    state, _ = run(monitor, views=_swings(world, 10), now=150.0)
    state, _ = run(monitor, state=state, now=3800.0)

    assert len(state.rhythm.beats) == 0


def test_without_data_there_is_no_reading(run: Any) -> None:
    monitor = CoordinationMonitor()
    state, readings = run(monitor, now=1000.0)

    assert readings == ()
    assert monitor.refused(state) == 0
    assert (monitor.name, monitor.system) == ("CoordinationMonitor", 2)


def test_past_its_bounds_it_refuses_and_counts(world: Any, run: Any) -> None:
    monitor = CoordinationMonitor(rules=Rules(limit=1), messages=1, limit=1)
    events = (
        _detected(world, 1000.0),
        _detected(world, 1000.0, "c2"),
        _sent(world, 1000.0, "1/a", "1/b", id="q"),
        _sent(world, 1000.0, "1/a", "1/b", id="p"),
    )
    state, _ = run(monitor, events=events, views=(_swing(world, 1001.0, 1.0),), now=1001.0)

    assert monitor.refused(state) == 3
