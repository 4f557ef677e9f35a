from hashlib import blake2b

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsm_actors.core.window import Members
from vsm_actors.core.window.distinct import EXACT, REGISTERS, estimate, hashes_of, placed
from vsm_actors.core.window.members import NO_MEMBERS, counts, members_of, merged_members


def many(number: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2**64, number, dtype=np.uint64)


def on(series: int, hashes: np.ndarray) -> Members:
    return members_of(np.full(len(hashes), series, dtype=np.int32), hashes)


def same(a: Members, b: Members) -> bool:
    return (
        np.array_equal(a.series, b.series)
        and np.array_equal(a.hash, b.hash)
        and np.array_equal(a.dense, b.dense)
        and np.array_equal(a.registers, b.registers)
    )


def test_a_hash_is_64_bits_of_blake2b() -> None:
    expected = int.from_bytes(blake2b(b"alice", digest_size=8).digest(), "little")
    assert hashes_of([b"alice"]).tolist() == [expected]
    assert hashes_of([]).dtype == np.uint64


def test_the_register_is_the_first_twelve_bits_and_the_rank_the_leading_zeros_of_the_rest() -> None:
    hashes = np.array([0, 1, 1 << 51, (5 << 52) | (1 << 50), 2**64 - 1], dtype=np.uint64)
    register, rank = placed(hashes)
    assert register.tolist() == [0, 0, 0, 5, 4095]
    assert rank.tolist() == [53, 52, 1, 2, 1]


@pytest.mark.parametrize("number", [1, 100, 4_000, 10_000, 50_000, 300_000])
def test_the_estimate_is_within_four_standard_errors(number: int) -> None:
    registers = np.zeros(REGISTERS, dtype=np.uint8)
    np.maximum.at(registers, *placed(many(number)))
    assert estimate(registers) == pytest.approx(number, rel=4 * 1.04 / 64)


def test_no_members_are_estimated_as_none_and_full_registers_as_endless() -> None:
    assert estimate(np.zeros(REGISTERS, dtype=np.uint8)) == 0
    registers = np.full(REGISTERS, 53, dtype=np.uint8)
    assert estimate(registers) == np.inf
    registers[: REGISTERS // 2] = 52
    assert 2.0**63 < estimate(registers) < np.inf


def test_members_are_exact_up_to_the_bound() -> None:
    members = on(7, np.concatenate([many(EXACT), many(EXACT)]))
    assert len(members.dense) == 0
    assert [column.tolist() for column in counts(members)] == [[7], [EXACT]]


def test_past_the_bound_registers_take_over() -> None:
    members = merged_members([on(7, many(EXACT + 1)), on(3, many(2))])
    assert members.dense.tolist() == [7]
    assert set(members.series.tolist()) == {3}
    series, number = counts(members)
    assert series.tolist() == [3, 7]
    assert number[0] == 2
    assert number[1] == pytest.approx(EXACT + 1, rel=0.07)


@pytest.mark.parametrize("sizes", [(3000, 3000, 3000), (5000, 10, 4000), (10, 20, 30)])
def test_the_union_does_not_depend_on_the_order(sizes: tuple[int, int, int]) -> None:
    a, b, c = (on(1, many(size, seed)) for seed, size in enumerate(sizes))
    union = merged_members([a, b, c])
    assert same(union, merged_members([merged_members([a, b]), c]))
    assert same(union, merged_members([a, merged_members([c, b])]))
    raw = [many(size, seed) for seed, size in enumerate(sizes)]
    assert same(union, on(1, np.concatenate(raw)))


@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 2), st.integers(0, 5)), max_size=20),
        min_size=1,
        max_size=4,
    )
)
def test_small_sets_count_exactly_however_they_are_split(
    parts: list[list[tuple[int, int]]],
) -> None:
    made = [
        members_of(
            np.array([series for series, _ in part], dtype=np.int32),
            np.array([member for _, member in part], dtype=np.uint64),
        )
        for part in parts
    ]
    union = {pair for part in parts for pair in part}
    series, number = counts(merged_members([*made, NO_MEMBERS]))
    assert dict(zip(series.tolist(), number.tolist(), strict=True)) == {
        one: len({member for of, member in union if of == one}) for one, _ in union
    }
