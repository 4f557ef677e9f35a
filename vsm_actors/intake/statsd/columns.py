"""The shape of many lines at once: where name, value and tail lie, and the values as numbers.

Everything is array work over the bytes of a blob; what is not plain is left to the caller's
slow path, marked as such.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vsm_actors.core.batch import Floats

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]
Flags = NDArray[np.bool_]

_NEWLINE, _COLON, _BAR = b"\n:|"
_PLUS, _MINUS, _DOT, _ZERO = b"+-.0"
_ZERO_PLACE = np.zeros(1, dtype=np.int64)
_BEYOND = np.iinfo(np.int64).max

_NARROW = 8
"""Characters of a value that int32 holds; most values are no longer."""

_WIDE = 17
"""Characters with at most 15 digits of an int64 below 2**53, a sign and a point: exact."""

_DIGITS = 15
"""Decimal digits that float64 holds whatever they are, so that one division rounds right."""

_POWERS = 10.0 ** np.arange(_WIDE + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Offsets of the lines of a blob that are not empty, int64[n] each.

    A line is ``blob[start:end]``; its name ends with the colon at `colon`, its value lies between
    that and `bar`. Where one of them is missing, `colon` is ``end - 1`` and `bar` is `end`.
    """

    start: Places
    colon: Places
    bar: Places
    end: Places

    def __len__(self) -> int:
        """Count the lines."""
        return len(self.start)

    def take(self, places: Places) -> "Lines":
        """Return some of the lines."""
        return Lines(
            start=self.start[places],
            colon=self.colon[places],
            bar=self.bar[places],
            end=self.end[places],
        )


def locate(octets: Bytes) -> Lines:
    """Find the lines of a blob that ends with a newline, and their fields.

    One pass marks every newline, colon and bar. In most lines the first two marks are the colon
    and the bar looked for; only in the others are they searched.
    """
    marks = np.flatnonzero((octets == _NEWLINE) | (octets == _COLON) | (octets == _BAR))
    kinds = octets[marks]
    newlines = np.flatnonzero(kinds == _NEWLINE)
    end = marks[newlines]
    start = np.concatenate([_ZERO_PLACE, end[:-1] + 1])
    first = np.concatenate([_ZERO_PLACE, newlines[:-1] + 1])
    if not (filled := start < end).all():
        start, end, first = start[filled], end[filled], first[filled]
    second = np.minimum(first + 1, len(marks) - 1)
    colon, bar = marks[first], marks[second]
    usual = (kinds[first] == _COLON) & (kinds[second] == _BAR)
    if not usual.all():
        odd = np.flatnonzero(~usual)
        colon[odd], bar[odd] = _search(marks, kinds, start[odd], end[odd])
    return Lines(start=start, colon=colon, bar=bar, end=end)


def _search(marks: Places, kinds: Bytes, start: Places, end: Places) -> tuple[Places, Places]:
    """The first colon of each line and the first bar after it, or what `Lines` says instead."""
    colon = _first(marks[kinds == _COLON], start)
    bar = _first(marks[kinds == _BAR], colon)
    whole = bar < end
    return np.where(whole, colon, end - 1), np.where(whole, bar, end)


def _first(places: Places, start: Places) -> Places:
    """The first place at or after each start, one past any blob where there is none."""
    return np.append(places, _BEYOND)[np.searchsorted(places, start)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """Values read, float64[n], with what is known of them.

    Attributes:
        value: the number, where it is `plain`.
        plain: whether it is ``[+-]digits[.digits]`` with at most 15 digits.
        signed: whether it has a sign.
    """

    value: Floats
    plain: Flags
    signed: Flags


def read_numbers(octets: Bytes, lines: Lines) -> Numbers:
    """Read the values of lines; exactly as `float` would, where they are plain."""
    start, length = lines.colon + 1, lines.bar - lines.colon - 1
    narrow = length <= _NARROW
    if narrow.all():
        return _read(octets, start, length, np.int32)
    value, plain, signed = np.zeros(len(lines)), np.zeros_like(narrow), np.zeros_like(narrow)
    for chosen, kind in ((narrow, np.int32), (~narrow & (length <= _WIDE), np.int64)):
        part = _read(octets, start[chosen], length[chosen], kind)
        value[chosen], plain[chosen], signed[chosen] = part.value, part.plain, part.signed
    return Numbers(value=value, plain=plain, signed=signed)


def _read(octets: Bytes, start: Places, length: Places, kind: type[np.signedinteger]) -> Numbers:
    first = octets.take(start, mode="clip")
    minus = first == _MINUS
    signed = (first == _PLUS) | minus
    mantissa = np.zeros(len(start), dtype=kind)
    digits = np.zeros(len(start), dtype=np.int8)
    decimals = np.zeros(len(start), dtype=np.int8)
    dots = np.zeros(len(start), dtype=np.int8)
    ten = kind(10)
    for place in range(int(length.max(initial=0))):
        octet = octets.take(start + place, mode="clip")
        inside = length > place
        digit = octet - np.uint8(_ZERO)
        is_digit = (digit < ten) & inside
        mantissa = np.where(is_digit, mantissa * ten + digit, mantissa)
        digits += is_digit
        decimals += is_digit & (dots > 0)
        dots += (octet == _DOT) & inside
    plain = (digits + dots + signed == length) & (digits > 0) & (digits <= _DIGITS) & (dots <= 1)
    value = mantissa / _POWERS[decimals]
    return Numbers(value=np.where(minus, -value, value), plain=plain, signed=signed & (length > 0))
