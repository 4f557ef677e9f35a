"""What the looks at the tree write into the ledger."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from vsm_actors.core.families import FAMILIES, Kind
from vsm_actors.intake.own.books import Entry, entries
from vsm_actors.intake.own.look import EMPTY, Look, Standing

ACTOR = Standing(
    path="root/a",
    id="a",
    worker=True,
    state="running",
    incarnation=2,
    restarts=1,
    depth=3,
    load=30,
    refused=4,
    dead_letters=5,
    handled=100,
    busy=1.5,
    abandoned=1,
)


def _look(*actors: Standing, overflows: dict[str, int] | None = None) -> Look:
    return Look(
        time=1.0,
        monotonic=1.0,
        actors={one.path: one for one in actors},
        overflows=overflows or {},
    )


def _figures(lines: tuple[Entry, ...]) -> dict[str, float]:
    return {line.family: line.value for line in lines}


def test_first_look_writes_the_totals_so_far() -> None:
    assert _figures(entries(EMPTY, _look(ACTOR))) == {
        "vsm_run_mailbox_depth": 3.0,
        "vsm_run_mailbox_load": 30.0,
        "vsm_run_mailbox_refused_total": 4.0,
        "vsm_run_messages_handled_total": 100.0,
        "vsm_run_busy_seconds_total": 1.5,
        "vsm_run_actor_restarts_total": 1.0,
        "vsm_run_dead_letters_total": 5.0,
        "vsm_run_abandoned_threads_total": 1.0,
    }


def test_later_looks_write_what_counters_grew() -> None:
    grown = replace(ACTOR, handled=110, depth=0, busy=1.75)
    figures = _figures(entries(_look(ACTOR), _look(grown)))
    assert figures["vsm_run_messages_handled_total"] == 10.0
    assert figures["vsm_run_busy_seconds_total"] == 0.25
    assert figures["vsm_run_mailbox_depth"] == 0.0
    assert "vsm_run_actor_restarts_total" not in figures


def test_actor_made_anew_has_grown_from_zero() -> None:
    anew = replace(ACTOR, incarnation=1, restarts=0, handled=6, busy=0.0, abandoned=0)
    figures = _figures(entries(_look(ACTOR), _look(anew)))
    assert figures["vsm_run_messages_handled_total"] == 6.0


def test_figures_that_seem_to_fall_are_settled() -> None:
    before = _look(ACTOR)
    fallen = _look(replace(ACTOR, busy=1.4, handled=101)).settle(before)
    assert fallen.actors["root/a"].busy == 1.5
    assert fallen.actors["root/a"].handled == 101
    assert before.settle(None) is before


def test_series_that_a_cap_refused_are_counted_by_cap() -> None:
    before, now = _look(overflows={"label": 2}), _look(overflows={"label": 5, "metric": 1})
    assert [(line.family, line.value, line.labels) for line in entries(before, now)] == [
        ("vsm_run_series_overflow_total", 3.0, {"cap": "label"}),
        ("vsm_run_series_overflow_total", 1.0, {"cap": "metric"}),
    ]


def test_lines_fit_their_families() -> None:
    for line in entries(EMPTY, _look(ACTOR, overflows={"label": 1})):
        family = FAMILIES[line.family]
        assert tuple(line.labels) == family.labels
        assert line.counter == (family.kind is Kind.COUNTER)


@given(st.lists(st.integers(0, 50), max_size=20))
def test_what_is_written_adds_up_to_the_highest_total_seen(totals: list[int]) -> None:
    booked, written = EMPTY, 0.0
    for total in totals:
        look = _look(replace(ACTOR, handled=total)).settle(booked)
        written += _figures(entries(booked, look)).get("vsm_run_messages_handled_total", 0.0)
        booked = look
    assert written == max(totals, default=0)
