import math
from typing import Any

import pytest

from vsm_actors.systems.s2_coordination.capacity import Capacity
from vsm_actors.systems.s2_coordination.channel_monitor import ChannelMonitor

ENDS = {"from_": "1/web", "to": "1/stock", "channel": "plan"}
KEY = ("acme", "1/web", "1/stock", "plan")


def _message(world: Any, what: str, time: float, name: str = "", **more: Any) -> Any:
    ids = {"id": name} if name else {}
    return world.event(f"message.{what}", time, **{**ENDS, **ids, **more})


def _many(world: Any, what: str, time: float, count: int, first: int = 0) -> tuple[Any, ...]:
    return tuple(_message(world, what, time, f"m{first + i}") for i in range(count))


def _counts(world: Any, end: float, *, span: float = 1.0, **counts: float) -> Any:
    points = [
        world.point("vsm_messages_total", count, path="acme", result=result, **ENDS)
        for result, count in counts.items()
    ]
    return world.view(*points, end=end, span=span)


def _loss(readings: Any, values: Any) -> Any:
    return values(readings, "vsm_channel_loss_ratio")


def test_what_is_not_received_within_a_minute_is_lost(world: Any, run: Any, values: Any) -> None:
    monitor = ChannelMonitor()
    events = (*_many(world, "sent", 1000.0, 40), *_many(world, "received", 1001.0, 30))
    state, early = run(monitor, events=events, now=1059.0)
    _, readings = run(monitor, state=state, now=1060.0)

    assert _loss(early, values) == {KEY: 0.0}
    assert _loss(readings, values) == {KEY: 0.25}
    assert {one.n for one in readings} == {40}


def test_a_message_received_too_late_is_lost_all_the_same(
    world: Any, run: Any, values: Any
) -> None:
    pair = (("sent", 1000.0), ("received", 1061.0))
    orders = (pair, pair[::-1])
    for order in orders:
        events = (
            *(world.event(f"message.{what}", time, id="late", **ENDS) for what, time in order),
            *_many(world, "sent", 1000.0, 19),
            *_many(world, "received", 1001.0, 19),
        )
        _, readings = run(ChannelMonitor(), events=events, now=1002.0)
        assert _loss(readings, values) == {KEY: 0.05}


def test_a_drop_is_a_loss_once(world: Any, run: Any, values: Any) -> None:
    monitor = ChannelMonitor()
    events = (
        *_many(world, "sent", 1000.0, 20),
        *_many(world, "dropped", 1001.0, 5),
        *_many(world, "received", 1001.0, 15, first=5),
        *_many(world, "dropped", 1002.0, 5),
    )
    state, _ = run(monitor, events=events, now=1030.0)
    _, readings = run(monitor, state=state, now=1100.0)

    assert _loss(readings, values) == {KEY: 0.25}


def test_a_drop_that_was_never_sent_counts_as_one_message_lost(
    world: Any, run: Any, values: Any
) -> None:
    events = (
        *_many(world, "dropped", 1000.0, 1, first=99),
        *_many(world, "sent", 1000.0, 1, first=99),
        *_many(world, "received", 1001.0, 19),
        *_many(world, "sent", 1000.0, 19),
    )
    _, readings = run(ChannelMonitor(), events=events, now=1100.0)

    assert _loss(readings, values) == {KEY: 0.05}


def test_a_receiver_that_never_reports_cannot_tell_a_loss(
    world: Any, run: Any, values: Any
) -> None:
    monitor = ChannelMonitor()
    state, readings = run(monitor, events=_many(world, "sent", 1000.0, 40), now=1100.0)
    later = (*_many(world, "sent", 1100.0, 25), *_many(world, "received", 1101.0, 25))
    _, heard = run(monitor, state=state, events=later, now=1102.0)

    assert _loss(readings, values) == {}
    assert _loss(heard, values) == {KEY: 0.0}


def test_receipts_without_a_sender_and_messages_without_ids_are_not_judged(
    world: Any, run: Any
) -> None:
    events = (*_many(world, "received", 1000.0, 40), _message(world, "sent", 1000.0))
    state, readings = run(ChannelMonitor(), events=events, now=1100.0)

    assert readings == ()
    assert len(state.delivery.traces) == 0


def test_without_ids_a_deficit_that_lasts_a_minute_is_a_loss(
    world: Any, run: Any, values: Any
) -> None:
    monitor = ChannelMonitor()
    views = (_counts(world, 1001.0, sent=50), _counts(world, 1003.0, received=40))
    state, early = run(monitor, views=views, now=1003.0)
    _, readings = run(monitor, state=state, now=1060.0)

    assert _loss(early, values) == {}
    assert _loss(readings, values) == {KEY: 0.2}
    assert [one.age for one in readings if one.family == "vsm_channel_loss_ratio"] == [57.0]


