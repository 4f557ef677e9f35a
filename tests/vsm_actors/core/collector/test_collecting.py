"""The collector's fold, driven as the actor drives it, against plain sums."""

import math
from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsm_actors.core.batch import Batch, Exemplar, batch_of
from vsm_actors.core.collector import collecting
from vsm_actors.core.collector.collecting import (
    BATCHES,
    PARTS,
    PERIOD,
    POINTS,
    accept,
    close_window,
    collected,
    full_frame,
    is_full,
    next_frame,
    reduce_pending,
    salvage,
)
from vsm_actors.core.collector.reduce import Pending, Reduction, reduced
from vsm_actors.core.collector.totals import IDLE, RENEWAL
from vsm_actors.core.errors import BrokenBatchError
from vsm_actors.core.families import Family, Kind, family
from vsm_actors.core.series import Limits, SeriesTable
from vsm_actors.core.series.directory import Directory, directory_of
from vsm_actors.core.window import Frame, Window
from vsm_actors.core.window.distinct import hashes_of

TABLE = SeriesTable(Limits(), nullcontext())
COUNTER = TABLE.intern(family("vsm_operations_total"), ("acme", "1", "a", "stamp", "ok"))
GAUGE = TABLE.intern(family("vsm_actuality"), ("acme", "1", "a", "index"))
HISTOGRAM = TABLE.intern(family("vsm_response_time_seconds"), ("acme", "1", "a"))
OTHER = TABLE.intern(family("vsm_response_time_seconds"), ("acme", "1", "b"))
READING = TABLE.intern(family("vsm_operation_rate"), ("acme", "a"))
SET = TABLE.intern(Family(name="users_distinct", kind=Kind.DISTINCT, help="Users."), ())
SECOND_SET = TABLE.intern(Family(name="hosts_distinct", kind=Kind.DISTINCT, help="Hosts."), ())
DIRECTORY = directory_of(TABLE)


def points(*found: tuple[int, float], time: float = 1.0, source: str = "http") -> Batch:
    series, values = [one for one, _ in found], [value for _, value in found]
    return batch_of(source, series, values, time=time, arrival=time)


def mentions(*found: tuple[int, bytes]) -> Batch:
    return Batch(
        source="statsd",
        series=np.empty(0, dtype=np.int32),
        value=np.empty(0),
        weight=np.empty(0),
        time=np.empty(0),
        arrival=1.0,
        members=np.array([series for series, _ in found], dtype=np.int32),
        hashes=hashes_of([member for _, member in found]),
    )


class Driven:
    """A collector without an actor."""

    def __init__(self) -> None:
        self.state = collected(0.0)
        self.now = 0.0

    def take(self, *batches: Batch) -> None:
        for batch in batches:
            self.state, _ = accept(self.state, batch, DIRECTORY)

    def tick(self, *, tokens: tuple[int, ...] = ()) -> Frame | None:
        self.state, _ = reduce_pending(self.state, DIRECTORY, self.now)
        self.state, frame = next_frame(
            self.state, DIRECTORY, end=1000 + self.now, now=self.now, tokens=tokens
        )
        return frame

    def second(self, passed: float = 1.0) -> tuple[Window, Frame | None, list[int]]:
        self.now += passed
        self.state, _ = reduce_pending(self.state, DIRECTORY, self.now)
        self.state, closed = close_window(self.state, DIRECTORY, end=1000 + self.now, now=self.now)
        return closed.window, self.tick(), closed.retired.tolist()

    def full(self) -> Frame:
        return full_frame(self.state, DIRECTORY, end=1000 + self.now, now=self.now)


@pytest.fixture
def driven() -> Driven:
    return Driven()


def shown(frame: Frame | None, column: str = "sum") -> dict[int, float]:
    assert frame is not None
    return dict(zip(frame.series.tolist(), getattr(frame, column).tolist(), strict=True))


def test_a_frame_shows_the_running_totals_of_what_was_touched(driven: Driven) -> None:
    driven.take(points((COUNTER, 2.0), (GAUGE, 7.0)))
    assert shown(driven.tick()) == {COUNTER: 2.0, GAUGE: 7.0}
    driven.take(points((COUNTER, 3.0)))
    frame = driven.tick()
    assert shown(frame) == {COUNTER: 5.0}
    assert shown(frame, "count") == {COUNTER: 2.0}
    assert shown(driven.full(), "last") == {COUNTER: 3.0, GAUGE: 7.0}


def test_nothing_touched_gives_no_frame_unless_a_token_asks(driven: Driven) -> None:
    assert driven.tick() is None
    frame = driven.tick(tokens=(4, 5))
    assert frame is not None
    assert (frame.tokens, len(frame.series)) == ((4, 5), 0)


