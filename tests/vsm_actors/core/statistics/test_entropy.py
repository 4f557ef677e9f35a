import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from vsm_actors.core.statistics.entropy import entropies, entropy

COUNTS = st.lists(st.integers(0, 1_000), min_size=1, max_size=40)


def test_a_constant_stream_has_zero_bits() -> None:
    assert entropy([100]) == 0.0
    assert math.copysign(1.0, entropy([100]) or 0.0) == 1.0


def test_four_equiprobable_states_have_two_bits() -> None:
    assert entropy([25, 25, 25, 25]) == 2.0


def test_the_correction_adds_what_miller_and_madow_say() -> None:
    plain = stats.entropy([40, 10], base=2)

    assert entropy([40, 10]) == pytest.approx(plain + 1 / (2 * 50 * math.log(2)))


def test_the_correction_never_exceeds_the_alphabet() -> None:
    assert entropy([25, 25], alphabet=2) == 1.0
    assert entropy([25, 25], alphabet=4) == pytest.approx(1 + 1 / (100 * math.log(2)))


def test_an_alphabet_smaller_than_what_was_seen_does_not_cut_the_plain_entropy() -> None:
    assert entropy([25, 25, 25, 25], alphabet=2) == 2.0


@pytest.mark.parametrize("counts", [[], [0, 0], [4], [5, 4], [40, 38, 1, 1, 1, 1, 1]])
def test_too_few_samples_are_withheld(counts: list[float]) -> None:
    assert entropy(counts) is None


def test_five_samples_a_state_suffice() -> None:
    assert entropy([5, 5]) == 1.0


def test_one_singleton_in_twenty_is_let_pass_and_more_are_not() -> None:
    assert entropy([19, 1]) is not None
    assert entropy([18, 1]) is None


@given(COUNTS)
def test_plain_entropy_agrees_with_scipy(counts: list[int]) -> None:
    found = entropies(np.array(counts, dtype=float), np.zeros(len(counts), dtype=np.intp), 1)

    if sum(counts):
        assert found.plain[0] == pytest.approx(stats.entropy(counts, base=2), abs=1e-9)
    else:
        assert math.isnan(found.plain[0])
        assert math.isnan(found.bits[0])
        assert found.withheld[0]


@given(COUNTS)
def test_bits_lie_between_plain_and_the_alphabet(counts: list[int]) -> None:
    found = entropies(np.array(counts, dtype=float), np.zeros(len(counts), dtype=np.intp), 1)

    if sum(counts):
        assert found.plain[0] <= found.bits[0] <= math.log2(found.states[0]) + 1e-9


@given(COUNTS, COUNTS)
def test_streams_side_by_side_do_not_touch_each_other(one: list[int], two: list[int]) -> None:
    count = np.array([*one, *two], dtype=float)
    stream = np.array([0] * len(one) + [2] * len(two))
    both = entropies(count, stream, 3)

    for place, counts in ((0, one), (2, two)):
        alone = entropies(np.array(counts, dtype=float), np.zeros(len(counts), dtype=np.intp), 1)
        assert both.bits[place] == pytest.approx(alone.bits[0], nan_ok=True)
        assert both.withheld[place] == alone.withheld[0]
        assert both.n[place] == alone.n[0]
    assert both.withheld[1]


def test_the_withholding_rule_keeps_a_heavy_tail_from_passing() -> None:
    tail = [200.0, *([1.0] * 20)]

    assert sum(tail) >= 5 * len(tail)
    assert entropy(tail) is None
