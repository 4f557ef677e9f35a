from dataclasses import replace

import numpy as np
import pytest

from vsm_actors.core.batch import batch_of
from vsm_actors.core.collector.reduce import Pending, reduced
from vsm_actors.core.series.directory import EMPTY
from vsm_actors.core.window import Window
from vsm_actors.core.window.merge import merge_all
from vsm_actors.core.window.packing import packed
from vsm_actors.core.window.retention import COARSE, FINE, Retained, retained

PLENTY = 1 << 30


def window(second: int) -> Window:
    batch = batch_of("http", [0, 1], [1.0, float(second)], time=float(second), arrival=0.0)
    directory = replace(EMPTY, kind=np.zeros(2, dtype=np.int8))
    made = reduced([Pending(batch=batch, ordinal=second)], directory).window
    return replace(made, start=float(second), end=second + 1.0, duration=1.0)


def after(seconds: int, limit: int = PLENTY) -> Retained:
    state = Retained()
    for second in range(seconds):
        state = retained(state, window(second), limit)
    return state


@pytest.mark.parametrize("seconds", [0, 1, 15, 16, 30, 31, 299, 300, 301, 315, 700])
def test_the_newest_five_minutes_are_kept_without_a_gap(seconds: int) -> None:
    state = after(seconds)
    durations = [one.duration for one in state.windows]
    assert min(seconds, 300) <= sum(durations) <= 315
    assert len(state.fine) == min(seconds, FINE)
    assert len(state.coarse) <= COARSE
    for one, following in zip(state.windows, state.windows[1:], strict=False):
        assert one.end == following.start
    if seconds:
        assert state.windows[-1].end == seconds
        assert merge_all(state.windows).sum[0] == sum(durations)
    assert state.discarded == 0
    assert state.bytes >= 1024 * len(state.windows)


def test_windows_are_dropped_oldest_first_when_they_take_too_much() -> None:
    size = packed(window(0)).bytes
    state = after(400, limit=10 * size)
    assert state.bytes <= 10 * size
    assert state.windows[-1].end == 400
    assert [one.end for one in state.windows] == [391.0 + place for place in range(10)]
    assert (len(state.merging), len(state.coarse)) == (0, 0)
    assert state.discarded == 390


def test_the_open_merge_goes_before_a_fine_window_and_after_a_coarse_one() -> None:
    size = packed(window(0)).bytes
    state = after(FINE + 20, limit=(FINE + 1) * size)
    assert len(state.fine) == FINE
    assert len(state.merging) == 1
    assert state.merged == 5
    assert len(state.coarse) == 0


def test_what_is_merging_is_dropped_before_what_is_newer() -> None:
    size = packed(window(0)).bytes
    state = after(FINE + 3, limit=FINE * size)
    assert [one.end for one in state.windows] == [4.0 + place for place in range(FINE)]
    assert (state.merged, state.discarded) == (0, 3)


def test_the_newest_window_stays_however_big_it_is() -> None:
    state = after(3, limit=1)
    assert [one.end for one in state.windows] == [3.0]
