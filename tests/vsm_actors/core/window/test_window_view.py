from contextlib import nullcontext

import numpy as np
import pytest

from vsm_actors.core.batch import batch_of
from vsm_actors.core.collector.reduce import Pending, reduced
from vsm_actors.core.families import family
from vsm_actors.core.series import Limits, SeriesTable
from vsm_actors.core.series.directory import EMPTY, directory_of, grown
from vsm_actors.core.window.sketch import quantile
from vsm_actors.core.window.window_view import WindowView


@pytest.fixture
def table() -> SeriesTable:
    return SeriesTable(Limits(), nullcontext())


def view_of(table: SeriesTable, points: list[tuple[int, float]]) -> WindowView:
    series, values = [one for one, _ in points], [value for _, value in points]
    batch = batch_of("http", series, values, time=5.0, arrival=1.0)
    return WindowView(reduced([Pending(batch=batch, ordinal=0)], directory_of(table)).window, table)


def operations(table: SeriesTable, unit: str) -> int:
    return table.intern(family("vsm_operations_total"), ("acme", "1", unit, "stamp", "ok"))


def test_rows_hold_the_figures_of_touched_series_in_the_order_of_ids(table: SeriesTable) -> None:
    first, second, idle = (operations(table, unit) for unit in ("a", "b", "c"))
    view = view_of(table, [(second, 1.0), (first, 2.0), (first, 5.0)])
    rows = view.rows("vsm_operations_total")
    assert [row.series.id for row in rows] == [first, second]
    assert idle not in [row.series.id for row in rows]
    assert rows[0].series.label("unit") == "a"
    figures = rows[0]
    assert (figures.count, figures.sum, figures.min, figures.max) == (2.0, 7.0, 2.0, 5.0)
    assert (figures.last, figures.time) == (5.0, 5.0)
    assert view.rows("vsm_operations_total") is rows


def test_readings_are_never_in_a_view(table: SeriesTable) -> None:
    reading = table.intern(family("vsm_operation_rate"), ("acme", "a"))
    lag = table.intern(family("vsm_coordination_lag_seconds"), ("acme", "1/a", "1/b"))
    view = view_of(table, [(reading, 3.0), (lag, 0.5)])
    assert view.rows("vsm_operation_rate") == ()
    assert len(view.sketch(lag).index) == 0


def test_a_family_that_nobody_interned_has_no_rows(table: SeriesTable) -> None:
    view = view_of(table, [(operations(table, "a"), 1.0)])
    assert view.rows("vsm_actuality") == ()


def test_the_daemons_own_path_is_in_the_view(table: SeriesTable) -> None:
    own = table.intern(family("vsm_operations_total"), ("vsm-run", "1", "x", "tick", "ok"))
    assert len(view_of(table, [(own, 1.0)]).rows("vsm_operations_total")) == 1


def test_the_sketch_of_a_touched_series_is_its_own(table: SeriesTable) -> None:
    labels = [("acme", "1", unit) for unit in "ab"]
    one, other = (table.intern(family("vsm_response_time_seconds"), of) for of in labels)
    idle = table.intern(family("vsm_response_time_seconds"), ("acme", "1", "c"))
    view = view_of(table, [(one, 0.1), (other, 3.0), (other, 3.0), (one, 0.1)])
    assert quantile(view.sketch(other), 0.5) == pytest.approx(3.0, rel=0.01)
    assert view.sketch(one).count.tolist() == [2.0]
    assert len(view.sketch(idle).index) == 0
    assert len(view.sketch(one + 10_000).index) == 0


def test_a_window_says_when_it_was(table: SeriesTable) -> None:
    view = view_of(table, [(operations(table, "a"), 1.0)])
    assert (view.start, view.end) == (np.inf, -np.inf)


def test_a_directory_grows_by_what_is_new(table: SeriesTable) -> None:
    operations(table, "a")
    before = directory_of(table)
    assert directory_of(table) is before
    table.intern(family("vsm_response_time_seconds"), ("acme", "1", "a"))
    table.intern(family("vsm_response_time_seconds"), ("acme", "1", "b"))
    after = directory_of(table)
    assert (len(before), len(after)) == (1, 3)
    assert after.ladder.tolist() == [-1, 0, 0]
    whole = grown(EMPTY, table)
    assert whole.names == after.names
    assert whole.kind.tolist() == after.kind.tolist()
