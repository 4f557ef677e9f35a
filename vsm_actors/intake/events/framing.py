"""From a body to single events, so that a broken one never loses the others.

The whole body is decoded in one pass where every event is well formed. Where one is not, the body
is cut into its elements, lazily, and each is decoded alone.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Generic, TypeAlias, TypeVar

import msgspec
from msgspec import Raw

from vsm_actors.intake.errors import BrokenBodyError
from vsm_actors.intake.events.faults import FAULTS, EventFault
from vsm_actors.intake.events.members import Members
from vsm_actors.intake.events.wire import ENVELOPE, explained, unexplained

T = TypeVar("T", bound=msgspec.Struct)
Frame: TypeAlias = T | EventFault

_BOM = b"\xef\xbb\xbf"
_LINE = re.compile(rb"[^\r\n]*[^\r\n\t ][^\r\n]*")
_STRING = rb'"(?:[^"\\]++|\\.)*+"'
_TO_COMMA = re.compile(rb'(?:[^{}\[\],"]++|' + _STRING + rb")*+", re.DOTALL)
_TO_BRACKET = re.compile(rb'(?:[^{}\[\]"]++|' + _STRING + rb")*+", re.DOTALL)
_RAWS = msgspec.json.Decoder(list[Raw])
_COMMAS = 500_000
"""Beyond as many, elements are cut lazily: a Raw takes 64 bytes, an element of two bytes too."""
_BROKEN = (ValueError, RecursionError)


class Framer(Generic[T]):
    """Decodes bodies into structures of one kind."""

    def __init__(self, kind: type[T], members: Members = ENVELOPE) -> None:
        """Compile the decoders of `kind`; a member that is none of `members` is refused by name."""
        self._members = members
        self._one = msgspec.json.Decoder(kind)
        self._many = msgspec.json.Decoder(list[kind])  # type: ignore[valid-type]  # a type at run time

    def json(self, body: bytes) -> Iterator[Frame[T]]:
        """Return the events of an object or an array.

        Raises:
            BrokenBodyError: nothing can be read, possibly only found at the end of the iteration.
        """
        text = body.removeprefix(_BOM).strip()
        if not text:
            raise BrokenBodyError("JSON", "it is empty")
        if not text.startswith(b"["):
            return iter((self.one(text),))
        try:
            return iter(self._many.decode(text))
        except _BROKEN:
            return self._each(_cut(text))

    def lines(self, body: bytes) -> Iterator[Frame[T]]:
        """Return the events of newline-delimited JSON; blank lines do not count.

        Raises:
            BrokenBodyError: there is no line.
        """
        text = body.removeprefix(_BOM)
        try:
            found = self._one.decode_lines(text)
        except _BROKEN:
            return self._each(line.group() for line in _LINE.finditer(text))
        if not found:
            raise BrokenBodyError("JSON", "it is empty")
        return iter(found)

    def _each(self, raws: Iterable[bytes | Raw]) -> Iterator[Frame[T]]:
        broken = 0
        for raw in raws:
            try:
                yield self._one.decode(raw)
            except _BROKEN as error:
                broken += 1
                yield self._explained(raw, error) if broken <= FAULTS else unexplained(error)

    def one(self, raw: bytes | Raw) -> Frame[T]:
        """Return one event, or why it is none."""
        try:
            return self._one.decode(raw)
        except _BROKEN as error:
            return self._explained(raw, error)

    def _explained(self, raw: bytes | Raw, error: Exception) -> EventFault:
        return explained(raw, error, self._members)


def _cut(text: bytes) -> Iterator[bytes | Raw]:
    if text.count(b",") < _COMMAS:
        try:
            return iter(_RAWS.decode(text))
        except _BROKEN:
            pass  # not JSON as a whole; its elements may be, one by one
    return _elements(text)


def _elements(text: bytes) -> Iterator[bytes]:
    """Cut an array into its elements by brackets, commas and strings alone."""
    depth, start, place = 1, 1, 1
    while depth:
        skip = _TO_COMMA if depth == 1 else _TO_BRACKET
        found = skip.match(text, place)
        place = found.end() if found else place
        mark = text[place : place + 1]
        if mark in (b"", b'"'):
            raise BrokenBodyError("JSON", "it ends too early", place)
        depth += (mark in b"[{") - (mark in b"]}")
        if depth == 0 or (depth == 1 and mark == b","):
            yield text[start:place].strip()
            start = place + 1
        place += 1
    if place != len(text) or text[place - 1 :] != b"]":
        raise BrokenBodyError("JSON", "something follows its array", place)
