"""The policy against a model: OTP's supervisor, transcribed as the synchronous loop that it is.

The model stops and starts children by plain recursion and lists, and knows nothing of phases,
goals, deferral or effects. Where children obey at once, the policy must do exactly the same; where
they are slow or hang, it must keep what a supervisor owes whatever the order of events.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from supervision import (
    AdministrationError,
    AutoShutdown,
    Crash,
    Normal,
    Restart,
    Shutdown,
    Strategy,
)
from supervision.policy.state import ALIVE, Goal

pytestmark = pytest.mark.slow

IDS = ("a", "b", "c", "d", "e")
EXITS: dict[str, Any] = {
    "normal": Normal(),
    "shutdown": Shutdown(),
    "crash": Crash(error=ValueError("x")),
}


@dataclass
class Member:
    id: str
    restart: Restart
    significant: bool
    up: bool = False


class Otp:
    """stdlib's supervisor.erl, reduced to what it does to whom in which order."""

    def __init__(self, strategy: Strategy, intensity: int, auto: AutoShutdown) -> None:
        self.strategy = strategy
        self.intensity = intensity
        self.auto = auto
        self.period = 10.0
        self.members: list[Member] = []
        self.failing: dict[str, int] = {}
        self.restarts: list[float] = []
        self.log: list[str] = []
        self.over = False

    def member(self, name: str) -> Member | None:
        return next((member for member in self.members if member.id == name), None)

    def start(self, member: Member) -> bool:
        self.log.append(f"+{member.id}")
        fails = self.failing.get(member.id, 0) > 0
        if fails:
            self.failing[member.id] -= 1
        member.up = not fails
        return member.up

    def stop(self, members: list[Member]) -> None:
        for member in reversed(members):
            if member.up:
                self.log.append(f"-{member.id}")
                member.up = False
                if member.restart is Restart.TEMPORARY and not self.over:
                    self.members.remove(member)

    def shutdown(self) -> None:
        self.over = True
        self.stop(list(self.members))

    def exited(self, member: Member, kind: str, now: float) -> None:
        member.up = False
        if member.restart is Restart.PERMANENT or (
            member.restart is Restart.TRANSIENT and kind == "crash"
        ):
            self.restart(member, now)
            return
        if member.restart is Restart.TEMPORARY:
            self.members.remove(member)
        if member.significant and (
            self.auto is AutoShutdown.ANY_SIGNIFICANT
            or not any(other.significant and other.up for other in self.members)
        ):
            self.shutdown()

    def restart(self, member: Member, now: float) -> None:
        while True:
            self.restarts = [at for at in [*self.restarts, now] if now - at <= self.period]
            if len(self.restarts) > self.intensity:
                self.shutdown()
                return
            failed = self.restart_group(member)
            if failed is None:
                return
            member = failed

    def restart_group(self, member: Member) -> Member | None:
        first = self.members.index(member)
        group = {
            Strategy.ONE_FOR_ONE: [member],
            Strategy.ONE_FOR_ALL: list(self.members),
            Strategy.REST_FOR_ONE: self.members[first:],
        }[self.strategy]
        self.stop([other for other in group if other is not member])
        for other in group:
            if other in self.members and not self.start(other):
                return other
        return None


