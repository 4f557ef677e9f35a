from dataclasses import replace

import pytest

from supervision import TreeNode, VirtualClock
from vsm_actors.http.readiness import Phase, Readiness
from vsm_actors.http.route import Listener

UP = TreeNode(
    path="root",
    id="root",
    type="supervisor",
    state="running",
    incarnation=1,
    restarts=0,
    crashes=0,
    depth=0,
    load=0,
    limit=None,
    refused=0,
    dead_letters=0,
    lost=0,
    abandoned=0,
    handled=0,
    busy=0.0,
    handling_for=None,
    last_error=None,
    children=(),
)


class Situation:
    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.tree = UP
        self.readiness = Readiness(lambda: self.tree, self.clock.monotonic)
        self.readiness.enter(Phase.RUNNING)

    def child(self, state: str, error: str | None = None) -> None:
        one = replace(UP, path="root/a", id="a", state=state, last_error=error)
        self.tree = replace(UP, children=(one,))


@pytest.fixture
def situation() -> Situation:
    return Situation()


@pytest.mark.parametrize("phase", [Phase.STARTING, Phase.DRAINING])
def test_not_ready_while_starting_or_draining(situation: Situation, phase: Phase) -> None:
    situation.readiness.enter(phase)
    verdict = situation.readiness.verdict()
    assert (verdict.ready, verdict.reasons) == (False, (phase.value,))


def test_actor_that_is_down_degrades_and_after_ten_seconds_decides(situation: Situation) -> None:
    situation.child("restarting", "KeyError")
    assert situation.readiness.verdict().degraded == ("root/a is down",)
    situation.clock.advance(10.0)
    assert situation.readiness.verdict().ready
    situation.clock.advance(0.5)
    verdict = situation.readiness.verdict()
    assert verdict.reasons == ("root/a has been down for 10 s",)
    situation.child("running", "KeyError")
    assert situation.readiness.verdict().ready
    situation.child("stopped", "gave up")
    assert situation.readiness.verdict().ready


def test_actor_that_was_stopped_on_purpose_is_not_down(situation: Situation) -> None:
    situation.child("stopped")
    verdict = situation.readiness.verdict()
    situation.clock.advance(60.0)
    assert (verdict.ready, verdict.degraded) == (True, ())
    assert situation.readiness.verdict().ready


def test_listener_that_is_silent_for_ten_seconds_decides(situation: Situation) -> None:
    situation.readiness.watch([Listener.READ, Listener.WRITE])
    situation.clock.advance(6.0)
    situation.readiness.watch([Listener.READ, Listener.WRITE])
    situation.readiness.answered(Listener.READ)
    situation.clock.advance(6.0)
    assert situation.readiness.verdict().reasons == ("the write listener does not answer",)
    situation.readiness.answered(Listener.WRITE)
    assert situation.readiness.verdict().ready


def test_troubles_degrade_until_they_are_over(situation: Situation) -> None:
    situation.readiness.degrade("disk full")
    verdict = situation.readiness.verdict()
    assert (verdict.ready, verdict.degraded) == (True, ("disk full",))
    situation.readiness.recover("disk full")
    assert situation.readiness.verdict().degraded == ()
