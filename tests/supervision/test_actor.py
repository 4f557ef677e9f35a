"""One actor on a real thread: messages, crashes, exits, hooks."""

from __future__ import annotations

import threading
from typing import Any

import pykka
import pytest

from supervision import (
    ActorDown,
    AskTimeout,
    CallbackFailed,
    CallingSelf,
    ChildTerminated,
    Crash,
    MailboxPolicy,
    MessageLost,
    Normal,
    Progress,
    Restart,
    Shutdown,
    ShutdownError,
)

SECOND = 5.0


@pytest.fixture
def a(run: Any, probe: Any) -> Any:
    """The address of one supervised actor."""
    return run(probe("a"), intensity=100).address("a")


def test_ask_returns_what_handle_returns(a: Any) -> None:
    assert a.ask("hello", SECOND) == "hello"


def test_messages_told_before_the_start_are_handled_first(run: Any, probe: Any) -> None:
    system = run(probe("a"), start=False)
    address = system.address("a")
    for number in range(3):
        assert address.tell(("keep", number))
    assert address.depth == 3
    system.start()
    assert address.ask("state", SECOND) == (0, 1, 2)


def test_crash_restarts_the_actor_and_keeps_what_waits(a: Any, boom: Any) -> None:
    a.tell(("keep", 1))
    a.tell(boom("x"))
    a.tell(("keep", 2))
    assert a.ask("state", SECOND) == (1, 2)
    assert a.ask("incarnation", SECOND) == 2


def test_crash_in_an_ask_reaches_the_asker_and_restarts_the_actor(a: Any, boom: Any) -> None:
    with pytest.raises(boom, match="asked"):
        a.ask(boom("asked"), SECOND)
    assert a.ask("incarnation", SECOND) == 2


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt])
def test_exit_of_the_interpreter_in_a_handler_is_a_crash_of_that_actor_only(
    run: Any, probe: Any, kind: type[BaseException]
) -> None:
    system = run(probe("a"), probe("b"))
    with pytest.raises(ActorDown) as caught:
        system.address("a").ask(kind(), SECOND)
    assert isinstance(caught.value.cause, Crash)
    assert system.address("a").ask("incarnation", SECOND) == 2
    assert system.address("b").ask("incarnation", SECOND) == 1


def test_message_in_flight_is_reported_with_its_content(a: Any, boom: Any, reports: Any) -> None:
    error = boom("x")
    a.tell(error)
    report = reports.wait_for(MessageLost)
    assert (report.path, report.incarnation, report.message) == ("root/a", 1, error)
    ended = reports.wait_for(ChildTerminated)
    assert ended.cause.error is error
    assert "BoomError: x" in ended.cause.traceback


def test_on_lost_hears_of_the_message_in_flight(run: Any, probe: Any, boom: Any) -> None:
    lost: list[Any] = []
    policy = MailboxPolicy(on_lost=lambda message, cause: lost.append((message, cause)))
    address = run(probe("a", mailbox=policy)).address("a")
    error = boom("x")
    address.tell(error)
    address.ask("barrier", SECOND)
    ((message, cause),) = lost
    assert message is error
    assert cause.error is error


def test_on_lost_that_raises_harms_nobody(run: Any, probe: Any, boom: Any, reports: Any) -> None:
    def fail(_message: object, _cause: object) -> None:
        raise ValueError

    address = run(probe("a", mailbox=MailboxPolicy(on_lost=fail))).address("a")
    address.tell(boom("x"))
    assert address.ask("incarnation", SECOND) == 2
    assert reports.wait_for(CallbackFailed).callback == "on_lost"


def test_mailbox_that_keeps_nothing_drops_what_waits_behind_a_crash(
    run: Any, probe: Any, boom: Any
) -> None:
    lost: list[Any] = []
    policy = MailboxPolicy(keep=False, on_lost=lambda message, _cause: lost.append(message))
    system = run(probe("a", mailbox=policy), start=False)
    address = system.address("a")
    error = boom("x")
    for message in (("keep", 1), error, ("keep", 2), ("keep", 3)):
        address.tell(message)
    system.start()
    while address.depth:
        pass
    while address.ask("incarnation", SECOND) != 2:
        pass
    assert address.ask("state", SECOND) == (1,)
    assert lost == [error, ("keep", 2), ("keep", 3)]
    assert address.dead_letters == 2


def test_actor_that_asks_itself_is_told_at_once(a: Any) -> None:
    with pytest.raises(CallingSelf):
        a.ask(("do", lambda actor: actor.context.address.ask("x", SECOND)), SECOND)


def test_ask_gives_up_after_its_timeout(a: Any) -> None:
    started, release = threading.Event(), threading.Event()
    a.tell(("wait", started, release))
    with pytest.raises(AskTimeout, match="root/a"):
        a.ask("x", 0.001)
    release.set()


def test_actor_that_exits_normally_runs_terminate(
    run: Any, probe: Any, plan: Any, reports: Any
) -> None:
    reasons: list[Any] = []
    plan.on_terminate["a"] = lambda _actor, reason: reasons.append(reason)
    address = run(probe("a", restart=Restart.TRANSIENT)).address("a")
    assert address.ask(("do", lambda actor: actor.exit_normal()), SECOND) is None
    assert reports.wait_for(ChildTerminated).cause == Normal()
    assert reasons == [Normal()]
    assert not address.tell("too late")
    assert address.dead_letters == 1
    with pytest.raises(ActorDown):
        address.ask("too late", SECOND)