class Obedient(RuleBasedStateMachine):
    """Children obey at once: policy and model do the same to the same children, in order."""

    simulate: Any
    make_child: Any

    @initialize(
        strategy=st.sampled_from(Strategy),
        intensity=st.integers(0, 4),
        auto=st.sampled_from(AutoShutdown),
        restarts=st.lists(st.sampled_from(Restart), min_size=1, max_size=4),
        significant=st.sets(st.sampled_from(IDS)),
    )
    def build(
        self,
        strategy: Strategy,
        intensity: int,
        auto: AutoShutdown,
        restarts: list[Restart],
        significant: set[str],
    ) -> None:
        self.auto = auto
        self.significant = significant
        self.model = Otp(strategy, intensity, auto)
        specs = [self.spec(name, kind) for name, kind in zip(IDS, restarts, strict=False)]
        self.sim = self.simulate(
            *specs, strategy=strategy, intensity=intensity, period=10.0, auto_shutdown=auto
        )
        for spec in specs:
            member = Member(spec.id, spec.restart, spec.significant)
            self.model.members.append(member)
            self.model.start(member)

    def spec(self, name: str, restart: Restart) -> Any:
        may = self.auto is not AutoShutdown.NEVER and restart is not Restart.PERMANENT
        return self.make_child(name, restart=restart, significant=may and name in self.significant)

    @rule(name=st.sampled_from(IDS), kind=st.sampled_from(sorted(EXITS)))
    def child_exits(self, name: str, kind: str) -> None:
        member = self.model.member(name)
        if member is not None and member.up:
            self.model.exited(member, kind, self.sim.now)
            self.sim.end(name, EXITS[kind])

    @rule(name=st.sampled_from(IDS), times=st.integers(1, 3))
    def next_starts_fail(self, name: str, times: int) -> None:
        self.model.failing[name] = times
        self.sim.failing[name] = times

    @rule(seconds=st.sampled_from([0.5, 5.0, 10.0, 10.5]))
    def time_passes(self, seconds: float) -> None:
        self.sim.advance(seconds)

    @rule(name=st.sampled_from(IDS), restart=st.sampled_from(Restart))
    def start_child(self, name: str, restart: Restart) -> None:
        answer = self.sim.start_child(self.spec(name, restart))
        if self.model.over or self.model.member(name) is not None:
            assert isinstance(answer, AdministrationError)
            return
        spec = self.spec(name, restart)
        member = Member(name, restart, spec.significant)
        if self.model.start(member):
            self.model.members.append(member)
            assert answer == name
        else:
            assert isinstance(answer, AdministrationError)

    @rule(name=st.sampled_from(IDS))
    def terminate_child(self, name: str) -> None:
        answer = self.sim.terminate_child(name)
        member = self.model.member(name)
        if self.model.over or member is None:
            assert isinstance(answer, AdministrationError)
        else:
            assert answer is None
            self.model.stop([member])

    @rule(name=st.sampled_from(IDS))
    def restart_child(self, name: str) -> None:
        answer = self.sim.restart_child(name)
        member = self.model.member(name)
        if self.model.over or member is None or member.up:
            assert isinstance(answer, AdministrationError)
        else:
            assert isinstance(answer, AdministrationError) is not self.model.start(member)

    @rule(name=st.sampled_from(IDS))
    def delete_child(self, name: str) -> None:
        answer = self.sim.delete_child(name)
        member = self.model.member(name)
        if self.model.over or member is None or member.up:
            assert isinstance(answer, AdministrationError)
        else:
            assert answer is None
            self.model.members.remove(member)

    @precondition(lambda self: not self.model.over)
    @rule(really=st.integers(0, 19))
    def stop(self, really: int) -> None:
        if really == 0:  # else most runs would be over before they begin
            self.sim.stop()
            self.model.shutdown()

    @invariant()
    def same(self) -> None:
        if hasattr(self, "model"):
            assert self.sim.log == self.model.log
            assert (self.sim.quit is not None) is self.model.over
            expected = {m.id: "running" if m.up else "stopped" for m in self.model.members}
            assert self.sim.phases() == expected


