from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsm_actors.core.window import Cells
from vsm_actors.core.window.cells import cells_of
from vsm_actors.core.window.merge import NOTHING
from vsm_actors.core.window.packing import packed, packed_cells, size_of, unpacked, unpacked_cells
from vsm_actors.core.window.sketch import CELLS

counts = st.one_of(
    st.integers(1, 2**40).map(float),
    st.integers(1, 300).map(float),
    st.floats(min_value=0.5, max_value=9),
)
rows = st.lists(st.tuples(st.integers(0, 5), st.integers(-CELLS, CELLS), counts), max_size=20)


def cells(found: list[tuple[int, int, float]]) -> Cells:
    return cells_of(
        np.array([series for series, _, _ in found], dtype=np.int32),
        np.array([index for _, index, _ in found], dtype=np.int32),
        np.array([count for _, _, count in found], dtype=np.float64),
    )


def assert_same(a: Cells, b: Cells) -> None:
    for column in fields(Cells):
        one, other = getattr(a, column.name), getattr(b, column.name)
        assert one.dtype == other.dtype
        assert np.array_equal(one, other)


@given(rows)
def test_packing_loses_nothing(found: list[tuple[int, int, float]]) -> None:
    given_cells = cells(found)
    assert_same(unpacked_cells(packed_cells(given_cells)), given_cells)


@given(rows, rows)
def test_a_window_is_what_it_was_before(
    sketch: list[tuple[int, int, float]], buckets: list[tuple[int, int, float]]
) -> None:
    window = replace(NOTHING, start=1.0, sketch=cells(sketch), buckets=cells(buckets))
    again = unpacked(packed(window))
    assert_same(again.sketch, window.sketch)
    assert_same(again.buckets, window.buckets)
    assert again.start == 1.0
    assert again.series is window.series


@pytest.mark.parametrize(
    ("greatest", "kind"),
    [(255, "uint8"), (256, "uint16"), (65_536, "uint32"), (2**33, "float64"), (0.5, "float64")],
)
def test_counts_take_the_narrowest_type_that_holds_them(greatest: float, kind: str) -> None:
    assert packed_cells(cells([(0, 0, 1.0), (0, 1, greatest)])).count.dtype == kind


def test_a_busy_window_takes_a_quarter_of_the_bytes() -> None:
    busy = cells([(series, index, 3.0) for series in range(100) for index in range(80)])
    window = replace(NOTHING, sketch=busy)
    assert packed(window).bytes - 1024 < 0.25 * (size_of(window) - 1024)


def test_the_size_counts_every_column() -> None:
    assert size_of(NOTHING) == 1024
    assert size_of(replace(NOTHING, count=np.ones(3))) == 1024 + 24
    assert size_of(cells([(0, 1, 1.0)])) == 16
