import math

import numpy as np
import pytest
from ddsketch import DDSketch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from vsm_actors.core.window.cells import cells_of
from vsm_actors.core.window.sketch import (
    ACCURACY,
    CELLS,
    GAMMA,
    LARGEST,
    SMALLEST,
    index_of,
    outside,
    quantile,
    quantiles,
    value_of,
)
from vsm_actors.core.window.view import Sketch

TOLERANCE = ACCURACY * (1 + 1e-9)

magnitudes = st.floats(min_value=1e-11, max_value=1e15)
values = st.one_of(magnitudes, magnitudes.map(lambda one: -one), st.just(0.0))
levels = st.floats(min_value=0, max_value=1)


def array(found: list[float]) -> NDArray[np.float64]:
    return np.array(found, dtype=np.float64)


def sketch_of(found: list[float]) -> Sketch:
    index, count = np.unique(index_of(array(found)), return_counts=True)
    return Sketch(index=index, count=count.astype(np.float64))


@given(st.lists(values, min_size=1))
def test_a_representative_is_within_one_percent_of_every_value_of_its_cell(
    found: list[float],
) -> None:
    given_values = array(found)
    error = np.abs(value_of(index_of(given_values)) - given_values)
    assert np.all(error <= TOLERANCE * np.abs(given_values))


@given(st.lists(values, min_size=1), levels)
def test_a_quantile_is_within_one_percent_of_the_observation_of_its_rank(
    found: list[float], q: float
) -> None:
    exact = sorted(found)[math.floor(q * (len(found) - 1))]
    assert abs(quantile(sketch_of(found), q) - exact) <= TOLERANCE * abs(exact)


@given(st.lists(magnitudes, min_size=1), levels)
def test_a_quantile_agrees_with_the_reference_implementation(found: list[float], q: float) -> None:
    reference = DDSketch(ACCURACY)
    for value in found:
        reference.add(value)
    # Both are within 1% of the same observation.
    assert quantile(sketch_of(found), q) == pytest.approx(
        reference.get_quantile_value(q), rel=2.05 * ACCURACY
    )


@given(st.lists(values, min_size=2))
def test_ascending_values_have_ascending_cells(found: list[float]) -> None:
    assert np.all(np.diff(index_of(array(sorted(found)))) >= 0)


def test_zero_has_a_cell_of_its_own() -> None:
    assert index_of(array([0.0, -0.0])).tolist() == [0, 0]
    assert value_of(np.array([0])).tolist() == [0.0]


def test_what_the_range_does_not_cover_is_clamped_and_counted() -> None:
    beyond = array([1e-300, -1e-13, 1e300, -1e17])
    assert index_of(beyond).tolist() == [1, -1, CELLS, -CELLS]
    assert outside(beyond) == 4
    assert outside(array([0.0, SMALLEST, LARGEST, -1.0])) == 0


def test_the_bound_of_a_cell_belongs_to_it() -> None:
    bounds = SMALLEST * GAMMA ** np.arange(1, 200)
    assert np.all(np.abs(index_of(bounds.astype(np.float64)) - np.arange(1, 200)) <= 1)


def test_an_empty_sketch_has_no_quantile() -> None:
    assert math.isnan(quantile(sketch_of([]), 0.5))


def test_weights_count_as_that_many_observations() -> None:
    index = index_of(array([1.0, 100.0]))
    sketch = Sketch(index=index, count=array([99.0, 1.0]))
    assert quantile(sketch, 0.5) == pytest.approx(1.0, rel=TOLERANCE)
    assert quantile(sketch, 1.0) == pytest.approx(100.0, rel=TOLERANCE)


@given(st.lists(st.tuples(st.integers(0, 3), values), max_size=60))
def test_quantiles_of_all_series_are_those_of_each(points: list[tuple[int, float]]) -> None:
    ids = np.array([one for one, _ in points], dtype=np.int32)
    found = array([value for _, value in points])
    cells = cells_of(ids, index_of(found), np.ones(len(points)))
    series, columns = quantiles(cells, (0.0, 0.5, 0.95, 1.0))
    assert series.tolist() == sorted(set(ids.tolist()))
    for one, row in zip(series.tolist(), columns.tolist(), strict=True):
        own = sketch_of(found[ids == one].tolist())
        expected = [quantile(own, q) for q in (0.0, 0.5, 0.95, 1.0)]
        assert row == pytest.approx(expected, rel=1e-12)
