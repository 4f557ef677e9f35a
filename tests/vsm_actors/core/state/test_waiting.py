from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from vsm_actors.core.state.waiting import Waiting

Actions = st.lists(
    st.tuples(st.sampled_from(["put", "take", "due"]), st.integers(0, 5), st.floats(0, 30)),
    max_size=60,
)


def _empty(limit: int = 100) -> Waiting[Any, Any]:
    return Waiting(limit=limit)


def test_what_waits_is_due_at_its_deadline_and_not_before() -> None:
    waiting = _empty().put("a", 1, 10.0)

    assert waiting.due(9.9) == ((), waiting)
    found, rest = waiting.due(10.0)
    assert found == (("a", 1),)
    assert len(rest) == 0


def test_what_was_taken_is_never_due() -> None:
    waiting = _empty().put("a", 1, 10.0).take("a")

    assert waiting.due(100.0)[0] == ()
    assert "a" not in waiting
    assert waiting.get("a") is None


def test_what_was_put_off_is_due_at_its_new_deadline() -> None:
    waiting = _empty().put("a", 1, 10.0).put("a", 2, 20.0)
    found, rest = waiting.due(10.0)

    assert found == ()
    assert rest.get("a") == 2
    assert rest.due(20.0)[0] == (("a", 2),)


def test_a_value_can_change_without_changing_its_deadline() -> None:
    assert _empty().put("a", 1, 10.0).put("a", 2, 10.0).due(10.0)[0] == (("a", 2),)


def test_taking_what_does_not_wait_changes_nothing() -> None:
    waiting = _empty()

    assert waiting.take("a") is waiting


def test_earlier_deadlines_come_first() -> None:
    waiting = _empty().put("late", 1, 20.0).put("early", 2, 10.0)

    assert [key for key, _ in waiting.due(30.0)[0]] == ["early", "late"]


def test_past_its_bound_it_refuses_new_keys_and_counts_them() -> None:
    waiting = _empty(limit=1).put("a", 1, 10.0).put("b", 1, 10.0).put("a", 2, 11.0)

    assert waiting.refused == 1
    assert "b" not in waiting
    assert waiting.get("a") == 2


@given(Actions)
def test_it_behaves_as_a_dictionary_that_is_searched(actions: list[tuple[str, int, float]]) -> None:
    waiting = _empty()
    model: dict[int, float] = {}
    now = 0.0
    for action, key, number in actions:
        if action == "put":
            waiting = waiting.put(key, number, now + number)
            model[key] = now + number
        elif action == "take":
            waiting = waiting.take(key)
            model.pop(key, None)
        else:
            now += number
            found, waiting = waiting.due(now)
            assert all(model.pop(one) <= now for one, _ in found)
            assert all(deadline > now - 1 for deadline in model.values())
    assert len(waiting) == len(model)
