"""Whole trees on real threads: start, stop, escalation, addresses, snapshots."""

from __future__ import annotations

import threading
from random import Random
from typing import Any

import pykka
import pytest

from supervision import (
    Actor,
    AddressBook,
    AutoShutdown,
    Backoff,
    ChildSpec,
    ChildTerminated,
    Crash,
    DynamicSpec,
    HeirErased,
    IntensityExceeded,
    NotFound,
    Progress,
    Restart,
    RestartDelayed,
    Shutdown,
    SpecError,
    StartError,
    StartFailed,
    Strategy,
    SupervisorSpec,
    System,
    SystemStateError,
    ThreadAbandoned,
    VirtualClock,
)
from supervision.supervisor import Supervisor

SECOND = 5.0


def test_children_start_in_order_and_stop_in_reverse(run: Any, probe: Any, plan: Any) -> None:
    branch = SupervisorSpec(id="s", children=(probe("b"), probe("c")))
    system = run(probe("a"), branch, probe("d"))
    assert plan.what("init") == ["a", "b", "c", "d"]
    report = system.stop(SECOND)
    assert plan.what("terminate") == ["d", "c", "b", "a"]
    assert report.exit == Shutdown()
    assert report.unstopped == ()


def test_stop_leaves_no_thread_behind(run: Any, probe: Any) -> None:
    before = set(threading.enumerate())
    system = run(probe("a"), SupervisorSpec(id="s", children=(probe("b"),)))
    assert len(set(threading.enumerate()) - before) >= 4
    system.stop(SECOND)
    for thread in set(threading.enumerate()) - before:
        thread.join(SECOND)
        assert not thread.is_alive()


def test_failed_start_names_the_child_and_its_cause_and_stops_the_rest(
    run: Any, probe: Any, plan: Any, reports: Any, boom: Any
) -> None:
    def fail(_actor: Any) -> None:
        raise boom("no_disk")

    plan.on_init["b"] = fail
    system = run(SupervisorSpec(id="s", children=(probe("a"), probe("b"))), start=False)
    with pytest.raises(StartFailed, match="no_disk") as caught:
        system.start()
    assert caught.value.child == "root/s"
    assert isinstance(caught.value.cause, StartFailed)
    assert caught.value.cause.child == "root/s/b"
    assert plan.what("terminate") == ["a"]
    assert [report.path for report in reports.of(StartError)] == ["root/s/b", "root/s"]
    assert system.tree().state == "stopped"


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, ValueError])
def test_constructor_that_raises_fails_the_start(run: Any, child: Any, kind: Any) -> None:
    class Broken(Actor):
        def __init__(self, context: Any) -> None:
            super().__init__(context)
            raise kind

    with pytest.raises(StartFailed) as caught:
        run(child("a", actor=Broken))
    assert isinstance(caught.value.cause, kind)


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, ValueError])
def test_init_that_raises_fails_the_start(run: Any, probe: Any, plan: Any, kind: Any) -> None:
    def fail(_actor: Any) -> None:
        raise kind

    plan.on_init["a"] = fail
    with pytest.raises(StartFailed) as caught:
        run(probe("a"))
    assert isinstance(caught.value.cause, kind)


def test_ignored_child_is_there_but_stopped(run: Any, probe: Any, plan: Any, ignore: Any) -> None:
    plan.on_init["a"] = lambda _actor: ignore
    system = run(probe("a"), probe("b"))
    assert [node.state for node in system.tree().children] == ["stopped", "running"]
    assert not system.address("a").tell("x")


def test_system_starts_once(run: Any, probe: Any) -> None:
    system = run(probe("a"))
    with pytest.raises(SystemStateError):
        system.start()


def test_stop_before_the_start_is_fine(run: Any, probe: Any) -> None:
    report = run(probe("a"), start=False).stop()
    assert report.exit is None
    assert report.unstopped == ()


def test_one_for_all_keeps_the_mailboxes_of_all(run: Any, probe: Any, boom: Any, plan: Any) -> None:
    system = run(probe("a"), probe("b"), strategy=Strategy.ONE_FOR_ALL)
    a, b = system.address("a"), system.address("b")
    b.tell(("keep", 1))
    a.tell(boom("x"))
    b.tell(("keep", 2))
    while b.ask("incarnation", SECOND) != 2:
        pass
    assert b.ask("state", SECOND) == (1, 2)
    assert plan.what("init") == ["a", "b", "a", "b"]


def test_intensity_escalates_and_the_branch_starts_anew_with_its_mailboxes_and_without_heirs(
    run: Any, probe: Any, boom: Any, reports: Any
) -> None:
    branch = SupervisorSpec(id="s", children=(probe("a"), probe("b")), intensity=0)
    system = run(branch)
    a, b = system.address("s/a"), system.address("s/b")
    a.tell(("keep", 1))
    b.tell(("keep", 1))
    b.ask("barrier", SECOND)
    a.tell(boom("x"))
    a.tell(("keep", 2))
    reports.wait_for(Progress, "root/s", count=2)
    assert a.ask("state", SECOND) == (2,)
    assert b.ask("state", SECOND) is None
    assert a.ask("incarnation", SECOND) == 2
    (exceeded,) = reports.of(IntensityExceeded)
    assert (exceeded.path, exceeded.child) == ("root/s", "root/s/a")
    assert [report.path for report in reports.of(HeirErased)] == ["root/s/a", "root/s/b"]
    assert system.tree().children[0].incarnation == 2


