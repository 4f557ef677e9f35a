"""Where a line belongs in the model: by its tags, else by a rule, else the default path."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from vsm_actors.core.errors import InvalidPathError
from vsm_actors.core.events import CATALOGUE
from vsm_actors.core.families import Family
from vsm_actors.core.naming import check_path, is_own
from vsm_actors.intake.statsd.errors import Reason, RejectedError
from vsm_actors.intake.statsd.grammar import read_tags
from vsm_actors.intake.statsd.rules import Mapped, Rule

_REMEMBERED = 4096
"""Paths checked before."""

_SYSTEMS = frozenset("12345")


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A place in the model, and what further labels the line carries.

    Attributes:
        path: a valid one, not the daemon's own.
        system: "1" to "5".
        unit: "" for none.
        labels: the other tags, by their own names.
    """

    path: str
    system: str
    unit: str
    labels: Mapping[str, str]

    def values(self, family: Family, labels: Mapping[str, str]) -> tuple[str, ...]:
        """Return the values of a family's labels: the place, and what `labels` says."""
        place = {"path": self.path, "system": self.system, "unit": self.unit}
        return tuple(
            place[name] if name in place else labels.get(name, "") for name in family.labels
        )


def read_position(raw: bytes, mapped: Mapped, default: str) -> Position:
    """Read the place out of tags; what they do not say the rule does, else `default` the path.

    Raises:
        RejectedError: the tags are refused, or bad_path, reserved_path, bad_system.
    """
    tags = read_tags(raw)
    path = _checked(tags.pop("path", mapped.path or default))
    system = tags.pop("system", str(_system(mapped.rule)))
    if system not in _SYSTEMS:
        raise RejectedError(Reason.BAD_SYSTEM)
    unit = tags.pop("unit", mapped.unit)
    return Position(path=path, system=system, unit=unit, labels={**mapped.labels, **tags})


def _system(rule: Rule) -> int:
    event = CATALOGUE.get(rule.event)
    return rule.system or (event.systems[0] if event is not None else 1)


@lru_cache(_REMEMBERED)
def _checked(path: str) -> str:
    try:
        check_path(path)
    except InvalidPathError:
        raise RejectedError(Reason.BAD_PATH) from None
    if is_own(path):
        raise RejectedError(Reason.RESERVED_PATH)
    return path