def test_frames_are_numbered_and_a_full_one_says_up_to_where_it_heals(driven: Driven) -> None:
    driven.take(points((COUNTER, 1.0)))
    first = driven.tick()
    driven.take(points((COUNTER, 1.0)))
    second = driven.tick()
    assert first is not None
    assert second is not None
    assert (first.number, second.number) == (1, 2)
    full = driven.full()
    assert (full.number, full.full) == (2, True)


def test_the_arrival_of_a_frame_is_that_of_its_oldest_point(driven: Driven) -> None:
    driven.now = 9.0
    driven.take(points((COUNTER, 1.0), time=5.0), points((COUNTER, 1.0), time=3.0))
    frame, empty = driven.tick(), driven.tick(tokens=(1,))
    assert frame is not None
    assert empty is not None
    assert (frame.arrival, empty.arrival) == (3.0, 9.0)


def test_an_earlier_value_that_arrives_later_is_not_the_last(driven: Driven) -> None:
    driven.take(points((GAUGE, 1.0), time=5.0))
    driven.tick()
    driven.take(points((GAUGE, 2.0), time=4.0))
    assert shown(driven.tick(), "last") == {GAUGE: 1.0}
    driven.take(points((GAUGE, 3.0), time=5.0))
    assert shown(driven.tick(), "last") == {GAUGE: 3.0}


def test_windows_are_contiguous_and_hold_what_arrived_in_them(driven: Driven) -> None:
    driven.take(points((COUNTER, 2.0)))
    driven.tick()
    driven.take(points((COUNTER, 3.0)))
    window, _, _ = driven.second()
    assert (window.start, window.end, window.duration) == (1000.0, 1001.0, 1.0)
    assert window.sum.tolist() == [5.0]
    empty, frame, _ = driven.second(1.5)
    assert (empty.start, empty.end, empty.duration) == (1001.0, 1002.5, 1.5)
    assert len(empty.series) == 0
    assert frame is None


def test_all_occupied_buckets_of_a_touched_histogram_are_shown(driven: Driven) -> None:
    driven.take(points((HISTOGRAM, 0.005), (OTHER, 3.0), (HISTOGRAM, 99.0)))
    driven.tick()
    driven.take(points((HISTOGRAM, 0.006), (COUNTER, 1.0)))
    frame = driven.tick()
    assert frame is not None
    assert frame.buckets.series.tolist() == [HISTOGRAM] * 3
    assert frame.buckets.index.tolist() == [0, 1, 11]
    assert frame.buckets.count.tolist() == [1.0, 1.0, 1.0]
    assert set(driven.full().buckets.series.tolist()) == {HISTOGRAM, OTHER}


def test_a_set_is_estimated_per_complete_ten_seconds(driven: Driven) -> None:
    driven.take(mentions((SET, b"alice"), (SET, b"bob"), (SET, b"alice")))
    window, frame, _ = driven.second()
    assert window.members.series.tolist() == [SET, SET]
    assert len(window.series) == 0
    assert frame is None
    assert shown(driven.full()) == {}
    driven.take(mentions((SET, b"carol")))
    _, frame, _ = driven.second(PERIOD - 1)
    assert shown(frame, "last") == {SET: 3.0}
    assert shown(frame, "count") == {SET: 1.0}
    driven.take(mentions((SECOND_SET, b"web-1")))
    _, frame, _ = driven.second(PERIOD)
    assert shown(frame, "last") == {SET: 0.0, SECOND_SET: 1.0}
    driven.take(mentions((SECOND_SET, b"web-2")))
    assert driven.second(PERIOD)[1] is None
    assert shown(driven.full(), "last") == {SET: 0.0, SECOND_SET: 1.0}


def test_without_sets_a_period_ends_without_a_trace(driven: Driven) -> None:
    assert driven.second(PERIOD)[1] is None
    assert driven.state.period == PERIOD


def test_a_reading_that_is_not_renewed_for_three_ticks_disappears(driven: Driven) -> None:
    driven.take(points((READING, 4.0), (GAUGE, 1.0)))
    driven.second()
    driven.second(RENEWAL)
    assert shown(driven.full(), "last") == {READING: 4.0, GAUGE: 1.0}
    _, frame, retired = driven.second(0.1)
    assert frame is not None
    assert frame.gone.tolist() == [READING]
    assert retired == []
    assert shown(driven.full(), "last") == {GAUGE: 1.0}
    driven.take(points((READING, 5.0)))
    _, frame, _ = driven.second()
    assert shown(frame, "last") == {READING: 5.0}


def test_a_reading_hidden_while_no_frame_was_given_out_is_not_in_the_next(driven: Driven) -> None:
    driven.take(points((READING, 4.0), (COUNTER, 1.0)))
    driven.state, _ = reduce_pending(driven.state, DIRECTORY, 0.0)
    _, frame, _ = driven.second(RENEWAL + 1)
    assert frame is not None
    assert frame.gone.tolist() == [READING]
    assert shown(frame) == {COUNTER: 1.0}