def test_transient_supervisor_that_gives_up_is_not_restarted_as_in_otp(
    run: Any, probe: Any, boom: Any, reports: Any
) -> None:
    branch = SupervisorSpec(id="s", children=(probe("a"),), intensity=0, restart=Restart.TRANSIENT)
    system = run(branch)
    system.address("s/a").tell(boom("x"))
    report = reports.wait_for(ChildTerminated, "root/s")
    assert report.restarted is False
    assert not system.address("s/a").tell("x")


def test_root_that_gives_up_ends_the_system(run: Any, probe: Any, boom: Any) -> None:
    system = run(probe("a"), intensity=0)
    assert system.wait(0.0) is None
    system.address("a").tell(boom("x"))
    assert system.wait(SECOND) == Shutdown(detail="restart intensity exceeded")
    assert system.tree().state == "stopped"
    assert not system.address("a").tell("x")
    assert system.stop().exit == Shutdown(detail="restart intensity exceeded")


def test_auto_shutdown_of_the_root_ends_the_system(run: Any, probe: Any) -> None:
    significant = probe("a", restart=Restart.TRANSIENT, significant=True)
    system = run(significant, probe("b"), auto_shutdown=AutoShutdown.ANY_SIGNIFICANT)
    system.address("a").tell(("do", lambda actor: actor.exit_normal()))
    assert system.wait(SECOND) == Shutdown(detail="significant child ended")


def test_backoff_waits_on_the_injected_clock_with_injected_chance(
    run: Any, probe: Any, boom: Any, reports: Any
) -> None:
    clock = VirtualClock()
    backoff = Backoff(threshold=0.0, initial=10.0, jitter=0.5)
    system = run(
        probe("a"),
        probe("b"),
        backoff=backoff,
        system={"clock": clock, "random": Random(1)},
    )
    address = system.address("a")
    address.tell(boom("x"))
    assert reports.wait_for(RestartDelayed).seconds == 10.0
    while clock.next_due() < 1_005.0:
        clock.advance(0.0)
    due = clock.next_due() - clock.monotonic()
    assert due == pytest.approx(10.0 * (1.0 + 0.5 * (2.0 * Random(1).random() - 1.0)))
    assert system.tree().children[0].state == "restarting"
    assert system.address("b").ask("x", SECOND) == "x"
    assert address.tell(("keep", "meanwhile"))
    clock.advance(due)
    assert address.ask("state", SECOND) == ("meanwhile",)


def test_snapshot_before_the_start_shows_the_specs(run: Any, probe: Any, child: Any) -> None:
    dynamic = DynamicSpec(id="d", child=child("kind"))
    branch = SupervisorSpec(id="s", children=(probe("a"), dynamic))
    system = run(branch, start=False)
    shown = [(node.path, node.type, node.state) for node in system.tree().walk()]
    assert shown == [
        ("root", "supervisor", "stopped"),
        ("root/s", "supervisor", "stopped"),
        ("root/s/a", "worker", "stopped"),
        ("root/s/d", "supervisor", "stopped"),
    ]


def test_snapshot_counts(run: Any, probe: Any, boom: Any) -> None:
    system = run(probe("a"))
    address = system.address("a")
    for _ in range(3):
        address.ask("x", SECOND)
    address.tell(boom("x"))
    address.ask("x", SECOND)
    node = system.tree().children[0]
    assert (node.handled, node.restarts, node.crashes, node.lost) == (4, 1, 1, 1)
    assert node.last_error == "BoomError: x"
    assert node.busy > 0.0
    assert node.handling_for is None
    assert (node.depth, node.load, node.limit, node.refused) == (0, 0, None, 0)
    assert node.abandoned == 0


def test_addresses_exist_before_the_specs_that_carry_them(run: Any, probe: Any) -> None:
    book = AddressBook("root")
    seen = book["s/b"]
    branch = SupervisorSpec(id="s", children=(probe("b"),))
    system = run(probe("a"), branch, system={"addresses": book})
    assert system.address("s/b") is seen
    forward = ("do", lambda _actor: seen.ask("incarnation", SECOND))
    assert system.address("a").ask(forward, SECOND) == 1
    assert repr(seen) == "<Address root/s/b>"
    assert system.address("").path == "root"


def test_address_of_no_child_is_refused() -> None:
    book = AddressBook("root")
    assert book["typo"].path == "root/typo"
    with pytest.raises(SpecError, match="no child has this path"):
        System(SupervisorSpec(id="root"), addresses=book)


def test_book_of_another_root_is_refused() -> None:
    with pytest.raises(SpecError, match="other"):
        System(SupervisorSpec(id="root"), addresses=AddressBook("other"))


