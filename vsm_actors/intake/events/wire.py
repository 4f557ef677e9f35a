"""The event as it is written: what JSON must look like before the catalogue is asked."""

import datetime as dt
import re
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta, Raw

from vsm_actors.intake.events.faults import EventFault, Reason, shown

Moment: TypeAlias = float | Annotated[dt.datetime, Meta(tz=True)]
"""Unix seconds, or RFC 3339 with its offset."""

NOTHING = Raw(b"{}")


class Wire(msgspec.Struct, gc=False):
    """One event as sent; absent and null are the same.

    Attributes keep their bytes: they are the key under which all that follows from them is kept.
    """

    event: str
    system: int | None = None
    path: str | None = None
    unit: str | None = None
    time: Moment | None = None
    measurements: dict[str, float] | None = None
    attributes: Raw = NOTHING
    event_id: str | int | None = None
    source: str | None = None
    traceparent: str | None = None


class _Numbers(msgspec.Struct):
    measurements: dict[str, Raw] | None = None


_TEXTS = msgspec.json.Decoder(dict[str, str])
_WORDS = msgspec.json.Decoder(dict[str, str | int | float | bool | None] | None)
_RAW_WORDS = msgspec.json.Decoder(dict[str, Raw])
_WORD = msgspec.json.Decoder(str | int | float | bool | None)
_NUMBERS = msgspec.json.Decoder(_Numbers)
_NUMBER = msgspec.json.Decoder(float)
_PLACE = re.compile(r"(.*) - at `\$\.?([^`]*)`", re.DOTALL)
_ABSENT = re.compile(r"Object missing required field `(\w+)`")

_ABSENCE = EventFault("", "required", Reason.MISSING)
_MALFORMATION = EventFault("", "malformed", Reason.MALFORMED)


def words(raw: Raw) -> dict[str, str]:
    """Return attributes as text; null ones are left out, numbers and booleans written as in JSON.

    Raises:
        EventFault: they are not an object of scalars.
    """
    try:
        return _TEXTS.decode(raw)
    except ValueError:
        pass  # the usual case went wrong; find out how, or what else there is than text
    try:
        found = _WORDS.decode(raw)
    except ValueError as error:
        raise _word_fault(raw, error) from None
    return {name: _text(value) for name, value in (found or {}).items() if value is not None}


def explained(raw: bytes | Raw, error: Exception) -> EventFault:
    """Return why `raw` is no `Wire`, naming the member that is at fault."""
    if isinstance(error, RecursionError):
        return _nested()
    absent = _ABSENT.match(str(error))
    if absent:
        return EventFault(absent[1], "required", Reason.MISSING)
    place = _PLACE.fullmatch(str(error))
    if isinstance(error, msgspec.ValidationError) and place is not None:
        text, field = place.groups()
        if field == "measurements[...]":
            field = f"measurements.{_culprit(raw)}"
        return EventFault(field, text, Reason.MALFORMED)
    return EventFault("", _plain(error), Reason.MALFORMED)


def unexplained(error: Exception) -> EventFault:
    """Return a fault that is only counted: finding the words costs more than the decoding."""
    return _ABSENCE if str(error).startswith("Object missing") else _MALFORMATION


def _nested() -> EventFault:
    # A new one each time: one that is raised again and again gathers the frames of every request.
    return EventFault("", "nested too deeply", Reason.MALFORMED)


def _text(value: str | float | bool) -> str:  # noqa: FBT001 - a value of JSON, not a switch
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value)


def _plain(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8"
    return shown(str(error))


def _culprit(raw: bytes | Raw) -> str:
    try:
        found = _NUMBERS.decode(raw).measurements or {}
    except (ValueError, RecursionError):
        return "*"
    return next((shown(name) for name, value in found.items() if not _is_number(value)), "*")


def _is_number(raw: Raw) -> bool:
    try:
        _NUMBER.decode(raw)
    except ValueError:
        return False
    return True


def _word_fault(raw: Raw, error: ValueError) -> EventFault:
    try:
        found = _RAW_WORDS.decode(raw)
    except RecursionError:
        return _nested()
    except ValueError:
        return EventFault("attributes", f"must be an object: {_plain(error)}", Reason.MALFORMED)
    name = next((shown(name) for name, value in found.items() if not _is_word(value)), "*")
    reason = "must be text, a number or a boolean"
    return EventFault(f"attributes.{name}", reason, Reason.MALFORMED)


def _is_word(raw: Raw) -> bool:
    try:
        _WORD.decode(raw)
    except ValueError:
        return False
    return True
