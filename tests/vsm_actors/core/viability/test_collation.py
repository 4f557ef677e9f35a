from vsm_actors.core.viability.collation import Collation

BOTH = Collation(expected=frozenset({"a", "b"}))


def test_a_tick_is_complete_when_all_have_answered_it() -> None:
    open_ = BOTH.begin(1.0)
    assert not open_.is_complete
    assert not open_.hear("a", 1.0).is_complete
    assert open_.hear("a", 1.0).hear("b", 1.0).is_complete


def test_an_answer_to_another_tick_or_of_nobody_changes_nothing() -> None:
    open_ = BOTH.begin(2.0)
    assert open_.hear("a", 1.0) is open_
    assert open_.hear("z", 2.0) is open_


def test_a_tick_that_was_closed_is_not_complete() -> None:
    closed = BOTH.begin(1.0).close().hear("a", 1.0).hear("b", 1.0)
    assert not closed.is_complete
    assert not BOTH.is_open


def test_a_new_tick_waits_for_everybody_again() -> None:
    again = BOTH.begin(1.0).hear("a", 1.0).begin(2.0)
    assert again.missing == {"a", "b"}
