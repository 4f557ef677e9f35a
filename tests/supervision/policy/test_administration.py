"""start_child, terminate_child, restart_child, delete_child: OTP's answers."""

from __future__ import annotations

from typing import Any

import pytest

from supervision import (
    AlreadyPresent,
    AlreadyStarted,
    ChildStartFailed,
    NotFound,
    Restart,
    Restarting,
    Running,
    ShuttingDown,
    Strategy,
)


def test_start_child_adds_at_the_end_and_answers_when_it_is_up(simulate: Any, child: Any) -> None:
    sim = simulate("a")
    sim.slow.add("b")
    assert sim.start_child(child("b")) == "no answer yet"
    sim.come_up("b")
    assert sim.answers == {1: "b"}
    assert list(sim.phases()) == ["a", "b"]


def test_start_child_that_fails_is_not_added(simulate: Any, child: Any, boom: Any) -> None:
    sim = simulate("a")
    sim.failing["b"] = 1
    answer = sim.start_child(child("b"))
    assert isinstance(answer, ChildStartFailed)
    assert isinstance(answer.cause, boom)
    assert sim.phases() == {"a": "running"}
    assert sim.forgotten == ["b"]


@pytest.mark.parametrize(
    ("restart", "kept"), [(Restart.PERMANENT, True), (Restart.TEMPORARY, False)]
)
def test_start_child_that_asks_to_be_ignored_keeps_its_spec_unless_temporary(
    simulate: Any,
    child: Any,
    restart: Restart,
    kept: bool,  # noqa: FBT001 -- a column of the table
) -> None:
    sim = simulate()
    sim.ignoring.add("b")
    assert sim.start_child(child("b", restart=restart)) is None
    assert ("b" in sim.phases()) is kept


def test_start_child_refuses_the_id_of_a_child_that_runs(simulate: Any, child: Any) -> None:
    assert isinstance(simulate("a").start_child(child("a")), AlreadyStarted)


def test_start_child_refuses_the_id_of_a_child_that_is_stopped(simulate: Any, child: Any) -> None:
    sim = simulate("a")
    sim.terminate_child("a")
    assert isinstance(sim.start_child(child("a")), AlreadyPresent)


def test_terminate_child_answers_when_it_is_down_and_keeps_its_spec(simulate: Any) -> None:
    sim = simulate("a", "b")
    sim.hung.add("a")
    assert sim.terminate_child("a") == "no answer yet"
    sim.obey("a")
    assert sim.answers == {1: None}
    assert sim.phases() == {"a": "stopped", "b": "running"}
    assert sim.silenced == ["a"]


def test_terminate_child_of_a_stopped_child_is_fine(simulate: Any) -> None:
    sim = simulate("a")
    sim.terminate_child("a")
    assert sim.terminate_child("a") is None


def test_terminate_child_forgets_a_temporary_one(simulate: Any, child: Any) -> None:
    sim = simulate(child("t", restart=Restart.TEMPORARY))
    assert sim.terminate_child("t") is None
    assert sim.phases() == {}
    assert isinstance(sim.terminate_child("t"), NotFound)


def test_terminated_child_is_not_restarted_and_not_counted(simulate: Any) -> None:
    sim = simulate("a", intensity=0)
    sim.terminate_child("a")
    assert sim.quit is None
    assert sim.state.restarts == ()


def test_restart_child_starts_a_stopped_child(simulate: Any) -> None:
    sim = simulate("a")
    sim.terminate_child("a")
    assert sim.restart_child("a") == "a"
    assert sim.phases() == {"a": "running"}


def test_restart_child_that_fails_leaves_it_stopped(simulate: Any) -> None:
    sim = simulate("a")
    sim.terminate_child("a")
    sim.failing["a"] = 1
    assert isinstance(sim.restart_child("a"), ChildStartFailed)
    assert sim.phases() == {"a": "stopped"}


def test_delete_child_forgets_a_stopped_child(simulate: Any, child: Any) -> None:
    sim = simulate("a")
    sim.terminate_child("a")
    assert sim.delete_child("a") is None
    assert sim.forgotten == ["a"]
    assert sim.start_child(child("a")) == "a"


@pytest.mark.parametrize("request_", ["restart_child", "delete_child"])
def test_restart_and_delete_refuse_a_running_child(simulate: Any, request_: str) -> None:
    assert isinstance(getattr(simulate("a"), request_)("a"), Running)


@pytest.mark.parametrize("request_", ["restart_child", "delete_child", "terminate_child"])
def test_unknown_child_is_not_found(simulate: Any, request_: str) -> None:
    assert isinstance(getattr(simulate("a"), request_)("x"), NotFound)


@pytest.mark.parametrize("request_", ["restart_child", "delete_child"])
def test_restart_and_delete_refuse_a_child_that_waits_for_its_restart(
    simulate: Any, request_: str
) -> None:
    sim = simulate("a", intensity=5)
    sim.hold_retries = True
    sim.failing["a"] = 1
    sim.end("a")
    assert isinstance(getattr(sim, request_)("a"), Restarting)


