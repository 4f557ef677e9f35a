"""Whole trees of policies against a recursive model of OTP, on a virtual clock.

Here a supervisor is a child like any other: it comes up when its children are up, gives up by
exiting with shutdown, and its own supervisor decides by its restart type.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supervision import Actor, ChildSpec, Crash, InitFailed, Normal, Restart, Shutdown, Strategy
from supervision.policy import decide
from supervision.policy.effects import Booted, Halt, Quit, Spawn, Wait
from supervision.policy.events import Boot, Event, Exited, RetryDue, Started, StopAll
from supervision.policy.state import State, initial
from supervision.spec import AnySpec, SupervisorSpec

pytestmark = pytest.mark.slow

PERIOD = 10.0
EXITS: dict[str, Any] = {
    "normal": Normal(),
    "shutdown": Shutdown(),
    "crash": Crash(error=ValueError("x")),
}


class Policies:
    """The policies of a tree, whose workers obey at once."""

    def __init__(self, root: SupervisorSpec) -> None:
        self.now = 1_000.0
        self.log: list[str] = []
        self.failing: Counter[str] = Counter()
        self.over = False
        self.states: dict[str, State] = {}
        self.lives: dict[str, int] = {}
        self.queue: deque[tuple[str, Event]] = deque()
        self.states["root"] = initial(root, "root")
        self.send("root", Boot())

    def send(self, path: str, event: Event) -> None:
        self.queue.append((path, event))
        while self.queue:
            place, due = self.queue.popleft()
            self.states[place], effects = decide(self.states[place], due, self.now)
            for effect in effects:
                self.do(place, effect)

    def do(self, path: str, effect: Any) -> None:
        match effect:
            case Spawn():
                self.spawn(path, effect)
            case Halt():
                self.halt(path, effect)
            case Wait():
                due = RetryDue(child=effect.child, incarnation=effect.incarnation)
                self.queue.append((path, due))
            case Booted():
                self.tell_parent(path, None)
            case Quit():
                self.tell_parent(path, effect.exit)
            case _:
                pass

    def spawn(self, path: str, effect: Spawn) -> None:
        place, spec = f"{path}/{effect.spec.id}", effect.spec
        self.lives[place] = effect.incarnation
        if isinstance(spec, SupervisorSpec):
            self.states[place] = initial(spec, place)
            self.queue.append((place, Boot()))
            return
        self.log.append(f"+{place}")
        if self.failing[place] > 0:
            self.failing[place] -= 1
            self.tell_parent(place, InitFailed(error=ValueError("x")))
        else:
            self.tell_parent(place, None)

    def halt(self, path: str, effect: Halt) -> None:
        place = f"{path}/{effect.child}"
        if isinstance(self.states[path].children[effect.child].spec, SupervisorSpec):
            self.queue.append((place, StopAll()))
        else:
            self.log.append(f"-{place}")
            self.tell_parent(place, Shutdown())

    def tell_parent(self, place: str, cause: Any) -> None:
        parent, _, name = place.rpartition("/")
        if not parent:
            self.over = self.over or cause is not None
            return
        number = self.lives[place]
        event: Event = Started(child=name, incarnation=number)
        if cause is not None:
            event = Exited(child=name, incarnation=number, exit=cause)
        self.queue.append((parent, event))


@dataclass
class Node:
    """One child in the model."""

    spec: AnySpec
    path: str
    parent: Node | None = None
    up: bool = False
    children: list[Node] = field(default_factory=list)
    restarts: list[float] = field(default_factory=list)


class Otp:
    """The same tree by plain recursion."""

    def __init__(self, root: SupervisorSpec) -> None:
        self.now = 1_000.0
        self.log: list[str] = []
        self.failing: Counter[str] = Counter()
        self.root = Node(root, "root")
        self.start(self.root)

    def start(self, node: Node) -> bool:
        if isinstance(node.spec, SupervisorSpec):
            node.restarts = []
            node.children = [Node(s, f"{node.path}/{s.id}", node) for s in node.spec.children]
            for child in node.children:
                if not self.start(child):
                    self.stop_all(node.children)
                    return False
            node.up = True
            return True
        self.log.append(f"+{node.path}")
        node.up = self.failing[node.path] == 0
        self.failing[node.path] -= not node.up
        return node.up

    def stop(self, node: Node) -> None:
        if isinstance(node.spec, SupervisorSpec):
            self.stop_all(node.children)
        else:
            self.log.append(f"-{node.path}")
        node.up = False

    def stop_all(self, nodes: list[Node]) -> None:
        for node in reversed(nodes):
            if node.up:
                self.stop(node)

    def exited(self, node: Node, kind: str) -> None:
        node.up = False
        parent = node.parent
        if parent is None:
            return
        restart = node.spec.restart
        if restart is Restart.PERMANENT or (restart is Restart.TRANSIENT and kind == "crash"):
            self.restart(parent, node)
        elif restart is Restart.TEMPORARY:
            parent.children.remove(node)

    def restart(self, parent: Node, node: Node) -> None:
        assert isinstance(parent.spec, SupervisorSpec)
        failed: Node | None = node
        while failed is not None:
            recent = [at for at in parent.restarts if self.now - at <= PERIOD]
            parent.restarts = [*recent, self.now]
            if len(parent.restarts) > parent.spec.intensity:
                self.stop_all(parent.children)
                self.exited(parent, "shutdown")
                return
            failed = self.restart_group(parent, parent.spec.strategy, failed)

    def restart_group(self, parent: Node, strategy: Strategy, node: Node) -> Node | None:
        first = parent.children.index(node)
        if strategy is Strategy.ONE_FOR_ONE:
            group = [node]
        elif strategy is Strategy.ONE_FOR_ALL:
            group = list(parent.children)
        else:
            group = parent.children[first:]
        for other in reversed(group):
            if other is not node and other.up:
                self.stop(other)
                if other.spec.restart is Restart.TEMPORARY:
                    parent.children.remove(other)
        for other in group:
            if other in parent.children and not self.start(other):
                return other
        return None

    def workers(self, node: Node | None = None) -> list[Node]:
        node = node or self.root
        if not isinstance(node.spec, SupervisorSpec):
            return [node]
        return [worker for child in node.children for worker in self.workers(child)]


def worker(name: str, restart: Restart) -> ChildSpec:
    return ChildSpec(id=name, actor=Actor, restart=restart)


restarts = st.sampled_from(Restart)
names = ("a", "b", "c")


def supervisors(depth: int, name: str = "root") -> st.SearchStrategy[SupervisorSpec]:
    """Trees of a given depth at most; a branch is a worker or a tree."""

    def child(own: str) -> st.SearchStrategy[AnySpec]:
        leaf = st.builds(worker, st.just(own), restarts)
        return leaf if depth == 0 else leaf | supervisors(depth - 1, own)

    return st.builds(
        SupervisorSpec,
        id=st.just(name),
        children=st.integers(1, 3).flatmap(lambda n: st.tuples(*map(child, names[:n]))),
        strategy=st.sampled_from(Strategy),
        intensity=st.integers(0, 3),
        period=st.just(PERIOD),
        restart=restarts,
    )


happenings = st.lists(
    st.one_of(
        st.tuples(st.just("exit"), st.integers(0, 30), st.sampled_from(sorted(EXITS))),
        st.tuples(st.just("fail"), st.integers(0, 30), st.integers(1, 3)),
        st.tuples(st.just("wait"), st.sampled_from([0.5, 10.0, 10.5]), st.none()),
    ),
    max_size=25,
)


@settings(max_examples=200, deadline=None)
@given(root=supervisors(2), events=happenings)
def test_random_trees_fail_and_recover_as_in_otp(
    root: SupervisorSpec, events: list[tuple[str, Any, Any]]
) -> None:
    policies, model = Policies(root), Otp(root)
    for what, which, how in events:
        workers = model.workers()
        if what == "wait":
            policies.now += which
            model.now += which
        elif workers:
            act(policies, model, workers[which % len(workers)], what, how)
        assert policies.log == model.log
        assert policies.over is not model.root.up
    if not policies.over:
        policies.send("root", StopAll())
        model.stop(model.root)
    assert policies.over
    assert policies.log == model.log


def act(policies: Policies, model: Otp, chosen: Node, what: str, how: Any) -> None:
    if what == "fail":
        policies.failing[chosen.path] = model.failing[chosen.path] = how
    elif chosen.up:
        parent, _, name = chosen.path.rpartition("/")
        number = policies.lives[chosen.path]
        model.exited(chosen, how)
        policies.send(parent, Exited(child=name, incarnation=number, exit=EXITS[how]))
