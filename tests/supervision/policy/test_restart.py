"""OTP's restart table, intensity and what follows from a failed restart (supervisor_SUITE)."""

from __future__ import annotations

from typing import Any

import pytest

from supervision import (
    Abandoned,
    ChildTerminated,
    Crash,
    InitFailed,
    IntensityExceeded,
    Normal,
    Progress,
    Restart,
    Shutdown,
    StartError,
    Strategy,
)
from supervision.policy.events import Exited, RetryDue, Started, StartIgnored
from supervision.policy.restart import error_of, restarts_after

EXITS: dict[str, Any] = {
    "normal": Normal(),
    "shutdown": Shutdown(),
    "shutdown with a detail": Shutdown(detail="done"),
    "crash": Crash(error=ValueError("x")),
    "init failed": InitFailed(error=ValueError("x")),
    "abandoned": Abandoned(),
}
GOOD_ORDER = {"normal", "shutdown", "shutdown with a detail"}


@pytest.mark.parametrize("name", EXITS)
@pytest.mark.parametrize("restart", Restart)
def test_restart_type_and_exit_decide_as_in_otps_table(restart: Restart, name: str) -> None:
    expected = {
        Restart.PERMANENT: True,
        Restart.TRANSIENT: name not in GOOD_ORDER,
        Restart.TEMPORARY: False,
    }
    assert restarts_after(restart, EXITS[name]) is expected[restart]


@pytest.mark.parametrize("name", EXITS)
def test_permanent_child_is_always_restarted(simulate: Any, name: str) -> None:
    sim = simulate("a")
    sim.end("a", EXITS[name])
    assert sim.log == ["+a", "+a"]
    assert sim.phases() == {"a": "running"}


@pytest.mark.parametrize("name", sorted(GOOD_ORDER))
def test_transient_child_that_exits_in_good_order_stays_stopped_and_keeps_its_spec(
    simulate: Any, child: Any, name: str
) -> None:
    sim = simulate(child("a", restart=Restart.TRANSIENT))
    sim.end("a", EXITS[name])
    assert sim.phases() == {"a": "stopped"}
    assert sim.silenced == ["a"]


def test_transient_child_that_crashes_is_restarted(simulate: Any, child: Any) -> None:
    sim = simulate(child("a", restart=Restart.TRANSIENT))
    sim.end("a")
    assert sim.phases() == {"a": "running"}


@pytest.mark.parametrize("name", EXITS)
def test_temporary_child_is_forgotten_however_it_ends(simulate: Any, child: Any, name: str) -> None:
    sim = simulate(child("a", restart=Restart.TEMPORARY), "b")
    sim.end("a", EXITS[name])
    assert sim.phases() == {"b": "running"}
    assert sim.forgotten == ["a"]


def test_termination_is_reported_with_cause_and_decision(simulate: Any, child: Any) -> None:
    sim = simulate(child("a", restart=Restart.TRANSIENT))
    sim.clear()
    sim.end("a")
    sim.end("a", Normal())
    first, second = sim.reported(ChildTerminated)
    assert (first.path, first.incarnation, first.restarted) == ("sup/a", 1, True)
    assert isinstance(first.cause, Crash)
    assert (second.incarnation, second.restarted) == (2, False)
    assert [r.incarnation for r in sim.reported(Progress)] == [2]


def test_exit_of_a_past_incarnation_is_dropped(simulate: Any) -> None:
    sim = simulate("a", boot=True)
    sim.end("a")
    sim.clear()
    sim.send(Exited(child="a", incarnation=1, exit=Normal()))
    sim.send(Started(child="a", incarnation=1))
    sim.send(RetryDue(child="a", incarnation=1))
    sim.send(Exited(child="nobody", incarnation=1, exit=Normal()))
    assert sim.log == []
    assert sim.phases() == {"a": "running"}


def test_second_started_and_stray_retry_change_nothing(simulate: Any) -> None:
    sim = simulate("a")
    sim.clear()
    sim.send(Started(child="a", incarnation=1))
    sim.send(RetryDue(child="a", incarnation=1))
    sim.send(StartIgnored(child="a", incarnation=1))
    assert (sim.log, sim.reports, sim.phases()) == ([], [], {"a": "running"})


# Intensity


def test_intensity_0_escalates_the_first_crash(simulate: Any) -> None:
    sim = simulate("a", "b", intensity=0)
    sim.clear()
    sim.end("a")
    assert sim.log == ["-b"]
    assert isinstance(sim.quit, Shutdown)
    (report,) = sim.reported(IntensityExceeded)
    assert (report.path, report.child, report.gives_up) == ("sup", "sup/a", True)


def test_as_many_restarts_as_intensity_are_allowed_in_a_period(simulate: Any) -> None:
    sim = simulate("a", intensity=3, period=10.0)
    for _ in range(3):
        sim.end("a")
    assert sim.quit is None
    sim.end("a")
    assert sim.quit == Shutdown(detail="restart intensity exceeded")


