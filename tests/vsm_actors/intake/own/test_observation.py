"""Two looks at the daemon, and what they say."""

from dataclasses import replace

import pytest

from vsm_actors.intake.facts import Fact, Teller
from vsm_actors.intake.own.directives import MOST, direct
from vsm_actors.intake.own.look import Look, Standing, Surroundings
from vsm_actors.intake.own.observation import Memory, observe

ACTOR = Standing(path="root/a", id="a", worker=True, state="running", incarnation=1)
ROOT = Standing(path="root", id="root", worker=False, state="running", incarnation=1)
BLANK = Surroundings()


def _look(monotonic: float, *actors: Standing) -> Look:
    return Look(
        time=1_700_000_000.0 + monotonic,
        monotonic=monotonic,
        actors={one.path: one for one in actors},
    )


def _between(before: Standing, now: Standing, seconds: float = 5.0) -> tuple[Fact, ...]:
    memory = observe(None, _look(10.0, ROOT, before), BLANK).memory
    return observe(memory, _look(10.0 + seconds, ROOT, now), BLANK).facts


def _named(facts: tuple[Fact, ...], name: str) -> list[tuple[dict[str, str], float]]:
    return [(dict(one.event.attributes), one.amount) for one in facts if one.event.name == name]


def _resource(facts: tuple[Fact, ...], name: str) -> dict[str, float]:
    return next(
        dict(fact.event.measurements)
        for fact in facts
        if fact.event.attributes.get("resource") == name
    )


def test_everything_is_said_under_the_daemons_own_path() -> None:
    facts = _between(ACTOR, replace(ACTOR, handled=1))
    assert {fact.event.path for fact in facts} == {"vsm-run"}


def test_messages_handled_are_operations_of_the_actor() -> None:
    facts = _between(replace(ACTOR, handled=10), replace(ACTOR, handled=50))
    assert _named(facts, "operation.completed") == [({"operation": "message", "outcome": "ok"}, 40)]
    assert {one.event.unit for one in facts if one.event.name == "operation.completed"} == {"a"}


def test_crash_is_an_error_with_the_name_of_its_exception() -> None:
    facts = _between(ACTOR, replace(ACTOR, crashes=3, lost=2, error="ValueError"))
    failed = {"outcome": "error", "error_type": "ValueError"}
    assert _named(facts, "operation.completed") == [
        ({"operation": "message", **failed}, 2),
        ({"operation": "start", **failed}, 1),
    ]


def test_crash_without_a_known_exception_is_unknown() -> None:
    facts = _between(ACTOR, replace(ACTOR, crashes=1, lost=1))
    assert _named(facts, "operation.completed")[0][0]["error_type"] == "unknown"


def test_busy_time_is_the_use_of_the_actors_thread() -> None:
    facts = _between(replace(ACTOR, busy=1.0), replace(ACTOR, busy=2.0, depth=7))
    assert _resource(facts, "thread") == {"used": 0.2, "capacity": 1.0, "queued": 7}


def test_thread_is_never_used_more_than_wholly() -> None:
    assert _resource(_between(ACTOR, replace(ACTOR, busy=5.1)), "thread")["used"] == 1.0


def test_mailbox_with_a_bound_is_a_resource() -> None:
    facts = _between(ACTOR, replace(ACTOR, load=5, limit=10))
    assert _resource(facts, "mailbox") == {"used": 5, "capacity": 10}
    unbound = _between(ACTOR, ACTOR)
    assert "mailbox" not in {fact.event.attributes.get("resource") for fact in unbound}


def test_mailbox_is_a_channel_with_what_came_was_handled_and_dropped() -> None:
    before = replace(ACTOR, handled=10, depth=2)
    now = replace(ACTOR, handled=15, depth=4, refused=3, dead_letters=2, lost=1, crashes=1)
    facts = _between(before, now)
    edge = {"from": "1", "to": "1/a", "channel": "mailbox"}
    assert _named(facts, "message.sent") == [(edge, 13)]
    assert _named(facts, "message.received") == [(edge, 5)]
    assert _named(facts, "message.dropped") == [(edge, 6)]


def test_figures_read_one_after_the_other_send_nothing_twice() -> None:
    first = observe(None, _look(10.0, replace(ACTOR, handled=10, depth=2)), BLANK)
    dip = observe(first.memory, _look(11.0, replace(ACTOR, handled=11, depth=0)), BLANK)
    back = observe(dip.memory, _look(12.0, replace(ACTOR, handled=12, depth=1)), BLANK)
    assert _named(dip.facts, "message.sent") == []
    assert [amount for _, amount in _named(back.facts, "message.sent")] == [1]


