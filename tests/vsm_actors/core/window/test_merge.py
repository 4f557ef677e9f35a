"""The merge law, against plain Python as the model."""

import math
from contextlib import nullcontext
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsm_actors.core.batch import Batch, Exemplar
from vsm_actors.core.collector.reduce import Pending, rank_of, reduced
from vsm_actors.core.families import DEFAULT_BUCKETS, Family, Kind, family
from vsm_actors.core.series import Limits, SeriesTable
from vsm_actors.core.series.directory import directory_of
from vsm_actors.core.window import Cells, Members, Window
from vsm_actors.core.window.exemplars import KEPT
from vsm_actors.core.window.merge import NOTHING, merge, merge_all
from vsm_actors.core.window.sketch import index_of

EXACT = ("series", "count", "min", "max", "last", "time", "source", "ordinal")


def table_of() -> SeriesTable:
    table = SeriesTable(Limits(), nullcontext())
    table.intern(family("vsm_operations_total"), ("acme", "1", "a", "stamp", "ok"))
    table.intern(family("vsm_actuality"), ("acme", "1", "a", "index"))
    table.intern(family("vsm_response_time_seconds"), ("acme", "1", "a"))
    table.intern(family("vsm_message_lag_seconds"), ("acme", "1", "2", "mail"))
    other = Family(name="sizes", kind=Kind.HISTOGRAM, help="Other bounds.", buckets=(1.0, 3.0))
    table.intern(other, ())
    distinct = Family(name="users_distinct", kind=Kind.DISTINCT, help="Users.")
    table.intern(distinct, ())
    return table


TABLE = table_of()
DIRECTORY = directory_of(TABLE)
HISTOGRAM, SUMMARY, OTHER, SET = 2, 3, 4, 5

values = st.floats(min_value=-1e6, max_value=1e6) | st.sampled_from([0.0, *DEFAULT_BUCKETS])
points = st.tuples(
    st.integers(0, OTHER),
    values,
    st.sampled_from([1.0, 2.0, 10.0]),
    st.integers(0, 3).map(float),
)
exemplars = st.builds(
    Exemplar,
    series=st.integers(2, 3),
    value=values,
    trace=st.sampled_from(["a" * 32, "b" * 32]),
    span=st.just("c" * 16),
    time=st.integers(0, 3).map(float),
)


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    columns = draw(st.lists(points, max_size=12))
    members = draw(st.lists(st.integers(0, 5), max_size=5))
    return Batch(
        source=draw(st.sampled_from(["http", "statsd", "host"])),
        series=np.array([one[0] for one in columns], dtype=np.int32),
        value=np.array([one[1] for one in columns], dtype=np.float64),
        weight=np.array([one[2] for one in columns], dtype=np.float64),
        time=np.array([one[3] for one in columns], dtype=np.float64),
        arrival=0.0,
        members=np.full(len(members), SET, dtype=np.int32),
        hashes=np.array(members, dtype=np.uint64),
        exemplars=tuple(draw(st.lists(exemplars, max_size=2))),
    )


def pending_of(found: list[Batch]) -> list[Pending]:
    sent: dict[str, int] = {}
    out = []
    for batch in found:
        out.append(Pending(batch=batch, ordinal=sent.get(batch.source, 0)))
        sent[batch.source] = sent.get(batch.source, 0) + len(batch)
    return out


def window_of(*pending: Pending) -> Window:
    return reduced(pending, DIRECTORY).window


def assert_same(a: Window, b: Window, magnitude: np.ndarray) -> None:
    for name in EXACT:
        assert np.array_equal(getattr(a, name), getattr(b, name)), name
    assert np.all(np.abs(a.sum - b.sum) <= 1e-12 * magnitude)
    for name in ("sketch", "buckets"):
        for column in fields(Cells):
            one, other = (getattr(getattr(w, name), column.name) for w in (a, b))
            assert np.array_equal(one, other), (name, column.name)
    for column in fields(Members):
        one, other = (getattr(w.members, column.name) for w in (a, b))
        assert np.array_equal(one, other), column.name
    assert a.exemplars == b.exemplars
    assert (a.start, a.end) == (b.start, b.end)
    assert a.duration == pytest.approx(b.duration)


def magnitude_of(window: Window, found: list[Batch]) -> np.ndarray:
    total = np.zeros(OTHER + 1)
    for batch in found:
        np.add.at(total, batch.series, np.abs(batch.value * batch.weight))
    return total[window.series]


lists = st.lists(batches(), min_size=1, max_size=6)


@given(lists, st.integers(0, 6), st.integers(0, 6))
def test_merging_in_any_grouping_and_order_equals_reducing_everything_at_once(
    found: list[Batch], first: int, second: int
) -> None:
    pending = pending_of(found)
    whole = window_of(*pending)
    low, high = sorted((first, second))
    parts = [group for group in (pending[:low], pending[low:high], pending[high:]) if group]
    a, *rest = (window_of(*part) for part in parts)
    magnitude = magnitude_of(whole, found)
    forward = merge_all([a, *rest])
    assert_same(forward, whole, magnitude)
    assert_same(merge_all([*reversed(rest), a]), whole, magnitude)
    nested = a
    for one in rest:
        nested = merge(one, nested)
    assert_same(nested, whole, magnitude)