def test_period_includes_its_bound(simulate: Any) -> None:
    sim = simulate("a", intensity=1, period=10.0)
    sim.end("a")
    sim.advance(10.0)
    sim.end("a")
    assert sim.quit is not None


def test_restarts_older_than_the_period_do_not_count(simulate: Any) -> None:
    sim = simulate("a", intensity=1, period=10.0)
    for _ in range(20):
        sim.end("a")
        sim.advance(10.001)
    assert sim.quit is None
    assert len(sim.state.restarts) <= 2


def test_crashes_of_all_children_count_together(simulate: Any) -> None:
    sim = simulate("a", "b", intensity=1)
    sim.end("a")
    sim.end("b")
    assert sim.quit is not None


def test_giving_up_stops_in_reverse_and_erases_heirs_after_the_last_stop(simulate: Any) -> None:
    sim = simulate("a", "b", "c", intensity=0)
    sim.hung.add("a")
    sim.clear()
    sim.end("b")
    assert sim.log == ["-c", "-a"]
    assert sim.erased == []
    sim.obey("a")
    assert sim.erased == ["a", "b", "c"]


@pytest.mark.parametrize("strategy", [Strategy.ONE_FOR_ALL, Strategy.REST_FOR_ONE])
def test_group_restart_counts_once(simulate: Any, strategy: Strategy) -> None:
    sim = simulate("a", "b", "c", strategy=strategy, intensity=2)
    sim.end("a")
    sim.end("a")
    assert sim.quit is None
    sim.end("a")
    assert sim.quit is not None


# Failed restarts


def test_failed_restart_is_tried_again_until_it_succeeds(simulate: Any) -> None:
    sim = simulate("a", intensity=5)
    sim.failing["a"] = 3
    sim.end("a")
    assert sim.log == ["+a"] * 5
    assert sim.phases() == {"a": "running"}
    assert len(sim.reported(StartError)) == 3


def test_each_try_of_a_failed_restart_counts(simulate: Any) -> None:
    sim = simulate("a", intensity=3)
    sim.failing["a"] = 100
    sim.end("a")
    assert sim.log == ["+a"] * 4  # the first start, and as many tries as intensity allows
    assert sim.quit is not None


def test_supervisor_answers_between_tries_of_a_failing_restart(simulate: Any) -> None:
    sim = simulate("a", "b", intensity=5)
    sim.hold_retries = True
    sim.failing["a"] = 100
    sim.end("a")
    assert sim.phases() == {"a": "restarting", "b": "running"}
    assert sim.terminate_child("b") is None
    assert sim.terminate_child("a") is None
    assert sim.phases() == {"a": "stopped", "b": "stopped"}
    sim.advance(0.0)
    assert sim.phases()["a"] == "stopped"


def test_stop_during_a_hanging_restart_loop_ends_the_supervisor(simulate: Any) -> None:
    sim = simulate("a", intensity=5)
    sim.hold_retries = True
    sim.failing["a"] = 100
    sim.end("a")
    sim.stop()
    assert sim.quit == Shutdown()


def test_stop_while_a_restart_hangs_in_init_waits_for_that_child_only(simulate: Any) -> None:
    sim = simulate("a", intensity=5)
    sim.slow.add("a")
    sim.end("a")
    assert sim.phases() == {"a": "starting"}
    sim.hung.add("a")
    sim.stop()
    assert sim.quit is None
    sim.come_up("a")  # too late: it has been told to stop
    assert sim.phases() == {"a": "stopping"}
    sim.obey("a")
    assert sim.quit == Shutdown()


def test_child_ignored_on_restart_stays_stopped(simulate: Any) -> None:
    sim = simulate("a", "b")
    sim.ignoring.add("a")
    sim.end("a")
    assert sim.phases() == {"a": "stopped", "b": "running"}


def test_normal_exit_during_a_start_counts_as_a_failed_start(simulate: Any) -> None:
    sim = simulate("a", intensity=5)
    sim.slow.add("a")
    sim.end("a")
    sim.slow.clear()
    sim.end("a", Normal())
    assert sim.phases() == {"a": "running"}
    (report,) = sim.reported(StartError)
    assert report.cause == Normal()


@pytest.mark.parametrize("cause", [Normal(), Shutdown(), Abandoned()])
def test_an_exit_without_exception_gets_one_for_who_must_raise(cause: Any) -> None:
    assert isinstance(error_of(cause), RuntimeError)


def test_exit_heard_twice_is_taken_once(simulate: Any, child: Any) -> None:
    sim = simulate(child("a", restart=Restart.TRANSIENT))
    sim.end("a", Normal())
    sim.clear()
    sim.end("a")
    assert (sim.log, sim.reports) == ([], [])
