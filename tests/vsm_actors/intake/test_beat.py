"""The rhythm of looks, over windows that come when they come."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsm_actors.intake.beat import Beat
from vsm_actors.intake.errors import IntervalError


def _looks(beat: Beat, times: list[float]) -> list[float]:
    looks = []
    for now in times:
        if beat.is_due(now):
            looks.append(now)
            beat = beat.after(now)
    return looks


def test_first_window_is_looked_at_and_then_every_fifth() -> None:
    times = [float(second) for second in range(100, 116)]
    assert _looks(Beat(interval=5.0), times) == [100.0, 105.0, 110.0, 115.0]


def test_windows_that_jitter_do_not_shift_the_rhythm() -> None:
    times = [100.0 + n + (-1) ** n * 0.02 for n in range(21)]
    assert [round(now) for now in _looks(Beat(interval=5.0), times)] == [100, 105, 110, 115, 120]


def test_missed_windows_are_not_made_up_for() -> None:
    assert _looks(Beat(interval=5.0), [100.0, 130.0, 131.0, 132.0, 135.0]) == [100.0, 130.0, 135.0]


def test_interval_below_a_window_is_refused() -> None:
    with pytest.raises(IntervalError, match="at least the 1 s"):
        Beat(interval=0.5)


@given(
    interval=st.floats(min_value=1.0, max_value=60.0),
    steps=st.lists(st.floats(min_value=0.9, max_value=20.0), max_size=50),
)
def test_two_looks_are_never_closer_than_the_interval_less_the_slack(
    interval: float, steps: list[float]
) -> None:
    times = [0.0]
    for step in steps:
        times.append(times[-1] + step)
    looks = _looks(Beat(interval=interval), times)
    gaps = [later - earlier for earlier, later in pairwise(looks)]
    assert all(gap >= interval - 1.0 - 1e-9 for gap in gaps)  # half a window early and late