def test_what_is_on_its_way_is_not_missing(world: Any, run: Any, values: Any) -> None:
    monitor = ChannelMonitor()
    state, _ = run(monitor, views=(_counts(world, 1001.0, sent=50, received=50),), now=1001.0)
    for second in range(2, 100):
        state, _ = run(monitor, state=state, now=1000.0 + second)
    burst = (_counts(world, 1100.0, sent=500),)
    _, readings = run(monitor, state=state, views=burst, now=1100.0)

    assert _loss(readings, values) == {KEY: 0.0}


@pytest.mark.parametrize(
    ("received", "dropped", "expected"), [(40, 5, 10 / 50), (40, 10, 10 / 50), (50, 5, 5 / 55)]
)
def test_counted_drops_are_among_the_missing_first(
    world: Any, run: Any, values: Any, received: float, dropped: float, expected: float
) -> None:
    view = _counts(world, 1001.0, sent=50, received=received, dropped=dropped)
    _, readings = run(ChannelMonitor(), views=(view,), now=1070.0)

    assert _loss(readings, values) == {KEY: pytest.approx(expected)}


def test_where_nobody_receives_only_drops_are_known(world: Any, run: Any, values: Any) -> None:
    view = _counts(world, 1001.0, sent=50, dropped=10)
    _, readings = run(ChannelMonitor(), views=(view,), now=1070.0)

    assert _loss(readings, values) == {KEY: 0.2}


def test_what_was_sent_long_before_the_receiver_reported_is_not_lost(
    world: Any, run: Any, values: Any
) -> None:
    views = (
        _counts(world, 1001.0, sent=500),
        _counts(world, 1101.0, sent=30, received=30),
    )
    _, readings = run(ChannelMonitor(), views=views, now=1165.0)

    assert _loss(readings, values) == {KEY: 0.0}


def test_ids_take_the_place_of_counts(world: Any, run: Any, values: Any) -> None:
    events = (*_many(world, "sent", 1000.0, 20), *_many(world, "received", 1001.0, 20))
    views = (_counts(world, 1001.0, sent=40, received=20),)
    _, readings = run(ChannelMonitor(), events=events, views=views, now=1070.0)

    assert _loss(readings, values) == {KEY: 0.0}


def test_under_twenty_messages_there_is_no_share(world: Any, run: Any, values: Any) -> None:
    events = (*_many(world, "sent", 1000.0, 19), *_many(world, "received", 1001.0, 19))
    views = (_counts(world, 1001.0, sent=19, received=19),)
    _, readings = run(ChannelMonitor(), events=events, views=views, now=1070.0)

    assert _loss(readings, values) == {}


def _states(world: Any, end: float, count: float, **edge: str) -> Any:
    points = [
        world.point(
            "vsm_message_states_total",
            count,
            path="acme",
            state=state,
            **{**ENDS, "result": "sent", **edge},
        )
        for state in "abcd"
    ]
    return world.view(*points, end=end)


def test_use_of_capacity_is_entropy_times_states_a_second(
    world: Any, run: Any, values: Any
) -> None:
    declared = Capacity(path="acme", origin="web", to="1/stock", bits=200.0)
    monitor = ChannelMonitor(capacities=(declared,))
    views = tuple(_states(world, 1001.0 + second, 10.0) for second in range(10))
    _, readings = run(monitor, views=views, now=1010.0)

    key = ("acme", "1/web", "1/stock", "")
    assert values(readings, "vsm_channel_capacity_use_ratio") == {key: 2.0 * 40 / 200}
    assert {(one.n, one.age) for one in readings} == {(400, 0.0)}


def test_use_of_capacity_counts_from_the_channels_own_first_window(
    world: Any, run: Any, values: Any
) -> None:
    declared = Capacity(path="acme", origin="web", to="1/stock", bits=200.0)
    idle = tuple(world.view(end=801.0 + second) for second in range(200))
    views = tuple(_states(world, 1001.0 + second, 10.0) for second in range(10))
    _, readings = run(ChannelMonitor(capacities=(declared,)), views=(*idle, *views), now=1010.0)

    key = ("acme", "1/web", "1/stock", "")
    assert values(readings, "vsm_channel_capacity_use_ratio") == {key: 2.0 * 40 / 200}


def test_channels_under_one_capacity_add_up_and_one_alone_does_not(
    world: Any, run: Any, values: Any
) -> None:
    both = Capacity(path="acme", origin="web", to="stock", bits=100.0)
    alone = Capacity(path="acme", origin="web", to="stock", bits=100.0, channel="plan")
    views = (_states(world, 1001.0, 10.0), _states(world, 1001.0, 10.0, channel="other"))
    _, readings = run(ChannelMonitor(capacities=(both, alone)), views=views, now=1001.0)

    found = values(readings, "vsm_channel_capacity_use_ratio")
    assert found == {(*KEY[:3], ""): 1.6, KEY: 0.8}