def test_actor_may_end_in_good_order_with_a_detail(run: Any, probe: Any, reports: Any) -> None:
    address = run(probe("a", restart=Restart.TRANSIENT)).address("a")
    address.ask(("do", lambda actor: actor.exit_shutdown("done")), SECOND)
    assert reports.wait_for(ChildTerminated).cause == Shutdown(detail="done")


def test_actor_may_end_in_init(run: Any, probe: Any, plan: Any, reports: Any) -> None:
    plan.on_init["a"] = lambda actor: actor.exit_normal()
    run(probe("a", restart=Restart.TRANSIENT))
    assert reports.wait_for(ChildTerminated).cause == Normal()
    assert plan.what("terminate") == ["a"]


def test_crash_runs_terminate_with_its_cause_and_the_next_life_starts_after_it(
    a: Any, boom: Any, plan: Any
) -> None:
    reasons: list[Any] = []
    plan.on_terminate["a"] = lambda _actor, reason: reasons.append(reason)
    a.tell(boom("x"))
    assert a.ask("incarnation", SECOND) == 2
    assert isinstance(reasons[0], Crash)
    assert plan.log == [
        ("made", "a", 1),
        ("init", "a", 1),
        ("terminate", "a", 1),
        ("made", "a", 2),
        ("init", "a", 2),
    ]


def test_crash_in_terminate_after_a_crash_leaves_the_first_cause(
    a: Any, boom: Any, plan: Any, reports: Any
) -> None:
    def fail(_actor: Any, _reason: Any) -> None:
        raise SystemExit

    plan.on_terminate["a"] = fail
    error = boom("first")
    a.tell(error)
    assert reports.wait_for(ChildTerminated).cause.error is error


def test_crash_in_terminate_of_an_ordered_stop_is_a_shutdown_error(
    run: Any, probe: Any, plan: Any, reports: Any, boom: Any
) -> None:
    def fail(_actor: Any, _reason: Any) -> None:
        raise boom

    plan.on_terminate["a"] = fail
    report = run(probe("a")).stop(SECOND)
    assert report.unstopped == ()
    assert isinstance(reports.wait_for(ShutdownError).cause, Crash)


def test_stop_overtakes_what_waits(run: Any, probe: Any) -> None:
    system = run(probe("a"))
    started, release = threading.Event(), threading.Event()
    address = system.address("a")
    address.tell(("wait", started, release))
    assert started.wait(SECOND)
    address.tell(("keep", 1))
    stopper = threading.Thread(target=system.stop)
    stopper.start()
    while system.tree().children[0].state != "stopping":
        pass
    release.set()
    stopper.join(SECOND)
    assert system.stop().dead_letters == {"root/a": 1}


def test_mailbox_that_drains_handles_what_waits_before_it_stops(run: Any, probe: Any) -> None:
    handled: list[Any] = []
    system = run(probe("a", mailbox=MailboxPolicy(drain=True)))
    started, release = threading.Event(), threading.Event()
    address = system.address("a")
    address.tell(("wait", started, release))
    assert started.wait(SECOND)
    for _ in range(3):
        address.tell(("do", lambda actor: handled.append(actor.context.incarnation)))
    stopper = threading.Thread(target=system.stop)
    stopper.start()
    while system.tree().children[0].state != "stopping":
        pass
    release.set()
    stopper.join(SECOND)
    assert handled == [1, 1, 1]
    assert system.stop().dead_letters == {}


def test_pykkas_own_stop_is_a_normal_exit_that_a_permanent_child_survives(
    run: Any, probe: Any, reports: Any
) -> None:
    address = run(probe("a")).address("a")
    address.ask(("do", lambda actor: actor.stop()), SECOND)
    assert reports.wait_for(ChildTerminated).cause == Normal()
    assert address.ask("incarnation", SECOND) == 2


def test_actors_are_known_to_pykka_while_they_live(run: Any, probe: Any) -> None:
    system = run(probe("a"))
    classes = {ref.actor_class.__name__ for ref in pykka.ActorRegistry.get_all()}
    assert {"Probe", "Supervisor"} <= classes
    system.stop(SECOND)
    assert pykka.ActorRegistry.get_all() == []


def test_actor_without_handle_crashes_on_a_message(run: Any, child: Any, reports: Any) -> None:
    run(child("a")).address("a").tell("x")
    cause = reports.wait_for(ChildTerminated).cause
    assert "no handle()" in str(cause)


def test_what_is_told_through_pykkas_ref_arrives_before_the_mailbox(run: Any, probe: Any) -> None:
    address = run(probe("a")).address("a")
    started, release = threading.Event(), threading.Event()
    ref = address.ask(("do", lambda actor: actor.actor_ref), SECOND)
    address.tell(("wait", started, release))
    assert started.wait(SECOND)
    address.tell(("keep", "address"))
    ref.tell(("keep", "ref"))
    release.set()
    assert address.ask("state", SECOND) == ("ref", "address")


def test_restart_is_reported_as_progress(a: Any, boom: Any, reports: Any) -> None:
    a.tell(boom("x"))
    assert reports.wait_for(Progress, "root/a", count=2).incarnation == 2
