from collections.abc import Callable
from typing import Any

from vsm_actors.core.viability.recursion import WINDOWS, Structure, structure

Viewed = Callable[..., Any]
Point = tuple[str, tuple[str, ...], float]


def said(path: str, system: str, unit: str = "") -> Point:
    return "vsm_events_total", (path, system, unit, "some.event"), 1.0


def all_five(path: str) -> list[Point]:
    return [said(path, system) for system in "12345"]


def empty() -> Structure:
    return structure(WINDOWS, 100)


def test_a_path_whose_five_systems_report_has_a_depth_of_one(viewed: Viewed) -> None:
    found = empty().observe(viewed(*all_five("acme"), end=1.0)).depths()
    assert found == {"acme": 1}


def test_a_path_with_a_silent_system_has_none(viewed: Viewed) -> None:
    found = empty().observe(viewed(*all_five("acme")[1:], end=1.0)).depths()
    assert found == {"acme": 0}


def test_depth_is_one_more_than_the_deepest_child(viewed: Viewed) -> None:
    view = viewed(
        *all_five("acme"),
        *all_five("acme/a"),
        *all_five("acme/a/x"),
        *all_five("acme/b"),
        said("acme/c", "1"),
        end=1.0,
    )
    assert empty().observe(view).depths() == {
        "acme": 3,
        "acme/a": 2,
        "acme/a/x": 1,
        "acme/b": 1,
        "acme/c": 0,
    }


def test_a_child_does_not_count_for_a_parent_that_does_not_report_itself(viewed: Viewed) -> None:
    view = viewed(*all_five("acme/a"), said("acme", "1"), end=1.0)
    assert empty().observe(view).depths()["acme"] == 0


def test_a_message_is_a_report_of_who_sent_it_or_says_that_it_came(viewed: Viewed) -> None:
    def message(source: str, target: str, result: str) -> Point:
        return "vsm_messages_total", ("acme", source, target, "phone", result), 1.0

    view = viewed(
        message("1/press", "2", "sent"),
        message("env", "4", "received"),
        message("env", "3", "sent"),
        end=1.0,
    )
    assert set(empty().observe(view).reports.cells) == {("acme", 1), ("acme", 4)}


def test_each_system_is_silent_after_its_own_window(viewed: Viewed) -> None:
    known = empty().observe(viewed(*all_five("acme"), end=0.0))
    assert known.advance(300.0) is known
    assert set(known.advance(301.0).reports.cells) == {("acme", n) for n in (2, 3, 4, 5)}
    assert set(known.advance(86_401.0).reports.cells) == {("acme", 4), ("acme", 5)}
    assert known.advance(86_401.0).paths() == {"acme"}


def test_units_are_those_that_system_1_names_and_the_child_paths(viewed: Viewed) -> None:
    view = viewed(
        said("acme", "1", "press"),
        said("acme", "4", "lab"),
        said("acme/plant/line", "2"),
        said("acme", "x", "other"),
        end=0.0,
    )
    known = empty().observe(view)
    assert known.unit_counts() == {"acme": 1, "acme/plant": 1}
    assert known.advance(86_401.0).unit_counts() == {}


def test_a_report_is_noted_again_only_after_ten_seconds(viewed: Viewed) -> None:
    known = empty().observe(viewed(said("acme", "1", "press"), end=0.0))
    assert known.observe(viewed(said("acme", "1", "press"), end=9.0)) == known
    later = known.observe(viewed(said("acme", "1", "press"), end=10.0))
    assert later.reports.get(("acme", 1)) == 10.0
    assert later.units.get(("acme", "press")) == 10.0