@given(lists)
def test_nothing_is_the_identity(found: list[Batch]) -> None:
    whole = replace(window_of(*pending_of(found)), start=1.0, end=2.0, duration=1.0)
    magnitude = magnitude_of(whole, found)
    assert_same(merge(whole, NOTHING), whole, magnitude)
    assert_same(merge(NOTHING, whole), whole, magnitude)
    assert merge_all([whole]) is whole
    assert merge_all([]) is NOTHING


@given(lists)
def test_reducing_agrees_with_a_loop_over_the_points(found: list[Batch]) -> None:
    window = window_of(*pending_of(found))
    rows: dict[int, list[tuple[float, int, int, float, float]]] = {}
    for one in pending_of(found):
        columns = (one.batch.series, one.batch.value, one.batch.weight, one.batch.time)
        listed = zip(*(column.tolist() for column in columns), strict=True)
        for place, (series, value, weight, time) in enumerate(listed):
            key = (time, rank_of(one.batch.source), one.ordinal + place, value, weight)
            rows.setdefault(series, []).append(key)
    assert window.series.tolist() == sorted(rows)
    for place, series in enumerate(window.series.tolist()):
        mine = rows[series]
        newest = max(mine)
        assert window.last[place] == newest[3]
        assert (window.time[place], window.source[place], window.ordinal[place]) == newest[:3]
        assert window.count[place] == sum(row[4] for row in mine)
        assert window.sum[place] == pytest.approx(sum(row[3] * row[4] for row in mine), abs=1e-5)
        assert window.min[place] == min(row[3] for row in mine)
        assert window.max[place] == max(row[3] for row in mine)


@given(lists)
def test_buckets_include_their_upper_bound_and_cover_everything(found: list[Batch]) -> None:
    buckets = window_of(*pending_of(found)).buckets
    for series, bounds in ((HISTOGRAM, DEFAULT_BUCKETS), (OTHER, (1.0, 3.0))):
        expected = [0.0] * (len(bounds) + 1)
        for batch in found:
            for one, value, weight in zip(batch.series, batch.value, batch.weight, strict=True):
                if one == series:
                    place = [value <= bound for bound in (*bounds, math.inf)].index(True)
                    expected[place] += weight
        own = buckets.series == series
        dense = np.zeros(len(expected))
        dense[buckets.index[own]] = buckets.count[own]
        assert dense.tolist() == expected


@given(lists)
def test_histograms_and_summaries_have_a_sketch_and_nothing_else_has(found: list[Batch]) -> None:
    sketch = window_of(*pending_of(found)).sketch
    expected: dict[tuple[int, int], float] = {}
    for batch in found:
        cells = index_of(batch.value).tolist()
        for series, cell, weight in zip(batch.series.tolist(), cells, batch.weight, strict=True):
            if series in (HISTOGRAM, SUMMARY, OTHER):
                expected[series, cell] = expected.get((series, cell), 0.0) + weight
    listed = zip(sketch.series.tolist(), sketch.index.tolist(), sketch.count, strict=True)
    assert {(series, index): count for series, index, count in listed} == expected
    assert list(zip(sketch.series, sketch.index, strict=True)) == sorted(expected)


def single(series: list[int], value: list[float], time: float = 1.0) -> Pending:
    count = len(series)
    batch = Batch(
        source="http",
        series=np.array(series, dtype=np.int32),
        value=np.array(value, dtype=np.float64),
        weight=np.ones(count),
        time=np.full(count, time),
        arrival=0.0,
    )
    return Pending(batch=batch, ordinal=0)


def test_observations_outside_the_sketch_are_counted() -> None:
    result = reduced([single([SUMMARY, SUMMARY, 0], [1e300, 1.0, 1e300])], DIRECTORY)
    assert result.outside == 1


def test_a_gauge_that_is_undefined_stays_so() -> None:
    window = window_of(single([1], [math.nan]))
    assert math.isnan(window.last[0])
    assert math.isnan(merge(window, NOTHING).last[0])


def test_ids_that_lie_far_apart_are_grouped_all_the_same() -> None:
    table = SeriesTable(Limits(), nullcontext())
    counter = Family(name="far_total", kind=Kind.COUNTER, help="Far.", labels=("n",))
    ids = [table.intern(counter, (str(number),)) for number in range(1000)]
    window = reduced([single([ids[-1], ids[0], ids[-1]], [1, 2, 3])], directory_of(table)).window
    assert window.series.tolist() == [ids[0], ids[-1]]
    assert window.sum.tolist() == [2.0, 4.0]


def test_a_window_keeps_the_newest_exemplars() -> None:
    made = [
        Exemplar(series=2, value=1.0, trace="a" * 32, span="b" * 16, time=float(time))
        for time in range(2 * KEPT)
    ]
    windows = [replace(NOTHING, exemplars=tuple(made[place::5])) for place in range(5)]
    kept = merge_all(windows).exemplars
    assert [one.time for one in kept] == [float(2 * KEPT - 1 - place) for place in range(KEPT)]


def test_merging_spans_both_windows_and_adds_their_durations() -> None:
    a = replace(NOTHING, start=1.0, end=2.0, duration=1.0)
    b = replace(NOTHING, start=2.0, end=3.5, duration=1.5)
    both = merge(b, a)
    assert (both.start, both.end, both.duration) == (1.0, 3.5, 2.5)
