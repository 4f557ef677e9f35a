"""Administration of real supervisors, static and dynamic."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from supervision import (
    Actor,
    AlreadyPresent,
    AlreadyStarted,
    AskTimeout,
    ChildInfo,
    ChildStartFailed,
    Counts,
    DynamicSpec,
    MaxChildrenReached,
    NotAllowed,
    NotFound,
    Progress,
    Restart,
    Running,
    ShuttingDown,
    SpecError,
    Strategy,
    SupervisorSpec,
    SystemStateError,
)

SECOND = 5.0


def test_child_goes_through_its_whole_life(run: Any, probe: Any) -> None:
    admin = run(probe("a")).supervisor()
    address = admin.start_child(probe("b"))
    assert address.ask("incarnation", SECOND) == 1
    with pytest.raises(AlreadyStarted):
        admin.start_child(probe("b"))
    with pytest.raises(Running):
        admin.delete_child("b")
    admin.terminate_child("b")
    assert not address.tell("x")
    with pytest.raises(AlreadyPresent):
        admin.start_child(probe("b"))
    assert admin.restart_child("b") is address
    assert address.ask("incarnation", SECOND) == 2
    admin.terminate_child("b")
    admin.delete_child("b")
    with pytest.raises(NotFound):
        admin.get_child_spec("b")
    assert not address.tell("x")


def test_children_can_be_seen_and_counted(run: Any, probe: Any) -> None:
    branch = SupervisorSpec(id="s", children=(probe("x"),))
    admin = run(probe("a"), branch).supervisor()
    admin.terminate_child("a")
    assert admin.which_children() == (
        ChildInfo(id="a", type="worker", state="stopped", incarnation=1),
        ChildInfo(id="s", type="supervisor", state="running", incarnation=1),
    )
    assert admin.count_children() == Counts(specs=2, active=1, supervisors=1, workers=1)
    assert admin.get_child_spec("s") is branch


def test_children_are_counted_while_one_waits_for_its_restart(
    run: Any, probe: Any, plan: Any, boom: Any
) -> None:
    def fail(_actor: Any) -> None:
        raise boom

    system = run(probe("a"), probe("b"), give_up=False, intensity=1)
    plan.on_init["a"] = fail
    system.address("a").tell(boom("x"))
    admin = system.supervisor()
    while admin.which_children()[0].state != "restarting":
        pass
    assert admin.count_children() == Counts(specs=2, active=1, supervisors=0, workers=2)
    system.stop(SECOND)


def test_failed_start_child_raises_its_cause(run: Any, probe: Any, plan: Any, boom: Any) -> None:
    def fail(_actor: Any) -> None:
        raise boom("no_disk")

    plan.on_init["b"] = fail
    admin = run().supervisor()
    with pytest.raises(ChildStartFailed, match="no_disk") as caught:
        admin.start_child(probe("b"))
    assert isinstance(caught.value.cause, boom)
    assert admin.which_children() == ()


def test_ignored_start_child_is_none(run: Any, probe: Any, plan: Any, ignore: Any) -> None:
    plan.on_init["b"] = lambda _actor: ignore
    assert run().supervisor().start_child(probe("b")) is None


def test_supervisor_can_be_started_and_administered_as_a_child(run: Any, probe: Any) -> None:
    system = run()
    system.supervisor().start_child(SupervisorSpec(id="s", children=(probe("a"),)))
    assert system.address("s/a").ask("x", SECOND) == "x"
    system.supervisor("s").terminate_child("a")
    assert system.tree().children[0].children[0].state == "stopped"


def test_child_added_to_a_supervisor_is_gone_after_its_restart(
    run: Any, probe: Any, boom: Any, reports: Any
) -> None:
    system = run(SupervisorSpec(id="s", children=(probe("a"),), intensity=0))
    added = system.supervisor("s").start_child(probe("b"))
    added.tell(("keep", 1))
    added.tell(boom("x"))
    reports.wait_for(Progress, "root/s", count=2)
    assert [info.id for info in system.supervisor("s").which_children()] == ["a"]
    assert not added.tell("x")


def test_significant_child_is_refused_where_it_means_nothing(run: Any, probe: Any) -> None:
    with pytest.raises(SpecError):
        run().supervisor().start_child(probe("a", significant=True, restart=Restart.TRANSIENT))


def test_worker_has_no_children(run: Any, probe: Any) -> None:
    admin = run(probe("a")).supervisor("a")
    with pytest.raises(SystemStateError):
        admin.which_children()
    with pytest.raises(SystemStateError):
        admin.terminate_child("x")


def test_supervisor_refuses_messages_that_are_no_administration(run: Any) -> None:
    system = run()
    with pytest.raises(NotAllowed):
        system.address("").ask("hello", SECOND)


# An actor that asks its own supervisor


def test_child_may_start_a_sibling(run: Any, probe: Any) -> None:
    system = run(probe("a"))
    start = ("do", lambda _actor: system.supervisor().start_child(probe("b")).path)
    assert system.address("a").ask(start, SECOND) == "root/b"


def test_child_that_would_wait_for_its_own_end_is_refused(run: Any, probe: Any) -> None:
    system = run(SupervisorSpec(id="s", children=(probe("a"),)))
    address = system.address("s/a")

    def refused(name: str, child: str) -> Any:
        def act(_actor: Any) -> Any:
            with pytest.raises(NotAllowed):
                system.supervisor(name).terminate_child(child)
            return "refused"

        return act

    assert address.ask(("do", refused("s", "a")), SECOND) == "refused"
    assert address.ask(("do", refused("", "s")), SECOND) == "refused"


def test_child_that_asks_while_it_is_being_stopped_is_refused(
    run: Any, probe: Any, plan: Any
) -> None:
    system = run(probe("a"), probe("b"))
    errors: list[Any] = []

    def ask(_actor: Any, _reason: Any) -> None:
        try:
            system.supervisor().terminate_child("b")
        except ShuttingDown as error:
            errors.append(error)

    plan.on_terminate["a"] = ask
    system.supervisor().terminate_child("a")
    assert len(errors) == 1


@pytest.mark.parametrize("strategy", [Strategy.ONE_FOR_ALL, Strategy.REST_FOR_ONE])
def test_child_that_asks_in_its_init_while_others_wait_for_it_is_refused(
    run: Any, probe: Any, plan: Any, strategy: Strategy
) -> None:
    errors: list[Any] = []
    systems: list[Any] = []

    def ask(_actor: Any) -> None:
        try:
            systems[0].supervisor().terminate_child("b")
        except ShuttingDown as error:
            errors.append(error)

    plan.on_init["a"] = ask
    systems.append(run(probe("a"), probe("b"), strategy=strategy, start=False))
    systems[0].start()
    assert len(errors) == 1


def test_request_that_takes_too_long_times_out_but_goes_on(run: Any, probe: Any, plan: Any) -> None:
    release = threading.Event()
    plan.on_init["b"] = lambda _actor: release.wait(SECOND) and None
    admin = run().supervisor()
    with pytest.raises(AskTimeout):
        admin.start_child(probe("b"), timeout=0.001)
    release.set()
    while admin.which_children()[0].state != "running":
        pass


# Dynamic supervisors


@pytest.fixture
def pool(run: Any, probe: Any) -> Any:
    kind = probe("kind", restart=Restart.TRANSIENT)
    system = run(DynamicSpec(id="pool", child=kind, max_children=3))
    return system.supervisor("pool")


def test_dynamic_children_are_named_by_the_caller_or_numbered(pool: Any) -> None:
    assert pool.start_child(id="one").path == "root/pool/one"
    assert pool.start_child().path == "root/pool/kind-1"
    assert pool.start_child().path == "root/pool/kind-2"


def test_dynamic_child_gets_its_own_arguments(run: Any, child: Any) -> None:
    class Named(Actor):
        def __init__(self, context: Any, *, first: str, last: str) -> None:
            super().__init__(context)
            self.name = f"{first} {last}"

        def handle(self, _message: Any) -> str:
            return self.name

    kind = child("kind", actor=Named, arguments={"first": "Stafford", "last": "?"})
    admin = run(DynamicSpec(id="pool", child=kind)).supervisor("pool")
    address = admin.start_child(arguments={"last": "Beer"})
    assert address.ask("name", SECOND) == "Stafford Beer"


def test_dynamic_supervisor_is_bounded(pool: Any) -> None:
    for _ in range(3):
        pool.start_child()
    with pytest.raises(MaxChildrenReached):
        pool.start_child()
    pool.terminate_child("kind-2")
    assert pool.start_child(id="again").path == "root/pool/again"


def test_dynamic_supervisor_takes_no_specs_and_static_ones_need_them(
    pool: Any, run: Any, probe: Any
) -> None:
    with pytest.raises(NotAllowed):
        pool.start_child(probe("x"))
    with pytest.raises(NotAllowed):
        run().supervisor().start_child(id="x")
    with pytest.raises(NotAllowed):
        pool.restart_child("x")


def test_dynamic_child_restarts_with_its_mailbox_and_is_forgotten_in_the_end(
    pool: Any, boom: Any
) -> None:
    address = pool.start_child(id="one")
    address.tell(boom("x"))
    address.tell(("keep", 1))
    assert address.ask("state", SECOND) == (1,)
    address.ask(("do", lambda actor: actor.exit_normal()), SECOND)
    while pool.which_children():
        pass
    assert not address.tell("x")
    again = pool.start_child(id="one")
    assert again is not address
    assert again.ask("state", SECOND) is None


def test_dynamic_children_stop_together(run: Any, probe: Any, plan: Any) -> None:
    together = threading.Barrier(3)
    system = run(DynamicSpec(id="pool", child=probe("kind")))
    for number in range(3):
        # One after the other they would wait for each other until the barrier breaks.
        plan.on_terminate[f"kind-{number + 1}"] = lambda _actor, _reason: together.wait(SECOND)
        system.supervisor("pool").start_child()
    report = system.stop(SECOND)
    assert not together.broken
    assert report.unstopped == ()