def test_a_channel_whose_entropy_is_withheld_withholds_the_sum(world: Any, run: Any) -> None:
    both = Capacity(path="acme", origin="web", to="stock", bits=100.0)
    views = (_states(world, 1001.0, 10.0), _states(world, 1001.0, 1.0, channel="other"))

    assert run(ChannelMonitor(capacities=(both,)), views=views, now=1001.0)[1] == ()


@pytest.mark.parametrize("edge", [{"result": "received"}, {"to": "3"}])
def test_only_what_is_sent_under_a_declared_capacity_is_watched(
    world: Any, run: Any, edge: dict[str, str]
) -> None:
    declared = Capacity(path="acme", origin="web", to="stock", bits=100.0)
    monitor = ChannelMonitor(capacities=(declared,))
    state, readings = run(monitor, views=(_states(world, 1001.0, 10.0, **edge),), now=1001.0)

    assert readings == ()
    assert len(state.sources.edges) == 0


def test_what_was_sent_long_ago_uses_no_capacity(world: Any, run: Any, values: Any) -> None:
    declared = Capacity(path="acme", origin="web", to="stock", bits=100.0)
    monitor = ChannelMonitor(capacities=(declared,))
    state, _ = run(monitor, views=(_states(world, 1001.0, 10.0),), now=1001.0)
    state, idle = run(monitor, state=state, now=2000.0)
    state, gone = run(monitor, state=state, now=5000.0)

    assert values(idle, "vsm_channel_capacity_use_ratio") == {(*KEY[:3], ""): 0.0}
    assert gone == ()
    assert len(state.sources.edges) == 0


def _heartbeats(world: Any, count: int, **result: float) -> tuple[Any, ...]:
    return tuple(_counts(world, 1001.0 + 2 * i, span=1.0, **result) for i in range(count))


def test_silence_grows_with_the_pause_over_the_usual_interval(
    world: Any, run: Any, values: Any
) -> None:
    monitor = ChannelMonitor()
    views = _heartbeats(world, 50, sent=1.0)
    state, readings = run(monitor, views=views, now=1099.0)
    _, later = run(monitor, state=state, now=1109.0)

    usual = 99 / 50
    assert values(readings, "vsm_channel_silence_phi") == {KEY: 0.0}
    expected = 10 / (usual * math.log(10))
    assert values(later, "vsm_channel_silence_phi") == {KEY: pytest.approx(expected)}
    assert -math.log10(math.exp(-10 / usual)) == pytest.approx(expected)


def test_under_ten_intervals_silence_says_nothing(world: Any, run: Any, values: Any) -> None:
    _, ten = run(ChannelMonitor(), views=_heartbeats(world, 10, sent=1.0), now=1100.0)
    _, eleven = run(ChannelMonitor(), views=_heartbeats(world, 11, sent=1.0), now=1100.0)

    assert values(ten, "vsm_channel_silence_phi") == {}
    assert len(values(eleven, "vsm_channel_silence_phi")) == 1


def test_where_receipts_are_reported_they_are_what_falls_silent(
    world: Any, run: Any, values: Any
) -> None:
    views = (
        *_heartbeats(world, 20, sent=1.0, received=1.0),
        *(_counts(world, 1050.0 + second, sent=1.0) for second in range(20)),
    )
    _, readings = run(ChannelMonitor(), views=views, now=1069.0)

    usual = 39 / 20
    silence = values(readings, "vsm_channel_silence_phi")
    assert silence == {KEY: pytest.approx(30 / usual / math.log(10))}


def test_edges_are_forgotten_once_they_are_long_silent(world: Any, run: Any) -> None:
    monitor = ChannelMonitor()
    events = (*_many(world, "sent", 1000.0, 20), *_many(world, "received", 1001.0, 20))
    views = (_counts(world, 1001.0, sent=20, received=20),)
    state, _ = run(monitor, events=events, views=views, now=1002.0)
    state, _ = run(monitor, state=state, now=90_000.0)

    assert len(state.delivery.fates) == 0
    assert len(state.flows.edges) == 0


def test_custom_results_are_not_messages_that_pass(world: Any, run: Any) -> None:
    state, _ = run(ChannelMonitor(), views=(_counts(world, 1001.0, lost=5),), now=1001.0)

    assert len(state.flows.edges) == 0


def test_past_its_bounds_it_refuses_and_counts(world: Any, run: Any) -> None:
    monitor = ChannelMonitor(messages=1, limit=1)
    events = _many(world, "sent", 1000.0, 3)
    other = world.point("vsm_messages_total", 1, path="other", result="sent", **ENDS)
    views = (_counts(world, 1001.0, sent=1), world.view(other, end=1002.0))
    state, _ = run(monitor, events=events, views=views, now=1002.0)

    assert monitor.refused(state) == 3
    assert (monitor.name, monitor.system) == ("ChannelMonitor", 2)
