import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon

from vsm_actors.core.statistics.divergence import jensen_shannon

WEIGHTS = st.lists(st.floats(0.0, 1e6), min_size=4, max_size=4).filter(lambda one: sum(one) > 1e-3)


def test_disjoint_distributions_are_one_bit_apart() -> None:
    assert jensen_shannon({"a": 1.0}, {"b": 3.0}) == 1.0


def test_half_overlap_is_as_computed_by_hand() -> None:
    """H(3/4, 1/4) - (1 + 0) / 2 = 0.811278 - 0.5."""
    assert jensen_shannon({"a": 1.0, "b": 1.0}, {"a": 1.0}) == pytest.approx(0.3112781245)


@given(WEIGHTS, WEIGHTS)
def test_it_agrees_with_scipy(one: list[float], other: list[float]) -> None:
    found = jensen_shannon(
        dict(zip("abcd", one, strict=True)), dict(zip("abcd", other, strict=True))
    )
    with np.errstate(all="ignore"):
        expected = float(jensenshannon(one, other, base=2)) ** 2
    assert found == pytest.approx(np.nan_to_num(expected), abs=1e-9)
    assert 0.0 <= found <= 1.0
