import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsm_actors.demo import Tempo

TEMPO = Tempo(speed=20.0, start=100.0)


def test_the_first_second_is_due_at_once() -> None:
    tempo, seconds = TEMPO.advance(100.0)
    assert list(seconds) == [0]
    assert tempo.due == pytest.approx(100.05)


def test_nothing_is_due_before_its_time() -> None:
    tempo, _ = TEMPO.advance(100.0)
    assert tempo.advance(100.04) == (tempo, range(0))


def test_all_that_fell_due_is_due_together() -> None:
    _, seconds = TEMPO.advance(100.11)
    assert list(seconds) == [0, 1, 2]


def test_a_pause_of_the_machine_is_followed_by_no_burst() -> None:
    tempo, seconds = TEMPO.advance(160.0)
    assert list(seconds) == [0]
    assert tempo.paused == 60.0
    assert tempo.due == pytest.approx(160.05)


@given(
    st.floats(0.01, 100.0),
    st.lists(st.floats(0.0, 3.0), max_size=20),
)
def test_every_second_is_due_once_and_in_order(speed: float, steps: list[float]) -> None:
    tempo, now = Tempo(speed=speed, start=0.0), 0.0
    lived: list[int] = []
    for step in steps:
        now += step
        tempo, seconds = tempo.advance(now)
        lived += seconds
    assert lived == list(range(tempo.following))
    assert tempo.following <= now * speed + 1
