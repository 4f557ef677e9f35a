"""What does not stop: fenced, abandoned, reported; and what then wakes up."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from supervision import (
    BRUTAL_KILL,
    Abandoned,
    AbandonedEnded,
    Actor,
    ActorDown,
    ChildStartFailed,
    ChildTerminated,
    Crash,
    MailboxPolicy,
    MessageLost,
    ShutdownError,
    StaleIncarnation,
    StartFailed,
    StartTimeout,
    SupervisorSpec,
    ThreadAbandoned,
)

SECOND = 5.0


class Hang:
    """A handler that hangs until the test lets it go."""

    def __init__(self) -> None:
        self.started = threading.Event()
        self.release = threading.Event()
        self.outcome: list[Any] = []
        self.done = threading.Event()
        self.then: Any = lambda _actor: None

    def __call__(self, actor: Any, *_: Any) -> None:
        self.started.set()
        self.release.wait(SECOND)
        try:
            self.outcome.append(self.then(actor))
        except BaseException as error:
            self.outcome.append(error)
            raise
        finally:
            self.done.set()


@pytest.fixture
def hang() -> Any:
    made = Hang()
    yield made
    made.release.set()


def hung_in_handle(system: Any, hang: Hang, path: str = "a") -> Any:
    address = system.address(path)
    address.tell(("do", hang))
    assert hang.started.wait(SECOND)
    return address


def test_child_that_does_not_stop_is_abandoned_and_the_next_life_takes_over(
    run: Any, probe: Any, reports: Any, hang: Hang
) -> None:
    system = run(probe("a", shutdown=0.0))
    address = hung_in_handle(system, hang)
    address.tell(("keep", "waited"))
    admin = system.supervisor()
    admin.terminate_child("a")
    report = reports.wait_for(ThreadAbandoned)
    assert (report.path, report.incarnation, report.thread) == ("root/a", 1, "root/a#1")
    assert "release.wait" in report.stack
    assert isinstance(reports.wait_for(ShutdownError).cause, Abandoned)
    assert admin.restart_child("a") is address
    assert address.ask("incarnation", SECOND) == 2
    assert system.abandoned_total == system.abandoned_alive == 1
    node = system.tree().children[0]
    assert (node.abandoned, node.last_error) == (1, "abandoned")
    hang.release.set()
    reports.wait_for(AbandonedEnded)
    assert system.abandoned_alive == 0
    assert address.ask("incarnation", SECOND) == 2


def test_message_in_flight_of_an_abandoned_child_is_lost_and_its_asker_told(
    run: Any, probe: Any, reports: Any, hang: Hang
) -> None:
    lost: list[Any] = []
    policy = MailboxPolicy(on_lost=lambda message, cause: lost.append((message, cause)))
    system = run(probe("a", shutdown=0.0, mailbox=policy))
    errors: list[Any] = []

    def ask() -> None:
        try:
            system.address("a").ask(("do", hang), 60.0)
        except ActorDown as error:
            errors.append(error)

    asker = threading.Thread(target=ask)
    asker.start()
    assert hang.started.wait(SECOND)
    system.supervisor().terminate_child("a")
    asker.join(SECOND)
    assert isinstance(errors[0].cause, Abandoned)
    assert [message for message, _ in lost] == [("do", hang)]
    assert reports.wait_for(MessageLost).message == ("do", hang)


def test_fenced_child_can_neither_send_nor_commit_when_it_wakes(
    run: Any, probe: Any, reports: Any, hang: Hang
) -> None:
    system = run(probe("a", shutdown=0.0), probe("b"))
    other = system.address("b")

    def then(actor: Any) -> None:
        hang.outcome += [other.tell("x"), other.offer("x"), other.reserve()]
        with pytest.raises(ActorDown):
            other.ask("x", SECOND)
        actor.commit("stolen")

    hang.then = then
    address = hung_in_handle(system, hang)
    system.supervisor().terminate_child("a")
    system.supervisor().restart_child("a")
    handled = system.tree().children[0].handled
    hang.release.set()
    reports.wait_for(AbandonedEnded)
    assert hang.outcome[:3] == [False, False, None]
    assert isinstance(hang.outcome[3], StaleIncarnation)
    assert address.ask("state", SECOND) is None
    assert system.tree().children[0].handled == handled + 1
    assert system.tree().children[1].depth == 0
    assert reports.of(MessageLost)[1:] == []


def test_fenced_child_that_wakes_takes_no_message_and_runs_no_terminate(
    run: Any, probe: Any, reports: Any, hang: Hang, plan: Any
) -> None:
    system = run(probe("a", shutdown=0.0))
    address = hung_in_handle(system, hang)
    system.supervisor().terminate_child("a")
    hang.release.set()
    reports.wait_for(AbandonedEnded)
    system.supervisor().restart_child("a")
    assert address.ask("incarnation", SECOND) == 2
    assert plan.what("terminate") == []


def test_killed_child_that_is_idle_is_not_abandoned_and_runs_no_terminate(
    run: Any, probe: Any, reports: Any, plan: Any
) -> None:
    system = run(probe("a", shutdown=BRUTAL_KILL))
    system.address("a").ask("barrier", SECOND)
    system.supervisor().terminate_child("a")
    assert reports.of(ThreadAbandoned) == []
    assert plan.what("terminate") == []


def test_killed_child_that_is_busy_is_abandoned(
    run: Any, probe: Any, reports: Any, hang: Hang
) -> None:
    system = run(probe("a", shutdown=BRUTAL_KILL))
    hung_in_handle(system, hang)
    system.supervisor().terminate_child("a")
    reports.wait_for(ThreadAbandoned)


def test_init_that_hangs_fails_the_start(run: Any, probe: Any, plan: Any, hang: Hang) -> None:
    plan.on_init["b"] = hang
    system = run(probe("a"), probe("b", start_timeout=0.0), start=False)
    with pytest.raises(StartFailed) as caught:
        system.start()
    assert caught.value.child == "root/b"
    assert isinstance(caught.value.cause, StartTimeout)
    assert plan.what("terminate") == ["a"]


def test_constructor_runs_in_the_childs_thread_and_its_hang_counts_as_init(
    run: Any, child: Any, hang: Hang
) -> None:
    class Slow(Actor):
        def __init__(self, context: Any) -> None:
            super().__init__(context)
            hang(self)

    system = run(child("a", actor=Slow, start_timeout=0.0), start=False)
    with pytest.raises(StartFailed, match="init did not finish"):
        system.start()


def test_supervisor_answers_while_a_childs_start_hangs(
    run: Any, probe: Any, plan: Any, hang: Hang
) -> None:
    system = run(probe("a"))
    admin = system.supervisor()
    plan.on_init["b"] = hang
    outcome: list[Any] = []
    starter = threading.Thread(
        target=lambda: outcome.append(admin.start_child(probe("b", start_timeout=60.0)))
    )
    starter.start()
    assert hang.started.wait(SECOND)
    admin.terminate_child("a")
    assert [info.state for info in admin.which_children()] == ["stopped", "starting"]
    hang.release.set()
    starter.join(SECOND)
    assert outcome[0].path == "root/b"


def test_late_success_of_an_abandoned_start_is_dropped(
    run: Any, probe: Any, plan: Any, hang: Hang, reports: Any
) -> None:
    plan.on_init["a"] = hang
    admin = run().supervisor()
    with pytest.raises(ChildStartFailed):
        admin.start_child(probe("a", start_timeout=0.0))
    del plan.on_init["a"]
    address = admin.start_child(probe("a"))
    hang.release.set()
    reports.wait_for(AbandonedEnded)
    assert address.ask("incarnation", SECOND) == 1
    assert admin.count_children().active == 1


def test_terminate_that_hangs_after_a_crash_is_bounded_by_the_shutdown_time(
    run: Any, probe: Any, plan: Any, hang: Hang, reports: Any, boom: Any
) -> None:
    plan.on_terminate["a"] = hang
    address = run(probe("a", shutdown=0.0)).address("a")
    error = boom("x")
    address.tell(error)
    assert address.ask("incarnation", SECOND) == 2
    assert reports.wait_for(ThreadAbandoned).incarnation == 1
    cause = reports.wait_for(ChildTerminated).cause
    assert isinstance(cause, Crash)
    assert cause.error is error


def test_killed_child_whose_terminate_hangs_after_a_crash_is_abandoned(
    run: Any, probe: Any, plan: Any, hang: Hang, boom: Any
) -> None:
    plan.on_terminate["a"] = hang
    address = run(probe("a", shutdown=BRUTAL_KILL)).address("a")
    address.tell(boom("x"))
    assert address.ask("incarnation", SECOND) == 2


def test_supervisor_that_is_not_down_in_time_is_abandoned_with_all_below(
    run: Any, probe: Any, hang: Hang, reports: Any
) -> None:
    branch = SupervisorSpec(
        id="s", shutdown=0.0, children=(probe("a", shutdown=60.0), probe("b", shutdown=60.0))
    )
    system = run(branch)
    hung_in_handle(system, hang, "s/a")
    system.supervisor().terminate_child("s")
    paths = {report.path for report in reports.of(ThreadAbandoned)}
    assert "root/s/a" in paths
    assert not system.address("s/a").tell("x")
    assert not system.address("s/b").tell("x")
    assert {node.state for node in system.tree().children[0].walk()} == {"stopped"}
    hang.release.set()
    reports.wait_for(AbandonedEnded, "root/s/a")


def test_system_stop_names_who_did_not_stop_and_where_it_hangs(
    run: Any, probe: Any, hang: Hang
) -> None:
    system = run(probe("a", shutdown=60.0), probe("b"))
    hung_in_handle(system, hang)
    report = system.stop(timeout=0.01)
    assert [one.path for one in report.unstopped] == ["root/a"]
    assert "release.wait" in report.unstopped[0].stack
    assert report.exit is None
    assert system.stop() is report


def test_tree_shows_for_how_long_a_message_has_been_handled(
    run: Any, probe: Any, hang: Hang
) -> None:
    system = run(probe("a", shutdown=0.0))
    hung_in_handle(system, hang)
    node = system.tree().children[0]
    assert node.handling_for is not None
    assert node.handling_for >= 0.0
    assert node.state == "running"
