import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from vsm_actors.core.collector.chunks import ROWS, Chunks

ids = st.lists(st.integers(0, 5 * ROWS), unique=True, max_size=8).map(sorted)


def column(found: list[int]) -> NDArray[np.int64]:
    return np.array(found, dtype=np.int64)


@given(st.lists(st.tuples(ids, st.floats(0, 9), st.booleans()), max_size=8), ids)
def test_a_table_of_chunks_behaves_like_a_dictionary(
    writes: list[tuple[list[int], float, bool]], asked: list[int]
) -> None:
    table, model = Chunks(2), dict[int, float]()
    for found, figure, clear in writes:
        if clear:
            table = table.clear(column(found))
            model = {one: value for one, value in model.items() if one not in found}
        else:
            table = table.put(column(found), np.full((len(found), 2), figure))
            model |= dict.fromkeys(found, figure)
    expected = [[model.get(one, 0.0)] * 2 for one in asked]
    assert table.take(column(asked)).tolist() == expected
    held = {
        first + place for first, rows in table.occupied() for place in np.flatnonzero(rows[:, 0])
    }
    assert held == {one for one, value in model.items() if value}


@given(ids, ids)
def test_an_older_version_never_changes(first: list[int], second: list[int]) -> None:
    old = Chunks(1).put(column(first), np.ones((len(first), 1)))
    old.put(column(second), np.full((len(second), 1), 2.0)).clear(column(first))
    assert old.take(column(first)).tolist() == [[1.0]] * len(first)


def test_nobody_can_write_into_a_chunk() -> None:
    ((_, rows),) = Chunks(1).put(column([3]), np.ones((1, 1))).occupied()
    with pytest.raises(ValueError, match="read-only"):
        rows[3] = 2.0


def test_a_new_version_shares_the_chunks_that_were_not_touched() -> None:
    old = Chunks(1).put(column([0, ROWS]), np.ones((2, 1)))
    new = old.put(column([1]), np.ones((1, 1)))
    assert new.chunks[1] is old.chunks[1]
    assert new.chunks[0] is not old.chunks[0]


def test_a_chunk_in_which_everything_was_cleared_is_let_go() -> None:
    table = Chunks(1).put(column([3, 4, ROWS]), np.ones((3, 1)))
    assert table.clear(column([3])).chunks[0] is not None
    assert table.clear(column([3, 4])).chunks[0] is None
    assert table.clear(column([9 * ROWS])).take(column([3])).tolist() == [[1.0]]
