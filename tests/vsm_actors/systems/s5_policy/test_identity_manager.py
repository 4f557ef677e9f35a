from collections.abc import Callable
from typing import Any

import pytest

from vsm_actors.systems.s5_policy import IdentityManager

World = Any
Values = Callable[..., dict[tuple[str, ...], float]]
Run = Callable[..., tuple[Any, tuple[Any, ...]]]

DIVERGENCE = "vsm_identity_divergence_bits"


def declared(world: World, purpose: str, share: float, at: float = 0.0) -> Any:
    return world.event(
        "purpose.declared", at, system=5, measurements={"share": share}, purpose=purpose
    )


def done(world: World, end: float = 1.0, **counts: float) -> Any:
    points = [
        world.point(
            "vsm_operations_by_purpose_total",
            count,
            path="acme",
            system="1",
            purpose="" if purpose == "none" else purpose,
        )
        for purpose, count in counts.items()
    ]
    return world.view(*points, end=end)


def test_doing_what_was_declared_is_no_divergence(world: World, values: Values, run: Run) -> None:
    events = (declared(world, "heal", 0.75), declared(world, "teach", 0.25))
    view = done(world, heal=75.0, teach=25.0)
    state, readings = run(IdentityManager(), events=events, views=(view,), now=2.0)
    assert values(readings, DIVERGENCE) == {("acme",): pytest.approx(0.0, abs=1e-12)}
    again, _ = run(IdentityManager(), state=state, now=3.0)
    assert again.paths.get("acme") is state.paths.get("acme")


def test_doing_nothing_of_what_was_declared_is_one_bit(
    world: World, values: Values, run: Run
) -> None:
    view = done(world, profit=60.0, none=40.0)
    _, readings = run(
        IdentityManager(), events=(declared(world, "heal", 1.0),), views=(view,), now=2.0
    )
    assert values(readings, DIVERGENCE) == {("acme",): pytest.approx(1.0)}
    assert readings[0].coverage == pytest.approx(0.6)


def test_what_the_declared_shares_leave_over_is_undeclared(
    world: World, values: Values, run: Run
) -> None:
    view = done(world, heal=50.0, none=30.0, other=20.0)
    _, readings = run(
        IdentityManager(), events=(declared(world, "heal", 0.5),), views=(view,), now=2.0
    )
    assert values(readings, DIVERGENCE) == {("acme",): pytest.approx(0.0, abs=1e-12)}


def test_nothing_is_said_below_the_minimum_or_without_a_declaration(world: World, run: Run) -> None:
    few = done(world, heal=19.0)
    _, readings = run(
        IdentityManager(), events=(declared(world, "heal", 1.0),), views=(few,), now=2.0
    )
    assert readings == ()
    assert run(IdentityManager(), views=(done(world, heal=50.0),), now=2.0)[1] == ()


def test_a_share_of_zero_takes_a_purpose_back_and_an_older_word_changes_nothing(
    world: World, values: Values, run: Run
) -> None:
    events = (
        declared(world, "heal", 1.0, at=1.0),
        declared(world, "heal", 0.0, at=2.0),
        declared(world, "heal", 1.0, at=1.5),
        declared(world, "teach", 1.0, at=1.5),
    )
    view = done(world, teach=50.0)
    _, readings = run(IdentityManager(), events=events, views=(view,), now=3.0)
    assert values(readings, DIVERGENCE) == {("acme",): pytest.approx(0.0, abs=1e-12)}


def test_operations_leave_the_window_and_a_path_that_declared_nothing_goes_with_them(
    world: World, run: Run
) -> None:
    monitor = IdentityManager(window=60.0)
    state, _ = run(monitor, views=(done(world, heal=50.0),), now=2.0)
    state, readings = run(monitor, state=state, now=200.0)
    assert (len(state.paths), readings) == (0, ())


def test_purposes_past_the_bound_are_refused_and_counted(world: World, run: Run) -> None:
    monitor = IdentityManager(purposes=1)
    events = (declared(world, "heal", 0.5), declared(world, "teach", 0.5))
    state, _ = run(monitor, events=events, now=1.0)
    assert monitor.refused(state) == 1


def test_a_window_without_operations_changes_nothing(world: World) -> None:
    monitor = IdentityManager()
    state = monitor.initial()
    assert monitor.observe(state, done(world, heal=0.0)) is state
