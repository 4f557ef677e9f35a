"""Specs, clocks, heirs, replies and errors, each by itself."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from supervision import (
    BRUTAL_KILL,
    INFINITY,
    Abandoned,
    Actor,
    AskTimeout,
    AutoShutdown,
    Backoff,
    ChildSpec,
    ChildStartFailed,
    Crash,
    DynamicSpec,
    Heir,
    MailboxPolicy,
    Normal,
    Restart,
    Shutdown,
    SpecError,
    StaleIncarnation,
    SupervisorSpec,
    SystemClock,
    VirtualClock,
)
from supervision.errors import ActorDown
from supervision.reply import ReplyCell

# Specs


@pytest.mark.parametrize(
    "options",
    [
        {"id": ""},
        {"id": "a/b"},
        {"shutdown": -1.0},
        {"shutdown": float("nan")},
        {"start_timeout": -0.1},
    ],
)
def test_child_spec_that_cannot_work_is_refused(child: Any, options: dict[str, Any]) -> None:
    name = options.pop("id", "a")
    with pytest.raises(SpecError):
        child(name, **options)


@pytest.mark.parametrize("shutdown", [0.0, 5.0, BRUTAL_KILL, INFINITY])
def test_shutdown_may_be_a_time_a_kill_or_infinity(child: Any, shutdown: Any) -> None:
    assert child("a", shutdown=shutdown).shutdown == shutdown


@pytest.mark.parametrize(
    "flags",
    [
        {"intensity": -1},
        {"period": 0.0},
        {"period": INFINITY},
        {"shutdown": -1.0},
        {"start_timeout": -1.0},
        {"id": "a/b"},
    ],
)
@pytest.mark.parametrize("dynamic", [False, True])
def test_supervisor_flags_that_cannot_work_are_refused(
    child: Any,
    flags: dict[str, Any],
    dynamic: bool,  # noqa: FBT001 -- a column of the table
) -> None:
    options = {"id": "s", **flags, **({"child": child("kind")} if dynamic else {})}
    kind = DynamicSpec if dynamic else SupervisorSpec
    with pytest.raises(SpecError):
        kind(**options)


def test_duplicate_ids_are_refused(child: Any) -> None:
    with pytest.raises(SpecError, match="duplicate"):
        SupervisorSpec(id="s", children=(child("a"), child("a")))


def test_permanent_child_cannot_be_significant(child: Any) -> None:
    with pytest.raises(SpecError, match="permanent"):
        SupervisorSpec(
            id="s",
            children=(child("a", significant=True),),
            auto_shutdown=AutoShutdown.ANY_SIGNIFICANT,
        )


def test_significant_child_needs_auto_shutdown(child: Any) -> None:
    significant = child("a", significant=True, restart=Restart.TRANSIENT)
    with pytest.raises(SpecError, match="auto_shutdown"):
        SupervisorSpec(id="s", children=(significant,))
    with pytest.raises(SpecError, match="auto_shutdown"):
        DynamicSpec(id="s", child=significant)


def test_dynamic_supervisor_needs_room_for_a_child(child: Any) -> None:
    with pytest.raises(SpecError, match="max_children"):
        DynamicSpec(id="s", child=child("kind"), max_children=0)


def test_mailbox_limit_must_admit_something() -> None:
    with pytest.raises(SpecError, match="limit"):
        MailboxPolicy(limit=0)


@pytest.mark.parametrize(
    "figures",
    [
        {"threshold": -1.0},
        {"initial": 0.0},
        {"initial": 31.0},
        {"maximum": INFINITY},
        {"factor": 0.5},
        {"half_life": 0.0},
        {"jitter": 1.5},
    ],
)
def test_backoff_figures_out_of_range_are_refused(figures: dict[str, float]) -> None:
    with pytest.raises(SpecError):
        Backoff(**figures)


def test_arguments_are_none_by_default() -> None:
    assert dict(ChildSpec(id="a", actor=Actor).arguments) == {}


# Clocks


def test_virtual_clock_stands_still_until_it_is_advanced() -> None:
    clock = VirtualClock(start=10.0, unix=1000.0)
    assert (clock.monotonic(), clock.time()) == (10.0, 1000.0)
    clock.advance(2.5)
    assert (clock.monotonic(), clock.time()) == (12.5, 1002.5)


def test_virtual_timers_fire_in_order_each_at_its_own_time() -> None:
    clock = VirtualClock(start=0.0)
    fired: list[tuple[str, float]] = []
    for name, delay in (("late", 3.0), ("first", 1.0), ("second", 1.0), ("never", 9.0)):
        clock.call_later(delay, lambda name=name: fired.append((name, clock.monotonic())))  # type: ignore[misc]  # a default binds the name early
    assert clock.next_due() == 1.0
    clock.advance(5.0)
    assert fired == [("first", 1.0), ("second", 1.0), ("late", 3.0)]


def test_timer_set_by_a_timer_fires_in_the_same_advance() -> None:
    clock = VirtualClock(start=0.0)
    fired: list[float] = []

    def set_another() -> None:
        clock.call_later(1.0, lambda: fired.append(clock.monotonic()))

    clock.call_later(1.0, set_another)
    clock.advance(2.0)
    assert fired == [2.0]


def test_cancelled_timer_does_not_fire() -> None:
    clock = VirtualClock()
    timer = clock.call_later(1.0, pytest.fail)
    timer.cancel()
    assert clock.next_due() == INFINITY
    clock.advance(2.0)


def test_system_timers_fire_in_order_from_one_thread() -> None:
    clock = SystemClock()
    fired: list[tuple[str, str]] = []
    done = threading.Event()

    def note(name: str) -> None:
        fired.append((name, threading.current_thread().name))

    clock.call_later(60.0, lambda: note("never"))
    clock.call_later(0.005, done.set)
    clock.call_later(0.004, lambda: note("last"))
    clock.call_later(0.002, lambda: note("cancelled")).cancel()
    clock.call_later(0.0, lambda: note("first"))
    assert done.wait(5.0)
    assert fired == [("first", "supervision-timers"), ("last", "supervision-timers")]
    clock.close()
    clock.close()


def test_system_clock_that_waits_for_nothing_closes() -> None:
    clock = SystemClock()
    done = threading.Event()
    clock.call_later(0.0, done.set)
    assert done.wait(5.0)
    clock.close()
    clock.call_later(0.0, pytest.fail)
    assert clock.time() > 1e9


def test_system_clock_may_be_closed_by_its_own_timer() -> None:
    clock = SystemClock()
    done = threading.Event()

    def close() -> None:
        clock.close()
        done.set()

    clock.call_later(0.0, close)
    assert done.wait(5.0)


def test_clock_without_timers_closes_without_a_thread() -> None:
    SystemClock().close()


# Heirs


def test_heir_takes_commits_of_the_current_incarnation_only() -> None:
    heir: Heir[str] = Heir("root/a")
    with pytest.raises(StaleIncarnation):
        heir.commit(0, "nobody")
    heir.entrust(1)
    heir.commit(1, "first")
    heir.entrust(2)
    with pytest.raises(StaleIncarnation, match="incarnation 1 of root/a"):
        heir.commit(1, "stale")
    assert heir.state == "first"
    heir.revoke(1)
    heir.commit(2, "second")
    heir.revoke(2)
    with pytest.raises(StaleIncarnation):
        heir.commit(2, "fenced")
    assert heir.state == "second"


def test_erased_heir_is_empty() -> None:
    heir: Heir[str] = Heir("root/a")
    assert not heir.erase()
    heir.entrust(1)
    heir.commit(1, "x")
    assert heir.erase()
    assert heir.state is None


# Replies


def test_first_outcome_of_a_question_wins() -> None:
    reply = ReplyCell()
    reply.answer(None)
    reply.answer("later")
    reply.fail(ValueError())
    assert reply.wait("a", 0.0) is None
    assert reply.wait("a", 0.0) is None


def test_question_without_outcome_times_out() -> None:
    with pytest.raises(AskTimeout, match="a did not answer within 0 s"):
        ReplyCell().wait("a", 0.0)


def test_failed_question_raises() -> None:
    reply = ReplyCell()
    reply.fail(KeyError("x"))
    with pytest.raises(KeyError):
        reply.wait("a", INFINITY)


# What people read


def test_exits_read_as_in_otp() -> None:
    assert [str(one) for one in (Normal(), Shutdown(), Shutdown(detail="x"), Abandoned())] == [
        "normal",
        "shutdown",
        "shutdown: x",
        "abandoned",
    ]
    assert str(Crash(error=ValueError("x"))) == "ValueError: x"


def test_errors_say_who_and_what() -> None:
    assert str(ActorDown("root/a")) == "root/a is down"
    assert str(ActorDown("root/a", Normal())) == "root/a is down: Normal()"
    assert str(ChildStartFailed("a", OSError("no disk"))) == "a did not start: OSError: no disk"
