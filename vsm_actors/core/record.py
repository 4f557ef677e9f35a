"""One event as the event and algedonic lanes carry it."""

from collections.abc import Mapping

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A validated event.

    Attributes:
        name: as in the catalogue, or a custom one.
        system: 1 to 5, the reporter's.
        path: the viable system where it happened.
        unit: the reporting unit, "" where none is said.
        time: when it happened, Unix seconds, never later than `arrival`.
        arrival: when it was accepted, Unix seconds.
        measurements: its numbers, finite.
        attributes: its words; `attributes["unit"]` is the unit that is meant.
        trace: the W3C ``traceparent``, "" where there is none.
        source: who sent it (CloudEvents ``source``), "" where it is not said.
    """

    name: str
    system: int
    path: str
    unit: str = ""
    time: float
    arrival: float
    measurements: Mapping[str, float]
    attributes: Mapping[str, str]
    trace: str = ""
    source: str = ""

    def attribute(self, name: str, default: str = "") -> str:
        """Return the attribute called `name`, or `default`."""
        return self.attributes.get(name, default)

    @property
    def meant(self) -> str:
        """The unit that the event is about: the attribute's, else the reporter's."""
        return self.attributes.get("unit", self.unit)
