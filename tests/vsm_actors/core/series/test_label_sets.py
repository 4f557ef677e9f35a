"""One name with several label sets in the series table, and what is asked of it at its caps."""

import threading

import pytest

from vsm_actors.core.families import Family, Kind
from vsm_actors.core.naming import OVERFLOW
from vsm_actors.core.series import Limits, SeriesTable


def _table(**limits: int) -> SeriesTable:
    return SeriesTable(Limits(**limits), threading.Lock())


def _family(*labels: str) -> Family:
    return Family(name="vsm_custom_a_total", kind=Kind.COUNTER, help="A.", labels=labels)


def test_two_label_sets_of_one_name_are_two_series() -> None:
    table = _table()
    first = table.intern(_family("path", "x"), ("p", "1"))
    second = table.intern(_family("path", "y"), ("p", "1"))
    assert first != second
    assert table.intern(_family("path", "x"), ("p", "1")) == first
    assert [one.labels for one in table] == [("p", "1"), ("p", "1")]


def test_label_values_are_capped_by_the_label_wherever_it_stands() -> None:
    table = _table(label_values=1)
    table.intern(_family("path", "x"), ("p", "1"))
    other = table.intern(_family("x", "path"), ("2", "p"))
    assert table[other].labels == (OVERFLOW, "p")


def test_retirement_is_seen_and_gives_room() -> None:
    table = _table(series=1)
    first = table.intern(_family("path"), ("p",))
    assert (table.full, table.retired, table.is_alive(first)) == (True, 0, True)
    table.retire(first)
    table.retire(first)
    assert (table.full, table.retired, table.is_alive(first)) == (False, 1, False)


@pytest.mark.parametrize(
    ("limits", "cap"), [({"series": 1}, "series"), ({"metric_series": 1}, "metric"), ({}, "")]
)
def test_it_says_which_cap_a_new_series_would_meet(limits: dict[str, int], cap: str) -> None:
    table = _table(**limits)
    table.intern(_family("path"), ("p",))
    assert table.cap(_family("path")) == cap


def test_the_overflow_series_is_one_and_each_miss_is_counted() -> None:
    table = _table(metric_series=1)
    family = _family("path", "x")
    table.intern(family, ("p", "1"))
    over = table.overflow(family, "metric")
    assert table.overflow(family, "metric") == over == table.intern(family, ("p", "2"))
    assert table[over].labels == (OVERFLOW, OVERFLOW)
    assert table.overflows["metric"] == 3