def test_actor_made_anew_starts_its_channel_again() -> None:
    old = replace(ACTOR, incarnation=5, restarts=4, handled=100)
    facts = _between(old, replace(ACTOR, handled=3))
    assert [amount for _, amount in _named(facts, "message.sent")] == [3]


def test_supervisors_are_no_operations() -> None:
    facts = _between(ACTOR, ACTOR)
    assert "root" not in {fact.event.unit for fact in facts if fact.event.name[:5] != "state"}
    states = {one.event.unit for one in facts if one.event.name == "state.observed"}
    assert states == {"root", "a"}


def test_process_is_measured_where_it_can_be() -> None:
    here = Surroundings(
        cores=2.0,
        cpu_seconds=3.0,
        memory=1_000.0,
        memory_free=600.0,
        resident=50.0,
        files=100.0,
        files_open=9.0,
        disk=80.0,
        disk_used=20.0,
        load=0.5,
    )
    first = observe(None, _look(10.0), here)
    facts = observe(first.memory, _look(15.0), replace(here, cpu_seconds=4.0)).facts
    assert _resource(facts, "cpu") == {"used": 0.2, "capacity": 2.0}
    assert _resource(facts, "memory") == {"used": 50.0, "capacity": 1_000.0}
    assert _resource(facts, "open_files") == {"used": 9.0, "capacity": 100.0}
    assert _resource(facts, "disk") == {"used": 20.0, "capacity": 80.0}
    scans = {
        fact.event.attributes["signal"]: fact.event.measurements["value"]
        for fact in facts
        if fact.event.name == "environment.scanned"
    }
    assert scans == {"memory.available": 600.0, "disk.free": 60.0, "load": 0.5}


def test_what_cannot_be_known_is_not_said() -> None:
    first = observe(None, _look(10.0), BLANK)
    assert first.facts == ()
    assert observe(first.memory, _look(15.0), BLANK).facts == ()


def test_looks_at_the_same_moment_say_no_changes_and_keep_orders() -> None:
    look = _look(10.0, ACTOR)
    memory = Memory(look=look, surroundings=BLANK, orders={"root/a": "root/a#1"})
    again = observe(memory, look, BLANK)
    assert again.memory.orders == {"root/a": "root/a#1"}
    assert {fact.event.name for fact in again.facts} == {"state.observed"}


TELL = Teller("vsm-run", 1.0)


def _told(
    before: Standing, now: Standing | None, still: dict[str, str] | None = None
) -> tuple[list[tuple[str, str]], dict[str, str]]:
    after = _look(15.0) if now is None else _look(15.0, now)
    told = direct(TELL, _look(10.0, before), after, still or {})
    said = [
        (fact.event.name.removeprefix("directive."), fact.event.attributes["id"])
        for fact in told.facts
    ]
    assert all(fact.event.attributes["unit"] == "a" for fact in told.facts)
    return said, dict(told.open)


def test_restart_is_a_directive_that_is_completed_when_the_actor_runs() -> None:
    said, still = _told(ACTOR, replace(ACTOR, incarnation=2, restarts=1))
    assert said == [("issued", "root/a#1"), ("completed", "root/a#1")]
    assert still == {}


def test_restart_under_way_stays_open_until_it_is_answered() -> None:
    trying = replace(ACTOR, incarnation=2, restarts=1, state="restarting")
    said, still = _told(ACTOR, trying)
    assert (said, still) == ([("issued", "root/a#1")], {"root/a": "root/a#1"})
    said, still = _told(trying, replace(trying, state="running"), still)
    assert (said, still) == ([("completed", "root/a#1")], {})


def test_actor_that_has_to_be_told_again_has_refused() -> None:
    said, _ = _told(ACTOR, replace(ACTOR, incarnation=3, restarts=2))
    assert said == [
        ("issued", "root/a#1"),
        ("issued", "root/a#2"),
        ("refused", "root/a#1"),
        ("completed", "root/a#2"),
    ]


@pytest.mark.parametrize("gone", [False, True])
def test_actor_that_stopped_for_good_has_refused(gone: bool) -> None:  # noqa: FBT001 - the case
    trying = replace(ACTOR, incarnation=2, restarts=1, state="restarting")
    after = None if gone else replace(trying, state="stopped")
    assert _told(trying, after, {"root/a": "root/a#1"}) == ([("refused", "root/a#1")], {})


def test_restarts_past_the_bound_are_left_to_the_counter() -> None:
    said, _ = _told(ACTOR, replace(ACTOR, incarnation=50, restarts=49))
    assert len([verb for verb, _ in said if verb == "issued"]) == MOST
    assert said[-1] == ("completed", "root/a#49")


def test_actor_that_did_nothing_new_was_told_nothing() -> None:
    assert _told(ACTOR, ACTOR) == ([], {})
