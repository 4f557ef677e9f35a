"""Dynamic supervisors: OTP's simple_one_for_one and Elixir's DynamicSupervisor."""

from __future__ import annotations

from typing import Any

import pytest

from supervision import MaxChildrenReached, Normal, NotAllowed, NotFound, Restart, Shutdown


def test_dynamic_supervisor_starts_empty(simulate_dynamic: Any) -> None:
    sim = simulate_dynamic()
    assert sim.booted
    assert sim.phases() == {}


def test_children_start_independently_of_each_other(simulate_dynamic: Any, child: Any) -> None:
    sim = simulate_dynamic()
    sim.slow.add("a")
    sim.start_child(child("a"))
    assert sim.start_child(child("b")) == "b"
    assert sim.phases() == {"a": "starting", "b": "running"}


def test_max_children_is_a_bound(simulate_dynamic: Any, child: Any) -> None:
    sim = simulate_dynamic(max_children=2)
    for name in ("a", "b"):
        sim.start_child(child(name))
    assert isinstance(sim.start_child(child("c")), MaxChildrenReached)
    sim.terminate_child("a")
    assert sim.start_child(child("c")) == "c"


@pytest.mark.parametrize("restart", [Restart.TRANSIENT, Restart.TEMPORARY])
def test_child_that_ends_for_good_is_forgotten(
    simulate_dynamic: Any, child: Any, restart: Restart
) -> None:
    sim = simulate_dynamic()
    sim.start_child(child("a", restart=restart))
    sim.end("a", Normal())
    assert sim.phases() == {}
    assert sim.forgotten == ["a"]


def test_terminated_child_is_forgotten(simulate_dynamic: Any, child: Any) -> None:
    sim = simulate_dynamic()
    sim.start_child(child("a"))
    assert sim.terminate_child("a") is None
    assert sim.forgotten == ["a"]
    assert isinstance(sim.terminate_child("a"), NotFound)


@pytest.mark.parametrize("request_", ["restart_child", "delete_child"])
def test_restart_and_delete_make_no_sense(simulate_dynamic: Any, child: Any, request_: str) -> None:
    sim = simulate_dynamic()
    sim.start_child(child("a"))
    assert isinstance(getattr(sim, request_)("a"), NotAllowed)


def test_crashed_child_is_restarted_alone(simulate_dynamic: Any, child: Any) -> None:
    sim = simulate_dynamic()
    for name in ("a", "b"):
        sim.start_child(child(name))
    sim.clear()
    sim.end("a")
    assert sim.log == ["+a"]


def test_all_children_are_told_to_stop_at_once(simulate_dynamic: Any, child: Any) -> None:
    sim = simulate_dynamic()
    for name in ("a", "b", "c"):
        sim.start_child(child(name))
    sim.hung |= {"a", "b", "c"}
    sim.clear()
    sim.stop()
    assert sorted(sim.log) == ["-a", "-b", "-c"]
    for name in ("b", "a", "c"):
        assert sim.quit is None
        sim.obey(name)
    assert sim.quit == Shutdown()
