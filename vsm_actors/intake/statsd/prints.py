"""The keys of many lines as rows of machine words, with a hash each, in a few array operations."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vsm_actors.core.batch import Hashes, Ids
from vsm_actors.intake.statsd.columns import Flags, Lines, Places

NAME = 48
"""Bytes of a name that fit; a multiple of eight, as the next two."""

SHORT = 64
"""Bytes of most tails."""

TAIL = 144
"""Bytes of a tail that fit: with the name three cache lines."""

PADDING = max(NAME, TAIL)
"""Zeros that a blob needs behind it."""

WORD = 8
"""Bytes of a machine word."""

_Rows = NDArray[np.void]
Words = NDArray[np.uint64]


def _constants(count: int) -> Words:
    """Odd constants from splitmix64: fixed, since whoever forges collisions only slows itself."""
    state = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (state ^ (state >> np.uint64(31))) | np.uint64(1)


_CONSTANTS = _constants((NAME + TAIL) // WORD + 1)
_OF_LENGTH, _OF_NAME, _OF_TAIL = np.split(_CONSTANTS, [1, 1 + NAME // WORD])


def _masks(size: int) -> NDArray[np.uint64]:
    """uint64[size + 1, size / 8]: row n keeps the first n bytes."""
    octets = np.arange(size) < np.arange(size + 1)[:, None]
    return (octets * np.uint8(255)).view(np.uint64)


_MASKS = _masks(PADDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prints:
    """The keys of lines as rows.

    Attributes:
        hash: uint64[n].
        length: int64[n], of name and tail together in one number.
        name: uint64[n, NAME / 8].
        tail: uint64[n, SHORT / 8 or TAIL / 8].
        fits: bool[n], whether the row holds all of the key.
    """

    hash: Hashes
    length: Places
    name: Words
    tail: Words
    fits: Flags


def prints(padded: bytes, lines: Lines) -> Prints:
    """Read the keys of lines.

    Args:
        padded: the blob with `PADDING` more bytes.
        lines: where the fields lie.
    """
    names, tails = lines.colon - lines.start, lines.end - lines.bar
    width = SHORT if tails.max(initial=0) <= SHORT else TAIL
    name = _rows(padded, lines.start, NAME)
    name &= taken(_MASKS, np.minimum(names, NAME), NAME // WORD)
    tail = _rows(padded, lines.bar, width)
    tail &= taken(_MASKS, np.minimum(tails, width), width // WORD)
    length = names << 32 | tails
    hashed = name @ _OF_NAME + tail @ _OF_TAIL[: width // WORD]
    hashed += length.view(np.uint64) * _OF_LENGTH[0]
    fits = (names <= NAME) & (tails <= TAIL)
    return Prints(hash=hashed, length=length, name=name, tail=tail, fits=fits)


def _rows(padded: bytes, start: Places, size: int) -> Words:
    """The `size` bytes from each start on: one gather of items that begin at any byte."""
    windows: _Rows = np.ndarray(
        (len(padded) - size + 1,), dtype=f"V{size}", buffer=padded, strides=(1,)
    )
    return windows[start].view(np.uint64).reshape(len(start), size // WORD)


def taken(rows: Words, entry: Ids | Places, words: int) -> Words:
    """The first words of rows, gathered as items and so at the price of a few words."""
    items: _Rows = np.ndarray(
        (len(rows),), dtype=f"V{words * WORD}", buffer=rows, strides=(rows.strides[0],)
    )
    return items[entry].view(np.uint64).reshape(len(entry), words)
