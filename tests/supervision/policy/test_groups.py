"""one_for_all and rest_for_one, with OTP's corner cases."""

from __future__ import annotations

from typing import Any

import pytest

from supervision import Crash, Normal, Restart, Shutdown, ShutdownError, Strategy
from supervision.spec import Backoff

ALL = Strategy.ONE_FOR_ALL
REST = Strategy.REST_FOR_ONE


def test_one_for_one_restarts_the_crashed_child_only(simulate: Any) -> None:
    sim = simulate("a", "b", "c")
    sim.clear()
    sim.end("b")
    assert sim.log == ["+b"]


def test_one_for_one_restarts_do_not_wait_for_each_other(simulate: Any) -> None:
    sim = simulate("a", "b")
    sim.slow.add("a")
    sim.end("a")
    sim.end("b")
    assert sim.phases() == {"a": "starting", "b": "running"}


def test_one_for_all_stops_the_others_in_reverse_and_starts_all_in_order(simulate: Any) -> None:
    sim = simulate("a", "b", "c", strategy=ALL)
    sim.clear()
    sim.end("b")
    assert sim.log == ["-c", "-a", "+a", "+b", "+c"]


def test_rest_for_one_restarts_the_crashed_child_and_those_after_it(simulate: Any) -> None:
    sim = simulate("a", "b", "c", "d", strategy=REST)
    sim.clear()
    sim.end("b")
    assert sim.log == ["-d", "-c", "+b", "+c", "+d"]


def test_rest_for_one_of_the_last_child_touches_nobody_else(simulate: Any) -> None:
    sim = simulate("a", "b", strategy=REST)
    sim.clear()
    sim.end("b")
    assert sim.log == ["+b"]


@pytest.mark.parametrize("strategy", [ALL, REST])
def test_group_waits_for_each_stop_and_each_start(simulate: Any, strategy: Strategy) -> None:
    sim = simulate("a", "b", "c", strategy=strategy)
    sim.clear()
    sim.hung |= {"b", "c"}
    sim.end("a")
    assert sim.log == ["-c"]
    sim.slow.add("a")
    sim.obey("c")
    assert sim.log == ["-c", "-b"]
    sim.obey("b")
    assert sim.log == ["-c", "-b", "+a"]
    sim.come_up("a")
    assert sim.log == ["-c", "-b", "+a", "+b", "+c"]


@pytest.mark.parametrize("strategy", [ALL, REST])
def test_temporary_bystander_is_stopped_and_forgotten(
    simulate: Any, child: Any, strategy: Strategy
) -> None:
    sim = simulate("a", child("t", restart=Restart.TEMPORARY), "b", strategy=strategy)
    sim.clear()
    sim.end("a")
    assert sim.log == ["-b", "-t", "+a", "+b"]
    assert sim.forgotten == ["t"]


def test_group_restart_revives_stopped_members_as_otp_does(simulate: Any, child: Any) -> None:
    sim = simulate("a", child("t", restart=Restart.TRANSIENT), strategy=ALL)
    sim.end("t", Normal())
    assert sim.phases() == {"a": "running", "t": "stopped"}
    sim.end("a")
    assert sim.phases() == {"a": "running", "t": "running"}


def test_normal_exit_of_a_transient_member_restarts_nobody(simulate: Any, child: Any) -> None:
    sim = simulate("a", child("t", restart=Restart.TRANSIENT), strategy=ALL)
    sim.clear()
    sim.end("t", Normal())
    assert sim.log == []


def test_other_child_that_fails_its_restart_is_the_one_tried_again(simulate: Any) -> None:
    sim = simulate("a", "b", "c", strategy=REST, intensity=5)
    sim.clear()
    sim.failing["b"] = 1
    sim.end("a")
    assert sim.log == ["-c", "-b", "+a", "+b", "+b", "+c"]
    assert len(sim.state.restarts) == 2


def test_failed_start_in_one_for_all_stops_the_earlier_ones_and_starts_over(simulate: Any) -> None:
    sim = simulate("a", "b", "c", strategy=ALL, intensity=5)
    sim.clear()
    sim.failing["b"] = 1
    sim.end("c")
    assert sim.log == ["-b", "-a", "+a", "+b", "-a", "+a", "+b", "+c"]


@pytest.mark.parametrize("strategy", [ALL, REST])
def test_group_whose_other_child_never_comes_up_escalates(
    simulate: Any, strategy: Strategy
) -> None:
    sim = simulate("a", "b", "c", strategy=strategy, intensity=3)
    sim.failing["b"] = 100
    sim.end("a")
    assert sim.quit == Shutdown(detail="restart intensity exceeded")
    assert set(sim.phases().values()) == {"stopped"}


@pytest.mark.parametrize("strategy", [ALL, REST])
def test_member_that_crashes_while_it_is_to_be_stopped_is_not_counted(
    simulate: Any, strategy: Strategy
) -> None:
    sim = simulate("a", "b", "c", strategy=strategy, intensity=1)
    sim.hung.add("c")
    sim.end("a")
    sim.end("b")  # still waits for its turn
    sim.end("c", Crash(error=ValueError("on the way out")))
    assert sim.quit is None
    assert set(sim.phases().values()) == {"running"}
    assert len(sim.reported(ShutdownError)) == 2


def test_crash_of_an_earlier_sibling_during_a_group_restart_is_taken_afterwards(
    simulate: Any,
) -> None:
    sim = simulate("a", "b", "c", strategy=REST)
    sim.clear()
    sim.hung.add("c")
    sim.end("b")
    sim.end("a")
    assert sim.log == ["-c"]
    sim.obey("c")
    assert sim.log == ["-c", "+b", "+c", "-c", "-b", "+a", "+b", "+c"]


def test_one_for_all_waits_for_the_pause_of_the_crashed_member(simulate: Any) -> None:
    backoff = Backoff(threshold=0.0, initial=1.0, jitter=0.0)
    sim = simulate("a", "b", strategy=ALL, backoff=backoff)
    sim.clear()
    sim.end("b")
    assert sim.log == ["-a"]
    assert sim.phases() == {"a": "stopped", "b": "restarting"}
    sim.advance(1.0)
    assert sim.log == ["-a", "+a", "+b"]


def test_rest_for_one_holds_the_later_ones_during_the_pause(simulate: Any) -> None:
    backoff = Backoff(threshold=0.0, initial=1.0, jitter=0.0)
    sim = simulate("a", "b", "c", strategy=REST, backoff=backoff)
    sim.clear()
    sim.end("b")
    assert sim.log == ["-c"]
    sim.end("a")  # a wider group takes the narrower one in
    sim.advance(1.0)
    assert sim.log == ["-c", "+a", "+b", "+c"]


def test_pause_that_ends_during_another_group_operation_is_taken_afterwards(
    simulate: Any,
) -> None:
    backoff = Backoff(threshold=0.0, initial=1.0, jitter=0.0)
    sim = simulate("a", "b", "c", strategy=REST, backoff=backoff, intensity=100)
    sim.end("c")
    sim.hung.add("b")
    sim.terminate_child("b")
    sim.clear()
    sim.advance(1.0)
    assert sim.log == []
    sim.obey("b")
    assert sim.log == ["+c"]


def test_stop_during_a_group_restart_stops_what_runs_and_ends(simulate: Any) -> None:
    sim = simulate("a", "b", "c", strategy=ALL)
    sim.slow.add("b")
    sim.end("c")
    sim.clear()
    sim.stop()
    assert sim.log == ["-b", "-a"]
    assert sim.quit == Shutdown()
