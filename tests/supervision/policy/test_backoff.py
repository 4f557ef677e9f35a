"""Pauses before restarts: decaying failure counts, and supervisors that never give up."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision import Backoff, IntensityExceeded, RestartDelayed
from supervision.policy.restart import decayed, in_window, pause

BACKOFF = Backoff(threshold=2.0, initial=1.0, maximum=8.0, factor=2.0, half_life=10.0, jitter=0.5)


def test_first_failures_are_restarted_at_once_then_pauses_grow_to_the_maximum(
    simulate: Any,
) -> None:
    # Failures at one instant, so nothing decays; the pause itself is where time passes.
    still = Backoff(threshold=2.0, initial=1.0, maximum=8.0, factor=2.0, half_life=1e9, jitter=0.0)
    sim = simulate("a", backoff=still, intensity=100)
    pauses = []
    for _ in range(7):
        sim.end("a")
        pauses.append(sim.waits[0][1].seconds if sim.waits else 0.0)
        sim.advance(pauses[-1])
    assert pauses == pytest.approx([0.0, 0.0, 1.0, 2.0, 4.0, 8.0, 8.0], rel=1e-6)
    assert len(sim.reported(RestartDelayed)) == 5


def test_pause_carries_the_jitter_of_its_spec(simulate: Any) -> None:
    sim = simulate("a", backoff=BACKOFF, intensity=100)
    for _ in range(3):
        sim.end("a")
    ((_, wait),) = sim.waits
    assert (wait.seconds, wait.jitter) == (pytest.approx(1.0), 0.5)


def test_failures_decay(simulate: Any) -> None:
    sim = simulate("a", backoff=BACKOFF, intensity=100)
    for _ in range(20):
        sim.end("a")
        sim.advance(10.0)
    assert sim.state.children["a"].failures == pytest.approx(2.0, abs=0.01)
    assert sim.waits == []


def test_one_childs_failures_do_not_delay_another(simulate: Any) -> None:
    sim = simulate("a", "b", backoff=BACKOFF, intensity=100)
    for _ in range(3):
        sim.end("a")
    sim.end("b")
    assert sim.phases() == {"a": "restarting", "b": "running"}


def test_start_that_fails_after_its_pause_is_paused_again(simulate: Any) -> None:
    sim = simulate("a", backoff=BACKOFF, intensity=100)
    sim.failing["a"] = 1
    for _ in range(2):
        sim.end("a")
    assert sim.phases() == {"a": "restarting"}
    sim.advance(1.0)
    assert sim.phases() == {"a": "running"}


def test_supervisor_that_never_gives_up_pauses_at_the_bound_instead(simulate: Any) -> None:
    sim = simulate("a", "b", intensity=2, give_up=False)
    for _ in range(3):
        sim.end("a")
    assert sim.phases() == {"a": "restarting", "b": "running"}
    assert sim.quit is None
    assert sim.erased == ["a"]
    (report,) = sim.reported(IntensityExceeded)
    assert report.gives_up is False
    sim.advance(60.0)
    assert sim.phases() == {"a": "running", "b": "running"}


def test_supervisor_that_never_gives_up_survives_any_number_of_failures(simulate: Any) -> None:
    sim = simulate("a", intensity=0, give_up=False, backoff=BACKOFF)
    sim.failing["a"] = 10_000
    sim.end("a")
    for _ in range(200):
        sim.advance(60.0)
    assert sim.phases() == {"a": "restarting"}
    assert len(sim.state.restarts) <= 1


@given(
    failures=st.floats(0.0, 1e9),
    backoff=st.builds(
        Backoff,
        threshold=st.floats(0.0, 10.0),
        initial=st.floats(0.01, 10.0),
        maximum=st.floats(10.0, 1000.0),
        factor=st.floats(1.0, 10.0),
    ),
)
def test_pause_is_0_up_to_the_threshold_and_within_bounds_above(
    failures: float, backoff: Backoff
) -> None:
    seconds = pause(failures, backoff)
    if failures <= backoff.threshold:
        assert seconds == 0.0
    else:
        assert 0.0 < seconds <= backoff.maximum
    assert pause(failures + 1.0, backoff) >= seconds


@given(failures=st.floats(0.0, 1e6), age=st.floats(0.0, 1e6))
def test_failures_halve_every_half_life(failures: float, age: float) -> None:
    once = decayed(failures, age, BACKOFF)
    assert 0.0 <= once <= failures
    assert decayed(failures, age + BACKOFF.half_life, BACKOFF) == pytest.approx(once / 2.0)


@given(ages=st.lists(st.floats(0.0, 100.0)), period=st.floats(0.1, 50.0))
def test_window_keeps_what_is_not_older_than_the_period(ages: list[float], period: float) -> None:
    restarts = [1000.0 - age for age in sorted(ages, reverse=True)]
    kept = in_window(restarts, 1000.0, period)
    assert list(kept) == [at for at in restarts if 1000.0 - at <= period]
