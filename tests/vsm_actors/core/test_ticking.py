from hypothesis import given
from hypothesis import strategies as st

from vsm_actors.core.ticking import PERIOD, WINDOW, Beating, answered, beat, due


@given(
    st.lists(
        st.tuples(st.floats(min_value=0.001, max_value=3.0), st.booleans()),
        max_size=40,
    )
)
def test_numbers_grow_nothing_bursts_and_every_second_that_passed_is_closed(
    steps: list[tuple[float, bool]],
) -> None:
    state, now, missed, sent = Beating(origin=100.0), 100.0, 0, list[int]()
    seconds = 0
    for passed, answers in steps:
        now += passed
        before = state
        state, tick, merged = beat(state, monotonic=now, now=now)
        missed += merged
        if tick is None:
            assert state == before
        else:
            sent.append(tick.number)
            assert tick.window == (tick.number // WINDOW > seconds)
            seconds = tick.number // WINDOW
            if answers:
                state = answered(state, tick.number)
        again, second, _ = beat(state, monotonic=now, now=now)
        assert (again, second) == (state, None)
    assert sent == sorted(set(sent))
    assert len(sent) + missed == state.number


@given(st.floats(min_value=0, max_value=1000))
def test_the_next_tick_is_due_within_a_period_and_is_then_there(passed: float) -> None:
    state = Beating(origin=5.0)
    now = 5.0 + passed
    state, tick, _ = beat(state, monotonic=now, now=now)
    if tick is not None:
        state = answered(state, tick.number)
    delay = due(state, now)
    assert 0 <= delay <= PERIOD * 1.00001
    after, tick, _ = beat(state, monotonic=now + delay, now=now)
    assert tick is not None
    assert after.number == state.number + 1


def test_an_answer_to_an_older_tick_changes_nothing() -> None:
    state, tick, _ = beat(Beating(origin=0.0), monotonic=1.0, now=1.0)
    assert tick is not None
    assert answered(state, tick.number - 1) is state