def test_a_series_idle_for_an_hour_retires_and_starts_again_from_nothing(driven: Driven) -> None:
    driven.now = 1.0
    driven.take(points((COUNTER, 2.0), (HISTOGRAM, 1.0), (READING, 1.0)), mentions((SET, b"x")))
    driven.second()
    driven.second(IDLE)
    driven.take(points((GAUGE, 1.0)))
    _, frame, retired = driven.second(1.0)
    assert retired == [COUNTER, HISTOGRAM, READING, SET]
    assert frame is not None
    assert frame.gone.tolist() == [COUNTER, HISTOGRAM, SET]
    assert shown(driven.full()) == {GAUGE: 1.0}
    driven.take(points((COUNTER, 1.0), (HISTOGRAM, 9.0)))
    assert shown(driven.second()[1]) == {COUNTER: 1.0, HISTOGRAM: 9.0}
    assert driven.full().buckets.count.tolist() == [1.0]
    assert driven.second()[2] == []


def test_a_broken_batch_changes_nothing(driven: Driven) -> None:
    driven.take(points((COUNTER, 1.0)))
    before = driven.state
    with pytest.raises(BrokenBatchError):
        driven.take(points((99, 1.0)))
    assert driven.state is before


def test_points_that_are_not_finite_are_refused_alone(driven: Driven) -> None:
    batch = points((COUNTER, 1.0), (COUNTER, math.nan))
    driven.state, refused = accept(driven.state, batch, DIRECTORY)
    assert refused == 1
    state, refused = accept(driven.state, points((COUNTER, math.nan)), DIRECTORY)
    assert (state, refused) == (driven.state, 1)
    assert shown(driven.tick()) == {COUNTER: 1.0}


def test_a_batch_that_breaks_the_reduction_is_lost_alone(
    driven: Driven, monkeypatch: pytest.MonkeyPatch
) -> None:

    def breaks(pending: tuple[Pending, ...], directory: Directory) -> Reduction:
        if any(-1.0 in one.batch.value for one in pending):
            raise ArithmeticError
        return reduced(pending, directory)

    monkeypatch.setattr(collecting, "reduced", breaks)
    driven.take(points((COUNTER, 1.0)), points((COUNTER, -1.0)), points((COUNTER, 4.0)))
    with pytest.raises(ArithmeticError):
        driven.tick()
    driven.state, lost = salvage(driven.state, DIRECTORY, 0.0)
    assert lost == (("http", 1),)
    assert shown(driven.tick()) == {COUNTER: 5.0}


def test_what_waits_is_bounded(driven: Driven) -> None:
    assert not is_full(driven.state)
    assert is_full(replace(driven.state, points=POINTS))
    driven.take(*[points((COUNTER, 1.0))] * BATCHES)
    assert is_full(driven.state)


def test_parts_merge_early_when_no_tick_comes(driven: Driven) -> None:
    for _ in range(2 * PARTS * PARTS + 1):
        driven.take(points((COUNTER, 1.0)))
        driven.state, _ = reduce_pending(driven.state, DIRECTORY, 0.0)
        assert len(driven.state.parts) < PARTS
        assert len(driven.state.runs) < PARTS
    assert shown(driven.tick()) == {COUNTER: 2 * PARTS * PARTS + 1}
    assert driven.second()[0].sum.tolist() == [2 * PARTS * PARTS + 1]
    assert driven.state.runs == driven.state.parts == ()


def test_exemplars_ride_the_next_frame_and_the_window(driven: Driven) -> None:
    exemplar = Exemplar(series=HISTOGRAM, value=1.0, trace="a" * 32, span="b" * 16, time=1.0)
    driven.take(replace(points((HISTOGRAM, 1.0)), exemplars=(exemplar,)))
    first, second = driven.tick(), driven.tick(tokens=(1,))
    assert first is not None
    assert second is not None
    assert (first.exemplars, second.exemplars) == ((exemplar,), ())
    assert driven.second()[0].exemplars == (exemplar,)


@given(
    st.lists(
        st.one_of(
            st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9).map(float)), max_size=5),
            st.sampled_from(["tick", "second"]),
        ),
        max_size=30,
    )
)
def test_a_feed_that_applies_every_frame_holds_what_a_full_frame_says(
    steps: list[list[tuple[int, float]] | str],
) -> None:
    driven, held, sums, windows = Driven(), dict[int, float](), dict[int, float](), 0.0
    for step in [*steps, "second"]:
        frame = None
        if step == "tick":
            frame = driven.tick()
        elif step == "second":
            window, frame, _ = driven.second()
            windows += float(window.sum.sum())
        elif not isinstance(step, str):
            driven.take(points(*step))
            for series, value in step:
                sums[series] = sums.get(series, 0.0) + value
        if frame is not None:
            held |= shown(frame)
    assert held == shown(driven.full()) == sums
    assert windows == sum(sums.values())