def test_address_below_a_dynamic_supervisor_may_come_later(run: Any, child: Any) -> None:
    book = AddressBook("root")
    assert book["d/one"].path == "root/d/one"
    run(DynamicSpec(id="d", child=child("kind")), system={"addresses": book})


def test_supervisor_of_an_unknown_path_is_not_found(run: Any) -> None:
    with pytest.raises(NotFound):
        run().supervisor("nobody")


def test_reader_of_reports_that_raises_harms_nobody(probe: Any, boom: Any, caplog: Any) -> None:
    def fail(_report: Any) -> None:
        raise ValueError

    root = SupervisorSpec(id="root", children=(probe("a"),))
    system = System(root, on_report=fail)
    system.start()
    system.address("a").tell(boom("x"))
    assert system.address("a").ask("incarnation", SECOND) == 2
    system.stop(SECOND)
    assert "on_report raised on Progress of root/a" in caplog.text


def test_system_of_a_supervisor_that_ends_during_its_start_says_so(
    run: Any, probe: Any, plan: Any
) -> None:
    system = run(probe("a"), start=False)
    started, release = threading.Event(), threading.Event()

    def hang(_actor: Any) -> None:
        started.set()
        release.wait(SECOND)

    plan.on_init["a"] = hang
    errors: list[Any] = []

    def start() -> None:
        try:
            system.start()
        except StartFailed as error:
            errors.append(error)

    starter = threading.Thread(target=start)
    starter.start()
    assert started.wait(SECOND)
    stopper = threading.Thread(target=system.stop)
    stopper.start()
    while system.tree().children[0].state != "stopping":
        pass
    release.set()
    starter.join(SECOND)
    stopper.join(SECOND)
    assert "ended during its start" in str(errors[0])


def test_thread_that_cannot_be_started_is_a_failed_start(
    run: Any, probe: Any, monkeypatch: Any
) -> None:
    system = run(probe("a"))
    admin = system.supervisor()
    admin.terminate_child("a")
    begin = threading.Thread.start

    def refuse(self: threading.Thread) -> None:
        if self.name.startswith("root/"):
            msg = "can't start new thread"
            raise RuntimeError(msg)
        begin(self)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(Exception, match="can't start new thread"):
        admin.restart_child("a")
    monkeypatch.undo()
    assert admin.restart_child("a").ask("x", SECOND) == "x"


def test_doc_spec_is_data(probe: Any) -> None:
    assert probe("a") == probe("a")
    assert isinstance(probe("a"), ChildSpec)


def test_actor_cannot_stop_its_own_system(run: Any, probe: Any) -> None:
    system = run(probe("a"))
    with pytest.raises(SystemStateError, match="root/a"):
        system.address("a").ask(("do", lambda _actor: system.stop()), SECOND)


def test_address_of_a_temporary_child_comes_back_with_its_supervisor(
    run: Any, probe: Any, boom: Any, reports: Any
) -> None:
    temporary = probe("t", restart=Restart.TEMPORARY)
    system = run(SupervisorSpec(id="s", children=(temporary, probe("a")), intensity=0))
    address = system.address("s/t")
    address.ask(("do", lambda actor: actor.exit_normal()), SECOND)
    reports.wait_for(ChildTerminated, "root/s/t")
    while address.tell("x"):
        pass
    system.address("s/a").tell(boom("x"))
    reports.wait_for(Progress, "root/s", count=2)
    assert address.ask("incarnation", SECOND) == 2


def branch_supervisor() -> Any:
    refs = pykka.ActorRegistry.get_by_class(Supervisor)
    actors = {ref: ref._actor_weakref() for ref in refs}
    (found,) = [ref for ref, one in actors.items() if one and one.context.path == "root/s"]
    return found


def test_supervisor_that_pykka_stops_takes_its_children_down_and_comes_back(
    run: Any, probe: Any, reports: Any
) -> None:
    system = run(SupervisorSpec(id="s", children=(probe("a"), probe("b"))))
    address = system.address("s/a")
    address.ask("barrier", SECOND)
    branch_supervisor().tell(pykka.messages.ProxyCall(("stop",), (), {}))
    address.tell(("keep", 1))
    reports.wait_for(Progress, "root/s", count=2)
    assert address.ask("incarnation", SECOND) == 2
    assert address.ask("state", SECOND) == (1,)
    assert reports.of(ThreadAbandoned) == []


def test_defect_of_a_supervisor_leaves_nobody_behind_and_is_a_crash_of_that_supervisor(
    run: Any, probe: Any, reports: Any
) -> None:
    system = run(SupervisorSpec(id="s", children=(probe("a"), probe("b"))))
    started, release = threading.Event(), threading.Event()
    system.address("s/a").tell(("wait", started, release))
    assert started.wait(SECOND)
    branch_supervisor().tell("no event that it knows")
    report = reports.wait_for(ChildTerminated, "root/s")
    assert isinstance(report.cause, Crash)
    assert [one.path for one in reports.of(ThreadAbandoned)] == ["root/s/a"]
    reports.wait_for(Progress, "root/s", count=2)
    assert system.address("s/a").ask("incarnation", SECOND) == 2
    release.set()
