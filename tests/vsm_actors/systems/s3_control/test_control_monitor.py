from collections.abc import Callable
from typing import Any

import pytest

from vsm_actors.systems.s3_control import ControlMonitor

World = Any
Values = Callable[..., dict[tuple[str, ...], float]]
Run = Callable[..., tuple[Any, tuple[Any, ...]]]

COMPLIANCE = "vsm_directive_compliance_ratio"
DELAY = "vsm_directive_delay_seconds"


def directive(world: World, verb: str, at: float, name: str, due: float | None = None) -> Any:
    measurements = {} if due is None else {"due": due}
    return world.event(
        f"directive.{verb}", at, system=3, measurements=measurements, id=name, unit="press"
    )


def test_nothing_is_said_without_data(run: Run) -> None:
    assert run(ControlMonitor(), now=100.0)[1] == ()


def test_kept_late_refused_and_overdue_directives_give_one_of_four(
    world: World, values: Values, run: Run
) -> None:
    events = (
        *(directive(world, "issued", 0.0, name, due=60.0) for name in ("a", "b", "c", "d")),
        directive(world, "completed", 30.0, "a"),
        directive(world, "completed", 90.0, "b"),
        directive(world, "refused", 10.0, "c"),
    )
    _, readings = run(ControlMonitor(), events=events, now=100.0)
    compliance = values(readings, COMPLIANCE)
    assert compliance == {("acme", "press"): 0.25, ("acme", ""): 0.25}
    assert values(readings, DELAY)["acme", "press"] == 60.0
    assert next(one.n for one in readings if one.family == COMPLIANCE) == 4


def test_a_directive_that_is_neither_ended_nor_due_does_not_count(
    world: World, values: Values, run: Run
) -> None:
    events = (directive(world, "issued", 0.0, "a", due=60.0),)
    state, readings = run(ControlMonitor(), events=events, now=60.0)
    assert readings == ()
    _, readings = run(ControlMonitor(), state=state, now=61.0)
    assert values(readings, COMPLIANCE)["acme", "press"] == 0.0


def test_an_overdue_directive_counts_once_even_if_it_is_completed_at_last(
    world: World, values: Values, run: Run
) -> None:
    monitor = ControlMonitor()
    state, _ = run(monitor, events=(directive(world, "issued", 0.0, "a", due=60.0),), now=70.0)
    events = (directive(world, "completed", 80.0, "a"),)
    _, readings = run(monitor, state=state, events=events, now=90.0)
    assert values(readings, COMPLIANCE)["acme", "press"] == 0.0
    assert values(readings, DELAY)["acme", "press"] == 80.0


def test_an_end_that_arrives_before_its_order_is_paired_with_it(
    world: World, values: Values, run: Run
) -> None:
    events = (
        directive(world, "completed", 30.0, "a"),
        directive(world, "completed", 31.0, "a"),
        directive(world, "issued", 0.0, "a", due=60.0),
    )
    _, readings = run(ControlMonitor(), events=events, now=100.0)
    assert values(readings, COMPLIANCE)["acme", "press"] == 1.0
    assert values(readings, DELAY)["acme", "press"] == 30.0


def test_a_repeated_order_changes_nothing(world: World, values: Values, run: Run) -> None:
    events = (
        directive(world, "issued", 0.0, "a", due=10.0),
        directive(world, "issued", 50.0, "a", due=1000.0),
    )
    _, readings = run(ControlMonitor(), events=events, now=20.0)
    assert values(readings, COMPLIANCE)["acme", "press"] == 0.0


def test_overdue_directives_and_lone_ends_are_forgotten_after_a_window(
    world: World, run: Run
) -> None:
    monitor = ControlMonitor(window=600.0)
    events = (
        directive(world, "issued", 0.0, "a", due=60.0),
        directive(world, "completed", 0.0, "b"),
    )
    state, _ = run(monitor, events=events, now=100.0)
    assert len(state.directives.held) == 2
    state, readings = run(monitor, state=state, now=5_000.0)
    assert len(state.directives.held) == 0
    assert readings == ()


def test_a_directive_without_a_due_time_gets_the_default(
    world: World, values: Values, run: Run
) -> None:
    events = (directive(world, "issued", 0.0, "a"),)
    _, readings = run(ControlMonitor(due=5.0), events=events, now=6.0)
    assert values(readings, COMPLIANCE)["acme", "press"] == 0.0


def test_the_bargain_is_what_was_delivered_over_what_was_agreed(
    world: World, values: Values, run: Run
) -> None:
    def allocated(agreed: float, delivered: float, resource: str) -> Any:
        measured = {"agreed": agreed, "delivered": delivered}
        return world.event(
            "resource.allocated",
            1.0,
            system=3,
            measurements=measured,
            resource=resource,
            unit="press",
        )

    events = (
        allocated(10.0, 8.0, "steel"),
        allocated(10.0, 10.0, "steel"),
        allocated(0.0, 3.0, "oil"),
    )
    _, readings = run(ControlMonitor(), events=events, now=2.0)
    fulfilled = values(readings, "vsm_bargain_fulfilment_ratio")
    assert fulfilled == {("acme", "press", "steel"): pytest.approx(0.9)}


def test_overrides_are_counted_within_the_window(world: World, values: Values, run: Run) -> None:
    monitor = ControlMonitor(window=60.0)
    event = world.event("override.applied", 1.0, system=3, unit="boss", about="c-1")
    state, readings = run(monitor, events=(event, event), now=2.0)
    assert values(readings, "vsm_overrides")["acme", "boss"] == 2.0
    assert run(monitor, state=state, now=100.0)[1] == ()


def test_units_past_the_bound_are_refused_and_counted(world: World, run: Run) -> None:
    monitor = ControlMonitor(limit=2)
    events = tuple(directive(world, "issued", 0.0, name, due=9.0) for name in "abc")
    state, _ = run(monitor, events=events, now=1.0)
    assert monitor.refused(state) == 1


def test_windows_of_the_bulk_lane_change_nothing(world: World) -> None:
    monitor = ControlMonitor()
    state = monitor.initial()
    assert monitor.observe(state, world.view(end=1.0)) is state
