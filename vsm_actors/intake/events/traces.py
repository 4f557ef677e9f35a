"""W3C Trace Context: the ``traceparent`` that makes an observation an exemplar."""

import re
from typing import NamedTuple

_TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(?:-[ -~]*)?"
)
LONGEST = 256
"""Characters looked at: version 00 has 55, later ones may have more."""


class Trace(NamedTuple):
    """Which trace, and which span of it, in hexadecimal digits."""

    trace: str
    span: str


def parse_traceparent(text: str | None) -> Trace | None:
    """Return what `text` names; None where there is nothing, or nothing valid.

    As the recommendation wants it, one that does not parse is ignored: it says nothing about the
    event that carries it.
    """
    if text is None or len(text) > LONGEST:
        return None
    found = _TRACEPARENT.fullmatch(text)
    return Trace(found[1], found[2]) if found else None
