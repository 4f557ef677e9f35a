"""What the tests of supervision share: a simulated tree for the policy, and real little actors."""

from __future__ import annotations

import threading
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from supervision import (
    IGNORE,
    Actor,
    ChildSpec,
    Crash,
    DynamicSpec,
    InitFailed,
    Shutdown,
    SupervisorSpec,
    System,
)
from supervision.policy import decide
from supervision.policy.effects import (
    Announce,
    Booted,
    EraseHeir,
    Forget,
    Halt,
    Quit,
    Reply,
    Silence,
    Spawn,
    Wait,
)
from supervision.policy.events import (
    Boot,
    DeleteChild,
    Exited,
    RestartChild,
    RetryDue,
    StartChild,
    Started,
    StartIgnored,
    StopAll,
    TerminateChild,
)
from supervision.policy.state import initial

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from supervision.policy.events import Event
    from supervision.policy.state import State


class BoomError(Exception):
    """What test actors raise."""


@dataclass
class Simulation:
    """A supervisor's policy with children that obey at once, unless told to fail, hang or wait.

    `log` holds starts as "+id", stops as "-id", in the order of the policy's effects.
    """

    state: State
    now: float = 1_000.0
    log: list[str] = field(default_factory=list)
    reports: list[Any] = field(default_factory=list)
    answers: dict[int, Any] = field(default_factory=dict)
    silenced: list[str] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    erased: list[str] = field(default_factory=list)
    failing: Counter[str] = field(default_factory=Counter)
    ignoring: set[str] = field(default_factory=set)
    slow: set[str] = field(default_factory=set)
    hung: set[str] = field(default_factory=set)
    waits: list[tuple[float, Wait]] = field(default_factory=list)
    hold_retries: bool = False
    booted: bool = False
    quit: Any = None
    tickets: int = 0
    _queue: deque[Event] = field(default_factory=deque)

    def boot(self) -> Simulation:
        self.send(Boot())
        return self

    def send(self, event: Event) -> None:
        self._queue.append(event)
        while self._queue:
            self.state, effects = decide(self.state, self._queue.popleft(), self.now)
            for effect in effects:
                self._do(effect)

    def _do(self, effect: Any) -> None:  # noqa: C901, PLR0912 -- one line per kind of effect
        match effect:
            case Spawn():
                self._spawn(effect)
            case Halt():
                self.log.append(f"-{effect.child}")
                if effect.child not in self.hung:
                    self._queue.append(
                        Exited(child=effect.child, incarnation=effect.incarnation, exit=Shutdown())
                    )
            case Wait():
                self.waits.append((self.now + effect.seconds, effect))
                if effect.seconds == 0.0 and not self.hold_retries:
                    self.retry(effect.child)
            case Reply():
                assert effect.ticket not in self.answers, "answered twice"
                self.answers[effect.ticket] = effect.answer
            case Silence():
                self.silenced.append(effect.child)
            case Forget():
                self.forgotten.append(effect.child)
            case EraseHeir():
                self.erased.append(effect.child)
            case Announce():
                self.reports.append(effect.report)
            case Booted():
                self.booted = True
            case Quit():
                assert self.quit is None, "quit twice"
                self.quit = effect.exit
            case _:
                raise AssertionError(effect)

    def _spawn(self, effect: Spawn) -> None:
        child, number = effect.spec.id, effect.incarnation
        self.log.append(f"+{child}")
        if child in self.slow:
            return
        if self.failing[child] > 0:
            self.failing[child] -= 1
            cause = InitFailed(error=BoomError(child))
            self._queue.append(Exited(child=child, incarnation=number, exit=cause))
        elif child in self.ignoring:
            self._queue.append(StartIgnored(child=child, incarnation=number))
        else:
            self._queue.append(Started(child=child, incarnation=number))

    # What children do

    def end(self, child: str, cause: Any = None) -> None:
        cause = cause if cause is not None else Crash(error=BoomError(child))
        number = self.state.children[child].incarnation
        self.send(Exited(child=child, incarnation=number, exit=cause))

    def come_up(self, child: str) -> None:
        self.slow.discard(child)
        self.send(Started(child=child, incarnation=self.state.children[child].incarnation))

    def obey(self, child: str) -> None:
        self.hung.discard(child)
        self.end(child, Shutdown())

    # What time does

    def advance(self, seconds: float) -> None:
        self.now += seconds
        due = [wait for at, wait in self.waits if at <= self.now]
        self.waits = [(at, wait) for at, wait in self.waits if at > self.now]
        for wait in due:
            self.send(RetryDue(child=wait.child, incarnation=wait.incarnation))

    def retry(self, child: str) -> None:
        due = [wait for _, wait in self.waits if wait.child == child]
        self.waits = [(at, wait) for at, wait in self.waits if wait.child != child]
        for wait in due:
            self._queue.append(RetryDue(child=child, incarnation=wait.incarnation))

    # What administrators do

    def stop(self) -> None:
        self.send(StopAll())

    def ask(self, request: Callable[[int], Event]) -> Any:
        self.tickets += 1
        self.send(request(self.tickets))
        return self.answers.get(self.tickets, "no answer yet")

    def start_child(self, spec: Any) -> Any:
        return self.ask(lambda ticket: StartChild(ticket=ticket, spec=spec))

    def terminate_child(self, child: str) -> Any:
        return self.ask(lambda ticket: TerminateChild(ticket=ticket, child=child))

    def restart_child(self, child: str) -> Any:
        return self.ask(lambda ticket: RestartChild(ticket=ticket, child=child))

    def delete_child(self, child: str) -> Any:
        return self.ask(lambda ticket: DeleteChild(ticket=ticket, child=child))

    # What can be seen

    def phases(self) -> dict[str, str]:
        return {child.spec.id: child.phase.value for child in self.state.children.values()}

    def clear(self) -> None:
        self.log.clear()
        self.reports.clear()

    def reported(self, kind: type) -> list[Any]:
        return [report for report in self.reports if type(report) is kind]


