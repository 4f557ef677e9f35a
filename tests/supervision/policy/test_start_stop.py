"""Start in order, failure of a start, stop in reverse."""

from __future__ import annotations

from typing import Any

import pytest

from supervision import (
    Crash,
    InitFailed,
    Normal,
    Restart,
    Shutdown,
    ShutdownError,
    StartError,
    StartFailed,
    Strategy,
)
from supervision.policy.events import Boot, Exited, StartIgnored


@pytest.mark.parametrize("strategy", Strategy)
def test_each_child_is_up_before_the_next_starts(simulate: Any, strategy: Strategy) -> None:
    sim = simulate("a", "b", "c", strategy=strategy, boot=False)
    sim.slow |= {"a", "b"}
    sim.boot()
    assert sim.log == ["+a"]
    sim.come_up("a")
    assert sim.log == ["+a", "+b"]
    assert not sim.booted
    sim.come_up("b")
    assert sim.log == ["+a", "+b", "+c"]
    assert sim.booted


def test_supervisor_without_children_is_up_at_once(simulate: Any) -> None:
    sim = simulate()
    assert sim.booted
    sim.stop()
    assert sim.quit == Shutdown()


def test_failed_start_stops_the_started_in_reverse_and_fails_the_supervisor(simulate: Any) -> None:
    sim = simulate("a", "b", "c", "d", boot=False)
    sim.failing["c"] = 1
    sim.boot()
    assert sim.log == ["+a", "+b", "+c", "-b", "-a"]
    assert not sim.booted
    assert isinstance(sim.quit, InitFailed)
    assert isinstance(sim.quit.error, StartFailed)
    assert sim.quit.error.child == "sup/c"
    assert str(sim.quit.error.cause) == "c"
    assert [r.path for r in sim.reported(StartError)] == ["sup/c"]


def test_ignored_child_keeps_its_spec_and_the_next_one_starts(simulate: Any, child: Any) -> None:
    sim = simulate("a", child("t", restart=Restart.TEMPORARY), "b", boot=False)
    sim.ignoring |= {"a", "t"}
    sim.boot()
    assert sim.phases() == {"a": "stopped", "b": "running"}
    assert sim.booted


def test_crash_during_boot_is_taken_when_all_are_up(simulate: Any) -> None:
    sim = simulate("a", "b", "c", boot=False)
    sim.slow.add("b")
    sim.boot()
    sim.end("a")
    assert sim.log == ["+a", "+b"]
    sim.come_up("b")
    assert sim.log == ["+a", "+b", "+c", "+a"]
    assert sim.phases() == {"a": "running", "b": "running", "c": "running"}


def test_crash_during_a_boot_that_then_fails_is_not_stopped_again(simulate: Any) -> None:
    sim = simulate("a", "b", "c", boot=False)
    sim.slow.add("c")
    sim.boot()
    sim.end("a")
    sim.clear()
    sim.end("c")
    assert sim.log == ["-b"]
    assert isinstance(sim.quit, InitFailed)


def test_stop_during_boot_stops_what_has_started(simulate: Any) -> None:
    sim = simulate("a", "b", "c", boot=False)
    sim.slow.add("b")
    sim.boot()
    sim.stop()
    assert sim.log == ["+a", "+b", "-b", "-a"]
    assert sim.quit == Shutdown()
    assert not sim.booted


def test_stop_is_in_reverse_order_one_by_one(simulate: Any) -> None:
    sim = simulate("a", "b", "c")
    sim.hung.add("b")
    sim.clear()
    sim.stop()
    assert sim.log == ["-c", "-b"]
    sim.obey("b")
    assert sim.log == ["-c", "-b", "-a"]
    assert sim.quit == Shutdown()


def test_second_stop_changes_nothing(simulate: Any) -> None:
    sim = simulate("a")
    sim.hung.add("a")
    sim.stop()
    sim.stop()
    sim.obey("a")
    assert sim.log == ["+a", "-a"]
    sim.stop()
    sim.send(Boot())
    assert sim.log == ["+a", "-a"]


@pytest.mark.parametrize(
    ("cause", "reported"),
    [(Shutdown(), False), (Normal(), False), (Crash(error=ValueError("late")), True)],
)
def test_stop_that_ends_in_a_crash_is_reported(
    simulate: Any,
    cause: Any,
    reported: bool,  # noqa: FBT001 -- a column of the table
) -> None:
    sim = simulate("a")
    sim.hung.add("a")
    sim.stop()
    sim.end("a", cause)
    assert bool(sim.reported(ShutdownError)) is reported
    assert sim.quit == Shutdown()


def test_child_that_crashes_before_its_turn_to_stop_is_not_stopped_again(simulate: Any) -> None:
    sim = simulate("a", "b")
    sim.hung.add("b")
    sim.stop()
    sim.end("a")
    assert sim.phases() == {"a": "stopped", "b": "stopping"}
    sim.obey("b")
    assert sim.log == ["+a", "+b", "-b"]


def test_waiting_restart_is_called_off_by_a_stop(simulate: Any) -> None:
    sim = simulate("a", intensity=3)
    sim.hold_retries = True
    sim.failing["a"] = 1
    sim.end("a")
    sim.stop()
    sim.advance(0.0)
    assert sim.log == ["+a", "+a"]


def test_child_told_to_stop_while_it_starts_may_still_ask_to_be_ignored(simulate: Any) -> None:
    sim = simulate("a", boot=False)
    sim.slow.add("a")
    sim.boot()
    sim.hung.add("a")
    sim.stop()
    sim.send(StartIgnored(child="a", incarnation=1))
    assert sim.quit == Shutdown()


def test_events_after_the_end_change_nothing(simulate: Any) -> None:
    sim = simulate("a")
    sim.stop()
    before = sim.state
    sim.send(Exited(child="a", incarnation=1, exit=Normal()))
    assert sim.state == before
