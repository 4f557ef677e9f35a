"""What the envelope and the catalogue ask of an event, and the numbers that bound it."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

from vsm_actors.core.errors import InvalidPathError
from vsm_actors.core.events import EventType
from vsm_actors.core.naming import SYSTEMS, check_path, is_own, is_segment
from vsm_actors.intake.events.faults import EventFault, Reason, has_control, shown

NAME = 128
"""Characters of an event's name: a label value, and the longest of the catalogue has 22."""
WORD = 256
"""Characters of an id, a source or an unknown attribute."""
KEY = 64
"""Characters of the name of an attribute or a measurement."""
UNKNOWN = 32
"""Attributes, and measurements, that the catalogue does not know: kept, but not without end."""
HUGE = 1e100
"""Magnitude of a measurement: sums and squares of any number of them stay finite."""

_EVENT = re.compile(rf"[A-Za-z][A-Za-z0-9._:/-]{{0,{NAME - 1}}}")
_MEASUREMENT = re.compile(rf"[A-Za-z_][A-Za-z0-9_.-]{{0,{KEY - 1}}}")
_END = re.compile(r"[1-5]|1/[A-Za-z0-9._-]{1,64}|env")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the configuration says about events.

    Attributes:
        default_path: where an event happened that does not say it.
        oldest: seconds that an event may be old.
        ahead: seconds that its clock may be ahead of ours.
    """

    default_path: str
    oldest: float = 86_400.0
    ahead: float = 300.0


def check_name(name: str) -> str:
    """Return the name of an event that may be none of the catalogue's."""
    if _EVENT.fullmatch(name) is None:
        reason = f"{shown(name)!r} must be a letter and up to {NAME - 1} of A-Z a-z 0-9 . _ : / -"
        raise EventFault("event", reason, Reason.INVALID)
    return name


def check_system(given: int | None, kind: EventType | None, implied: int | None) -> int:
    """Return the reporting system: as given, as implied by a message's end, or the first."""
    allowed = kind.systems if kind else SYSTEMS
    if given is None:
        return implied if implied is not None and implied in allowed else allowed[0]
    if given not in allowed:
        wanted = ", ".join(map(str, allowed))
        raise EventFault("system", f"{given} must be one of {wanted}", Reason.INVALID)
    return given


def check_location(path: str | None, rules: Rules) -> str:
    """Return where it happened; the daemon's own recursion is not open to others."""
    if path is None:
        return rules.default_path
    try:
        check_path(path)
    except InvalidPathError as error:
        reason = f"{shown(path)!r}: {shown(error.reason)}"
        raise EventFault("path", reason, Reason.INVALID) from None
    if is_own(path):
        reason = "this path is the daemon's own; choose another"
        raise EventFault("path", reason, Reason.RESERVED)
    return path


def check_unit(unit: str, field: str = "unit") -> str:
    """Return a unit: a segment of a path, since unit U at path P is the path P/U."""
    if unit and not is_segment(unit):
        reason = f"{shown(unit)!r} must be 1 to 64 of A-Z a-z 0-9 . _ -"
        raise EventFault(field, reason, Reason.INVALID)
    return unit


def check_end(end: str, field: str) -> str:
    """Return one end of a message."""
    if _END.fullmatch(end) is None:
        reason = f"{shown(end)!r} must be 1 to 5, 1/<unit> or env"
        raise EventFault(field, reason, Reason.INVALID)
    return end


def check_word(text: str, field: str, longest: int = WORD) -> str:
    """Return text that may become a label value or a key."""
    check_length(text, field, longest)
    if has_control(text):
        raise EventFault(field, f"{shown(text)!r} holds control characters", Reason.INVALID)
    return text


def check_key(name: str, field: str) -> None:
    """Refuse the name of an unknown attribute that is empty, long or not printable."""
    if not name:
        raise EventFault(field, "a name must not be empty", Reason.INVALID)
    check_word(name, field, KEY)


def check_length(text: str, field: str, longest: int) -> None:
    """Refuse text of more than `longest` characters."""
    if len(text) > longest:
        reason = f"{len(text)} characters, at most {longest}"
        raise EventFault(field, reason, Reason.SIZE)


def check_measurement(name: str) -> str:
    """Return the name of a measurement that the catalogue does not know."""
    if _MEASUREMENT.fullmatch(name) is None:
        reason = f"a name must be a letter and up to {KEY - 1} of A-Z a-z 0-9 _ . -"
        raise EventFault(f"measurements.{shown(name)}", reason, Reason.INVALID)
    return name


def out_of_range(
    bounds: tuple[tuple[str, float, float], ...], measurements: Mapping[str, float]
) -> EventFault:
    """Return the fault of the first measurement outside its bounds."""
    name, low, high = next(one for one in bounds if not one[1] <= measurements[one[0]] <= one[2])
    reason = f"{measurements[name]!r} is not between {low:g} and {high:g}"
    return EventFault(f"measurements.{shown(name)}", reason, Reason.RANGE)


def check_time(given: float | dt.datetime, arrival: float, rules: Rules) -> float:
    """Return when it happened, Unix seconds, never later than `arrival`."""
    time = given if isinstance(given, float) else given.timestamp()
    if arrival - rules.oldest <= time <= arrival + rules.ahead:
        return min(time, arrival)
    if time < arrival:
        reason = f"{arrival - time:.6g} s old, at most {rules.oldest:g}"
    else:
        reason = f"{time - arrival:.6g} s ahead, at most {rules.ahead:g} (Unix seconds?)"
    raise EventFault("time", reason, Reason.TIME)