@pytest.fixture
def child() -> Callable[..., ChildSpec]:
    """Makes child specs: `child("a", restart=...)`."""

    def make(name: str, **options: Any) -> ChildSpec:
        return ChildSpec(id=name, actor=options.pop("actor", Actor), **options)

    return make


@pytest.fixture
def simulate(child: Callable[..., ChildSpec]) -> Callable[..., Simulation]:
    """Boots a simulated supervisor: `simulate("a", "b", strategy=...)`; specs or ids."""

    def make(*children: Any, boot: bool = True, **flags: Any) -> Simulation:
        specs = tuple(child(c) if isinstance(c, str) else c for c in children)
        spec = SupervisorSpec(id="sup", children=specs, **flags)
        simulation = Simulation(initial(spec, "sup"))
        return simulation.boot() if boot else simulation

    return make


@pytest.fixture
def simulate_dynamic(child: Callable[..., ChildSpec]) -> Callable[..., Simulation]:
    """Boots a simulated dynamic supervisor: `simulate_dynamic(kind, max_children=...)`."""

    def make(kind: Any = None, **flags: Any) -> Simulation:
        spec = DynamicSpec(id="sup", child=kind or child("kind"), **flags)
        return Simulation(initial(spec, "sup")).boot()

    return make


@pytest.fixture
def boom() -> type[Exception]:
    return BoomError


# Real actors ------------------------------------------------------------------


class Probe(Actor):
    """Does as its messages say; keeps what it was told in its heir."""

    def __init__(self, context: Any, *, plan: Plan) -> None:
        super().__init__(context)
        self.plan = plan
        plan.note(context, "made")

    def init(self) -> Any:
        self.plan.note(self.context, "init")
        return self.plan.at_init(self)

    def handle(self, message: Any) -> Any:
        match message:
            case Exception() | SystemExit() | KeyboardInterrupt():
                raise message
            case ("keep", value):
                self.commit((*(self.context.heir.state or ()), value))
                return None
            case ("wait", started, release):
                started.set()
                release.wait(10.0)
                return None
            case ("do", action):
                return action(self)
            case "state":
                return self.context.heir.state
            case "incarnation":
                return self.context.incarnation
            case _:
                return message

    def terminate(self, reason: Any) -> None:
        self.plan.note(self.context, "terminate")
        self.plan.at_terminate(self, reason)


class Plan:
    """What the actors of one test do when they start and stop, and what they did."""

    def __init__(self) -> None:
        self.log: list[tuple[str, str, int]] = []
        self.on_init: dict[str, Callable[[Any], Any]] = {}
        self.on_terminate: dict[str, Callable[[Any, Any], Any]] = {}

    def note(self, context: Any, what: str) -> None:
        self.log.append((what, context.id, context.incarnation))

    def at_init(self, actor: Any) -> Any:
        action = self.on_init.get(actor.context.id)
        return action(actor) if action else None

    def at_terminate(self, actor: Any, reason: Any) -> None:
        action = self.on_terminate.get(actor.context.id)
        if action:
            action(actor, reason)

    def what(self, kind: str) -> list[str]:
        return [name for what, name, _ in self.log if what == kind]


class Reports(list[Any]):
    """Collects reports, and lets a test wait for one instead of sleeping."""

    def __init__(self) -> None:
        super().__init__()
        self._changed = threading.Condition()

    def __call__(self, report: Any) -> None:
        with self._changed:
            self.append(report)
            self._changed.notify_all()

    def of(self, kind: type) -> list[Any]:
        return [report for report in self if type(report) is kind]

    def wait_for(self, kind: type, path: str | None = None, count: int = 1) -> Any:
        def found() -> list[Any]:
            return [r for r in self.of(kind) if path is None or r.path == path]

        with self._changed:
            assert self._changed.wait_for(lambda: len(found()) >= count, 5.0), (kind, list(self))
            return found()[count - 1]


@pytest.fixture
def plan() -> Plan:
    return Plan()


@pytest.fixture
def reports() -> Reports:
    return Reports()


@pytest.fixture
def probe(plan: Plan) -> Callable[..., ChildSpec]:
    """Makes specs of real actors: `probe("a", shutdown=...)`."""

    def make(name: str, **options: Any) -> ChildSpec:
        return ChildSpec(id=name, actor=Probe, arguments={"plan": plan}, **options)

    return make


@pytest.fixture
def run(reports: Reports) -> Iterator[Callable[..., System]]:
    """Starts real systems and stops them after the test: `run(*children, strategy=...)`."""
    systems: list[System] = []

    def make(*children: Any, start: bool = True, system: Any = None, **flags: Any) -> System:
        root = SupervisorSpec(id="root", children=children, **flags)
        made = System(root, on_report=reports, **(system or {}))
        systems.append(made)
        if start:
            made.start()
        return made

    yield make
    for made in systems:
        made.stop(5.0)


@pytest.fixture
def ignore() -> Any:
    return IGNORE
