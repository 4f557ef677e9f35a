"""What is wrong with one event, for the sender and for the books."""

import enum
import re
from dataclasses import dataclass

FAULTS = 100
"""Faults that an answer lists; the rest is counted."""

_SHOWN = 64
_CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
"""C0, C1, line separators, bidirectional overrides, byte order mark, surrogates."""


class Reason(enum.StrEnum):
    """The closed set of words under which rejected events are counted."""

    MALFORMED = "malformed"
    """Not JSON, not UTF-8, nested too deeply, or of the wrong type."""
    MISSING = "missing"
    """Something required is not there."""
    INVALID = "invalid"
    """A word outside its grammar or its choices."""
    RANGE = "out_of_range"
    """A number outside its bounds."""
    TIME = "time"
    """Too old, or too far ahead."""
    SIZE = "too_long"
    """Too long, or too many."""
    RESERVED = "reserved"
    """In the daemon's own recursion."""
    REFUSED = "refused"
    """Valid, and refused by the AlgedonicChannel."""


class EventFault(Exception):  # noqa: N818 - it is a finding about the input, not an error of ours
    """One event cannot be taken.

    Attributes:
        field: where, as a dotted path into the event; "" for the event as a whole.
        reason: what is wrong and what is wanted, printable.
        word: how it is counted.
    """

    def __init__(self, field: str, reason: str, word: Reason) -> None:
        """Keep the facts."""
        super().__init__(field, reason)
        self.field = field
        self.reason = reason
        self.word = word


@dataclass(frozen=True, slots=True)
class Fault:
    """An `EventFault` with the place of its event in the request.

    Attributes:
        index: of the event in the request, from 0; blank lines do not count.
        field: where in the event.
        reason: what is wrong.
    """

    index: int
    field: str
    reason: str


def has_control(text: str) -> bool:
    """Tell whether `text` holds what must never reach a log or an exposition raw."""
    return not text.isprintable() and _CONTROL.search(text) is not None


def escaped(text: str) -> str:
    r"""Return `text` with its control characters written out (``\x1b``)."""
    return text if text.isprintable() else _CONTROL.sub(_write_out, text)


def shown(text: str) -> str:
    """Return foreign `text` as an error may quote it: escaped and short."""
    return escaped(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")


def _write_out(found: re.Match[str]) -> str:
    return found.group().encode("unicode_escape").decode()
