import pytest

from vsm_actors.core.state.bounded import Bounded, bounded


@pytest.fixture
def cells() -> Bounded[str, int]:
    """Return an empty map with room for one."""
    return bounded(1)


def test_a_key_past_the_limit_is_refused_and_counted(cells: Bounded[str, int]) -> None:
    cells = cells.put("a", 1).put("b", 2).put("c", 3)
    assert dict(cells.items()) == {"a": 1}
    assert (cells.refused, len(cells)) == (2, 1)


def test_a_known_key_changes_even_when_there_is_no_room(cells: Bounded[str, int]) -> None:
    assert cells.put("a", 1).put("a", 2).get("a") == 2


def test_what_is_taken_out_makes_room(cells: Bounded[str, int]) -> None:
    cells = cells.put("a", 1).without("a", "z").put("b", 2)
    assert "b" in cells
    assert "a" not in cells
    assert cells.get("a") is None


def test_taking_out_what_is_not_held_changes_nothing(cells: Bounded[str, int]) -> None:
    assert cells.without("z") is cells


def test_many_are_put_at_once_as_far_as_there_is_room(cells: Bounded[str, int]) -> None:
    cells = cells.put("a", 1).update({"a": 3, "b": 2})
    assert dict(cells.items()) == {"a": 3}
    assert cells.refused == 1
    assert cells.update({}) is cells
