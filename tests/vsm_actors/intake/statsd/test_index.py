"""The index against a dictionary: found exactly, or not at all."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsm_actors.intake.statsd import prints as module
from vsm_actors.intake.statsd.columns import Lines, locate
from vsm_actors.intake.statsd.index import MISS, Index
from vsm_actors.intake.statsd.prints import NAME, PADDING, TAIL, Prints, prints

names = st.binary(min_size=1, max_size=NAME + 3).filter(lambda one: not set(one) & set(b":|\n"))
tails = st.binary(max_size=TAIL + 3).filter(lambda one: b"\n" not in one)
pairs = st.tuples(names, tails)


def _read(keys: list[tuple[bytes, bytes]]) -> Prints:
    blob = b"".join(name + b":1|" + tail + b"\n" for name, tail in keys)
    return prints(blob + bytes(PADDING), _lines(blob))


def _lines(blob: bytes) -> Lines:
    return locate(np.frombuffer(blob, dtype=np.uint8))


def _add(index: Index, keys: list[tuple[bytes, bytes]], first: int) -> None:
    slots = np.arange(first, first + len(keys), dtype=np.int32)
    if keys:
        index.add(_read(keys), np.arange(len(keys)), slots)


@given(st.lists(pairs, unique=True, max_size=20), st.lists(pairs, max_size=10))
def test_it_finds_what_it_was_told_if_it_fits_and_nothing_else(
    known: list[tuple[bytes, bytes]], others: list[tuple[bytes, bytes]]
) -> None:
    index = Index()
    _add(index, known, 0)
    expected = {
        key: slot
        for slot, key in enumerate(known)
        if len(key[0]) <= NAME and len(key[1]) + 1 <= TAIL
    }
    asked = [*others, *known]
    if asked:
        assert index.find(_read(asked)).tolist() == [expected.get(key, MISS) for key in asked]
    assert len(index) == len(expected)


def test_a_key_that_ends_in_zeros_is_another_key() -> None:
    index = Index()
    _add(index, [(b"a", b"c")], 7)
    asked = [(b"a", b"c"), (b"a\0", b"c"), (b"a", b"c\0"), (b"a\0", b"c\0")]
    assert index.find(_read(asked)).tolist() == [7, MISS, MISS, MISS]


def test_it_grows_and_forgets() -> None:
    index = Index()
    keys = [(b"name%d" % n, b"c|#x:%d" % (n % 10)) for n in range(5000)]
    for first in range(0, 5000, 500):
        _add(index, keys[first : first + 500], first)
    found = index.find(_read(keys))
    assert (found == np.arange(5000)).mean() > 0.999, "a few may be left to the dictionary"
    assert set(found.tolist()) <= {MISS, *range(5000)}
    alive = np.arange(5000) % 2 == 0
    index.keep(alive)
    assert len(index) == 2500
    left = index.find(_read(keys))
    assert (left[~alive] == MISS).all()
    assert (left[alive] == found[alive]).all()


def test_keys_of_one_hash_are_told_apart_by_their_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    for constants in ("_OF_NAME", "_OF_TAIL", "_OF_LENGTH"):
        monkeypatch.setattr(module, constants, getattr(module, constants) * np.uint64(0))
    index = Index()
    _add(index, [(b"a", b"c")], 3)
    assert index.find(_read([(b"a", b"c"), (b"b", b"c"), (b"a", b"g")])).tolist() == [3, MISS, MISS]


def test_keys_of_one_place_are_found_up_to_the_last_probe_and_then_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Index, "_buckets", lambda _self, hashes: np.zeros(len(hashes), np.int64))
    index = Index()
    keys = [(b"n%d" % n, b"c") for n in range(12)]
    _add(index, keys, 0)
    assert index.find(_read(keys)).tolist() == [*range(8), *[MISS] * 4]
