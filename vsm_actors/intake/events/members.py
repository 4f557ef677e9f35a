"""Members that an object does not have: most often misspelt, or in the wrong place."""

import re
from dataclasses import dataclass
from difflib import get_close_matches

from vsm_actors.intake.events.faults import EventFault, Reason, shown

_UNKNOWN = re.compile(r"Object contains unknown field `(.*?)`(?: - at `\$\.data`)?", re.DOTALL)
_NEAR = 0.4
"""Likeness (0 to 1) from which a name is put first: ``id`` still finds ``event_id``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """What an object may hold.

    Attributes:
        names: of its members.
        place: of the object in the event, "" for the event itself.
        hint: where what is often put here belongs, or "".
    """

    names: tuple[str, ...]
    place: str = ""
    hint: str = ""

    def stray(self, error: Exception) -> EventFault | None:
        """Return the fault that names a member which is none of these; None for other errors."""
        found = _UNKNOWN.fullmatch(str(error))
        if found is None:
            return None
        name = shown(found[1])
        field = f"{self.place}.{name}" if self.place else name
        near = get_close_matches(name, self.names, n=1, cutoff=_NEAR)
        known = ", ".join(dict.fromkeys((*near, *self.names)))
        return EventFault(field, f"is not known here; known are {known}{self.hint}", Reason.INVALID)


def is_stray(error: Exception) -> bool:
    """Tell whether `error` is about a member that is not known."""
    return str(error).startswith("Object contains unknown field")
