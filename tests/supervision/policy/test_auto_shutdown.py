"""Significant children and auto_shutdown, as in OTP 24 and later."""

from __future__ import annotations

from typing import Any

import pytest

from supervision import AutoShutdown, Crash, Normal, Restart, Shutdown, Strategy

ANY = AutoShutdown.ANY_SIGNIFICANT
EVERY = AutoShutdown.ALL_SIGNIFICANT
ENDED = Shutdown(detail="significant child ended")


@pytest.fixture
def significant(child: Any) -> Any:
    return lambda name, restart=Restart.TRANSIENT: child(name, restart=restart, significant=True)


@pytest.mark.parametrize("auto", [ANY, EVERY])
def test_normal_exit_of_the_only_significant_child_stops_the_supervisor(
    simulate: Any, significant: Any, auto: AutoShutdown
) -> None:
    sim = simulate("a", significant("s"), "b", auto_shutdown=auto)
    sim.clear()
    sim.end("s", Normal())
    assert sim.log == ["-b", "-a"]
    assert sim.quit == ENDED


def test_any_significant_needs_one(simulate: Any, significant: Any) -> None:
    sim = simulate(significant("s"), significant("t"), auto_shutdown=ANY)
    sim.end("t", Normal())
    assert sim.quit == ENDED


def test_all_significant_needs_the_last(simulate: Any, significant: Any) -> None:
    sim = simulate(significant("s"), significant("t"), auto_shutdown=EVERY)
    sim.end("t", Normal())
    assert sim.quit is None
    sim.end("s", Shutdown())
    assert sim.quit == ENDED


def test_transient_significant_child_that_crashes_is_restarted(
    simulate: Any, significant: Any
) -> None:
    sim = simulate(significant("s"), auto_shutdown=ANY)
    sim.end("s")
    assert sim.phases() == {"s": "running"}


def test_temporary_significant_child_counts_however_it_ends(
    simulate: Any, significant: Any
) -> None:
    sim = simulate(significant("s", Restart.TEMPORARY), "a", auto_shutdown=ANY)
    sim.end("s", Crash(error=ValueError("x")))
    assert sim.quit == ENDED


def test_insignificant_child_ends_nobody(simulate: Any, child: Any, significant: Any) -> None:
    sim = simulate(significant("s"), child("t", restart=Restart.TRANSIENT), auto_shutdown=ANY)
    sim.end("t", Normal())
    assert sim.quit is None


def test_terminate_child_of_a_significant_child_ends_nobody(
    simulate: Any, significant: Any
) -> None:
    sim = simulate(significant("s"), significant("t"), auto_shutdown=EVERY)
    sim.terminate_child("s")
    assert sim.quit is None
    sim.end("t", Normal())
    assert sim.quit == ENDED


def test_temporary_significant_bystander_of_a_group_restart_ends_nobody(
    simulate: Any, significant: Any
) -> None:
    sim = simulate(
        "a",
        significant("s", Restart.TEMPORARY),
        strategy=Strategy.ONE_FOR_ALL,
        auto_shutdown=ANY,
    )
    sim.end("a")
    assert sim.quit is None
    assert sim.phases() == {"a": "running"}


def test_significant_child_that_waits_for_its_restart_still_counts(
    simulate: Any, significant: Any
) -> None:
    sim = simulate(significant("s"), significant("t"), auto_shutdown=EVERY)
    sim.hold_retries = True
    sim.failing["s"] = 1
    sim.end("s")
    sim.end("t", Normal())
    assert sim.quit is None