def test_start_child_refuses_a_child_that_waits_for_its_restart(simulate: Any, child: Any) -> None:
    sim = simulate("a", intensity=5)
    sim.hold_retries = True
    sim.failing["a"] = 1
    sim.end("a")
    assert isinstance(sim.start_child(child("a")), AlreadyStarted)


def test_request_about_a_child_that_starts_waits_for_the_start(simulate: Any) -> None:
    sim = simulate("a", "b")
    sim.slow.add("a")
    sim.end("a")
    assert sim.terminate_child("a") == "no answer yet"
    assert sim.terminate_child("b") is None  # others need not wait in one_for_one
    sim.come_up("a")
    assert sim.answers[1] is None
    assert sim.phases() == {"a": "stopped", "b": "stopped"}


def test_requests_about_one_child_are_answered_in_order(simulate: Any) -> None:
    sim = simulate("a")
    sim.hung.add("a")
    sim.terminate_child("a")
    sim.restart_child("a")
    sim.delete_child("a")
    assert sim.answers == {}
    sim.obey("a")
    assert sim.answers[1] is None
    assert sim.answers[2] == "a"
    assert isinstance(sim.answers[3], Running)


def test_second_terminate_that_waits_behind_the_first_is_fine(simulate: Any) -> None:
    sim = simulate("a", "b")
    sim.hung |= {"a", "b"}
    sim.terminate_child("b")
    sim.terminate_child("a")  # its turn comes after b's
    sim.terminate_child("a")
    sim.obey("b")
    sim.obey("a")
    assert sim.answers == {1: None, 2: None, 3: None}


@pytest.mark.parametrize("strategy", [Strategy.ONE_FOR_ALL, Strategy.REST_FOR_ONE])
def test_requests_wait_for_a_group_operation(simulate: Any, child: Any, strategy: Strategy) -> None:
    sim = simulate("a", "b", strategy=strategy)
    sim.slow.add("a")
    sim.end("a")
    assert sim.start_child(child("c")) == "no answer yet"
    sim.come_up("a")
    assert sim.answers == {1: "c"}
    assert sim.log[-2:] == ["+b", "+c"]


def test_requests_wait_for_the_boot(simulate: Any) -> None:
    sim = simulate("a", "b", boot=False)
    sim.slow.add("a")
    sim.boot()
    assert sim.terminate_child("b") == "no answer yet"
    sim.come_up("a")
    assert sim.answers == {1: None}
    assert sim.phases() == {"a": "running", "b": "stopped"}


def test_terminating_the_one_tried_again_leaves_the_rest_of_its_group_stopped(
    simulate: Any,
) -> None:
    sim = simulate("a", "b", "c", strategy=Strategy.REST_FOR_ONE, intensity=5)
    sim.hold_retries = True
    sim.failing["b"] = 1
    sim.end("b")
    assert sim.phases() == {"a": "running", "b": "restarting", "c": "stopped"}
    assert sim.terminate_child("b") is None
    sim.advance(0.0)
    assert sim.phases() == {"a": "running", "b": "stopped", "c": "stopped"}


def test_requests_are_refused_while_the_supervisor_stops(simulate: Any, child: Any) -> None:
    sim = simulate("a")
    sim.hung.add("a")
    sim.stop()
    assert isinstance(sim.start_child(child("b")), ShuttingDown)
    assert isinstance(sim.restart_child("a"), ShuttingDown)
    sim.obey("a")
    assert isinstance(sim.delete_child("a"), ShuttingDown)


def test_whoever_waits_when_the_stop_begins_is_told(simulate: Any, child: Any) -> None:
    sim = simulate("a", "b")
    sim.slow.add("c")
    sim.hung |= {"a", "b", "c"}
    sim.start_child(child("c"))
    sim.terminate_child("a")
    sim.restart_child("c")
    sim.stop()
    assert isinstance(sim.answers[1], ShuttingDown)
    assert isinstance(sim.answers[3], ShuttingDown)
    assert 2 not in sim.answers  # it is being stopped: that is what was asked for
    for one in ("c", "a", "b"):
        sim.obey(one)
    assert sim.answers[2] is None
    assert sim.quit is not None


def test_pauses_and_exits_that_waited_when_the_stop_begins_are_settled(simulate: Any) -> None:
    sim = simulate("a", "b", "c", strategy=Strategy.REST_FOR_ONE, intensity=9)
    sim.hold_retries = True
    sim.failing["c"] = 1
    sim.end("c")
    sim.hung.add("b")
    sim.terminate_child("b")
    sim.advance(0.0)
    sim.end("a")
    assert len(sim.state.deferred) == 2
    sim.stop()
    sim.obey("b")
    assert sim.quit is not None
