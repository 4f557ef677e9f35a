"""One StatsD line in words: what follows the value, its tags, a number, an event, a service check.

The grammar is ``name:value|type[|@rate][|#tag:value,...]`` with DogStatsD's packed values, its
container id, timestamp, external data and cardinality fields, its events and service checks
(https://docs.datadoghq.com/developers/dogstatsd/datagram_shell/). Nothing here is on the hot path:
it runs when a key is seen for the first time.
"""

import enum
import re
from dataclasses import dataclass
from functools import lru_cache

from vsm_actors.intake.statsd.errors import Reason, RejectedError

MAX_LINE = 65_536
"""Bytes of a line over TCP, as of a datagram."""

MAX_NAME = 255
"""Bytes of a metric's name; longer ones are mistakes, and would fill the key cache."""

MAX_TAGS = 32
"""Tags of one line: label sets wider than that are unusable in a query."""

MAX_TAG_NAME = 128
"""Bytes of a tag's name."""

MAX_TAG_VALUE = 256
"""Bytes of a tag's value."""

MAX_VALUE = 1e30
"""Greatest magnitude of a value: its sums and weighted sums stay finite in float64."""

MIN_RATE = 1e-9
"""Least sample rate: one line then stands for a thousand million."""

_REMEMBERED = 4096
"""Tags read before: few tags make up many keys."""

_NUMBER = re.compile(rb"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_EVENT = re.compile(rb"_e\{([0-9]{1,5}),([0-9]{1,5})\}:")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_TOLERATED = (b"c:", b"T", b"e:", b"card:")


class MetricType(enum.Enum):
    """The type field of a line."""

    COUNTER = b"c"
    GAUGE = b"g"
    TIMER = b"ms"
    HISTOGRAM = b"h"
    DISTRIBUTION = b"d"
    SET = b"s"


_TYPES = {kind.value: kind for kind in MetricType}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tail:
    """What follows the value of a line.

    Attributes:
        kind: the metric's type.
        rate: sample rate in (0, 1].
        tags: the tags' bytes, not yet read.
        transient: whether it carries a field that differs from line to line (a timestamp).
    """

    kind: MetricType
    rate: float
    tags: bytes
    transient: bool


def read_tail(tail: bytes) -> Tail:
    """Read ``type[|@rate][|#tags][|c:container][|Ttimestamp]``, the fields in any order.

    Raises:
        RejectedError: bad_type, bad_rate, or malformed for a field that is unknown or repeated.
    """
    word, *fields = tail.split(b"|")
    kind = _TYPES.get(word)
    if kind is None:
        raise RejectedError(Reason.BAD_TYPE)
    found: dict[bytes, bytes] = {}
    for field in fields:
        sign = field[:1] if field[:1] in (b"@", b"#") else _tolerated(field)
        if sign in found:
            raise RejectedError(Reason.MALFORMED)
        found[sign] = field[1:]
    rate = _rate(found[b"@"]) if b"@" in found else 1.0
    return Tail(kind=kind, rate=rate, tags=found.get(b"#", b""), transient=b"T" in found)


def _tolerated(field: bytes) -> bytes:
    for start in _TOLERATED:
        if field.startswith(start):
            return start
    raise RejectedError(Reason.MALFORMED)


def _rate(text: bytes) -> float:
    rate = read_number(text) if text[:1].isdigit() or text[:1] == b"." else 0.0
    if rate is None or not MIN_RATE <= rate <= 1:
        raise RejectedError(Reason.BAD_RATE)
    return rate


def read_number(text: bytes) -> float | None:
    """Return the decimal number that `text` is, None where it is none or past `MAX_VALUE`."""
    if _NUMBER.fullmatch(text) is None:
        return None
    value = float(text)
    return value if abs(value) <= MAX_VALUE else None


def read_text(raw: bytes) -> str:
    """Decode UTF-8 without control characters, C1 and line separators among them.

    Raises:
        RejectedError: bad_encoding or control_character.
    """
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise RejectedError(Reason.BAD_ENCODING) from None
    if _CONTROL.search(text):
        raise RejectedError(Reason.CONTROL_CHARACTER)
    return text


def read_name(raw: bytes) -> str:
    """Read a metric's name.

    Raises:
        RejectedError: malformed when it is empty, name_too_long, bad_encoding, control_character.
    """
    if not raw:
        raise RejectedError(Reason.MALFORMED)
    if len(raw) > MAX_NAME:
        raise RejectedError(Reason.NAME_TOO_LONG)
    return read_text(raw)


def read_tags(raw: bytes) -> dict[str, str]:
    """Read ``name:value,name,...``; a bare tag is ``true``, of repeated ones the last counts.

    Raises:
        RejectedError: too_many_tags, tag_too_long, bad_tag for a nameless one, bad_encoding,
            control_character.
    """
    parts = [part for part in raw.split(b",") if part]
    if len(parts) > MAX_TAGS:
        raise RejectedError(Reason.TOO_MANY_TAGS)
    return dict(_read_tag(part) for part in parts)


@lru_cache(_REMEMBERED)
def _read_tag(part: bytes) -> tuple[str, str]:
    name, colon, value = part.partition(b":")
    if not name:
        raise RejectedError(Reason.BAD_TAG)
    if len(name) > MAX_TAG_NAME or len(value) > MAX_TAG_VALUE:
        raise RejectedError(Reason.TAG_TOO_LONG)
    return read_text(name), read_text(value) if colon else "true"


def read_event(line: bytes) -> tuple[str, bytes]:
    """Return what an event or a service check counts as, and its tags' bytes.

    Raises:
        RejectedError: bad_event.
    """
    fields = _event_fields(line) if line.startswith(b"_e{") else _check_fields(line)
    tags = [field[1:] for field in fields if field.startswith(b"#")]
    if len(tags) > 1:
        raise RejectedError(Reason.BAD_EVENT)
    name = "statsd.event" if line.startswith(b"_e{") else "statsd.service_check"
    return name, tags[0] if tags else b""


def _event_fields(line: bytes) -> list[bytes]:
    """Fields after ``_e{4,4}:titl|text``; the lengths are in bytes of UTF-8."""
    head = _EVENT.match(line)
    if head is None:
        raise RejectedError(Reason.BAD_EVENT)
    bar = head.end() + int(head[1])
    end = bar + 1 + int(head[2])
    rest = line[end:]
    if line[bar : bar + 1] != b"|" or end > len(line) or (rest and rest[:1] != b"|"):
        raise RejectedError(Reason.BAD_EVENT)
    return rest.split(b"|")[1:]


def _check_fields(line: bytes) -> list[bytes]:
    """Fields after ``_sc|name|status``; a message, always the last, may hold anything."""
    head, _, _ = line.partition(b"|m:")
    _, *fields = head.split(b"|")
    if len(fields) < 2 or not fields[0] or fields[1] not in (b"0", b"1", b"2", b"3"):  # noqa: PLR2004 - name and status
        raise RejectedError(Reason.BAD_EVENT)
    return fields[2:]
