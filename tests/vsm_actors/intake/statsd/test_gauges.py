"""Signed gauges: deltas in arrival order, and a state that a next incarnation restores."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vsm_actors.intake.statsd.gauges import NOTHING, Gauges, GaugeState, Update

points = st.lists(
    st.tuples(st.integers(0, 3), st.integers(-9, 9).map(float), st.booleans()), max_size=8
)


def _apply(gauges: Gauges, batch: list[tuple[int, float, bool]]) -> list[float]:
    series = np.array([one[0] for one in batch], dtype=np.int32)
    value = np.array([one[1] for one in batch], dtype=np.float64)
    signed = np.array([one[2] for one in batch], dtype=np.bool_)
    absolute = gauges.resolve(series, value, signed)
    gauges.apply(Update(series=series, value=absolute))
    return absolute.tolist()


@given(st.lists(points, max_size=80), st.integers(0, 80))
def test_it_counts_as_one_variable_a_series_would_across_a_crash(
    batches: list[list[tuple[int, float, bool]]], crash: int
) -> None:
    gauges, model = Gauges(), dict.fromkeys(range(4), 0.0)
    for number, batch in enumerate(batches):
        expected = []
        for series, value, signed in batch:
            model[series] = model[series] + value if signed else value
            expected.append(model[series])
        assert _apply(gauges, batch) == expected
        state = gauges.state()
        if number == crash:
            gauges = Gauges(state)
    assert [gauges.current(series) for series in range(4)] == list(model.values())


def test_a_state_stays_as_it_was_committed() -> None:
    gauges = Gauges()
    _apply(gauges, [(0, 1.0, False)])
    state = gauges.state()
    _apply(gauges, [(0, 5.0, True)])
    assert Gauges(state).current(0) == 1.0


def test_updates_are_folded_before_they_pile_up() -> None:
    gauges = Gauges()
    state = gauges.state()
    for n in range(1000):
        _apply(gauges, [(n % 7, float(n), False)])
        state = gauges.state()
        assert len(state.updates) < 64
    assert Gauges(state).current(999 % 7) == 999.0


def test_nothing_changes_nothing() -> None:
    gauges = Gauges(GaugeState(base=np.array([3.0])))
    gauges.apply(NOTHING)
    assert gauges.current(0) == 3.0
    assert gauges.current(9) == 0.0