class Unruly(RuleBasedStateMachine):
    """Children are slow, hang, fail and die at any moment: what holds all the same."""

    simulate: Any
    make_child: Any

    @initialize(
        strategy=st.sampled_from(Strategy),
        intensity=st.integers(0, 8),
        give_up=st.booleans(),
        restarts=st.lists(st.sampled_from(Restart), min_size=1, max_size=4),
        slow=st.sets(st.sampled_from(IDS)),
        hung=st.sets(st.sampled_from(IDS)),
    )
    def build(self, restarts: list[Restart], slow: set[str], hung: set[str], **flags: Any) -> None:
        specs = [
            self.make_child(name, restart=kind) for name, kind in zip(IDS, restarts, strict=False)
        ]
        self.sim = self.simulate(*specs, boot=False, **flags)
        self.sim.slow |= slow
        self.sim.hung |= hung
        self.sim.boot()

    def with_phase(self, *phases: str) -> list[str]:
        return [name for name, phase in self.sim.phases().items() if phase in phases]

    @rule(name=st.sampled_from(IDS), kind=st.sampled_from(sorted(EXITS)))
    def child_exits(self, name: str, kind: str) -> None:
        if name in self.with_phase("starting", "running", "stopping"):
            self.sim.end(name, EXITS[kind])

    @rule(name=st.sampled_from(IDS))
    def child_comes_up(self, name: str) -> None:
        if name in self.with_phase("starting"):
            self.sim.come_up(name)

    @rule(names=st.sets(st.sampled_from(IDS)), what=st.sampled_from(["slow", "hung", "failing"]))
    def children_turn(self, names: set[str], what: str) -> None:
        if what == "failing":
            self.sim.failing.update(names)
        else:
            setattr(self.sim, what, set(names))

    @rule(seconds=st.sampled_from([0.1, 1.0, 60.0]), hold=st.booleans())
    def time_passes(self, seconds: float, hold: bool) -> None:  # noqa: FBT001 -- drawn
        self.sim.hold_retries = hold
        self.sim.advance(seconds)

    @rule(
        name=st.sampled_from(IDS),
        what=st.sampled_from(["terminate_child", "restart_child", "delete_child"]),
    )
    def administer(self, name: str, what: str) -> None:
        getattr(self.sim, what)(name)

    @rule(name=st.sampled_from(IDS), restart=st.sampled_from(Restart))
    def start_child(self, name: str, restart: Restart) -> None:
        self.sim.start_child(self.make_child(name, restart=restart))

    @precondition(lambda self: self.sim.quit is None)
    @rule(really=st.integers(0, 9))
    def stop(self, really: int) -> None:
        if really == 0:
            self.sim.stop()

    @invariant()
    def holds(self) -> None:
        if not hasattr(self, "sim"):
            return
        children = list(self.sim.state.children.values())
        assert sum(child.phase.value == "stopping" for child in children) <= 1
        if self.sim.quit is not None:
            assert not any(child.phase in ALIVE for child in children)
        if self.sim.state.rules.strategy is not Strategy.ONE_FOR_ONE:
            assert sum(child.phase.value == "starting" for child in children) <= 1
        for child in children:
            assert child.ticket is None or child.phase in ALIVE

    def teardown(self) -> None:
        """When everybody obeys again, everything settles, and everybody has been answered."""
        if not hasattr(self, "sim"):
            return
        self.sim.slow.clear()
        self.sim.hung.clear()
        self.sim.failing.clear()
        self.sim.hold_retries = False
        for _ in range(20):
            self.let_move()
            self.sim.advance(60.0)
        assert self.sim.state.deferred == ()
        assert set(self.sim.answers) == set(range(1, self.sim.tickets + 1))
        wanted = [c for c in self.sim.state.children.values() if c.goal is Goal.UP]
        assert all(child.phase.value == "running" for child in wanted)
        self.sim.stop()
        self.let_move()
        assert self.sim.quit is not None

    def let_move(self) -> None:
        for name in self.with_phase("starting"):
            if name in self.with_phase("starting"):
                self.sim.come_up(name)
        for name in self.with_phase("stopping"):
            self.sim.obey(name)


def run_machine(machine: Any, simulate: Any, child: Any, steps: int) -> None:
    machine.simulate = staticmethod(simulate)
    machine.make_child = staticmethod(child)
    bounds = settings(max_examples=150, stateful_step_count=steps, deadline=None)
    run_state_machine_as_test(machine, settings=bounds)


def test_policy_does_what_otp_does_when_children_obey_at_once(simulate: Any, child: Any) -> None:
    run_machine(Obedient, simulate, child, 25)


def test_policy_keeps_its_promises_when_children_do_not_obey(simulate: Any, child: Any) -> None:
    run_machine(Unruly, simulate, child, 30)
