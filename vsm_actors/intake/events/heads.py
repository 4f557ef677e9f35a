"""An event's head: all of it but its figures, checked against the catalogue.

Everything here depends on the event's name, place, attributes and on which measurements it has, so
that what is found out once holds for every event with the same head.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vsm_actors.core.events import Attribute, EventType, Measurement
from vsm_actors.core.record import Event
from vsm_actors.core.routing import label_attributes
from vsm_actors.intake.events import rules
from vsm_actors.intake.events.faults import EventFault, Reason, escaped, shown
from vsm_actors.intake.events.rules import Rules
from vsm_actors.intake.events.wire import Wire

Bounds = tuple[tuple[str, float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What an event is, before its figures.

    Attributes:
        event: with its labels only as attributes, time 0 and measurements not checked yet.
        bounds: name, least and greatest value of each of its measurements.
    """

    event: Event
    bounds: Bounds


class Heads:
    """Checks heads against a catalogue."""

    def __init__(self, catalogue: Mapping[str, EventType], settings: Rules) -> None:
        """Compile the schemas of `catalogue`."""
        self._schemas = {name: Schema.of(kind) for name, kind in catalogue.items()}
        self._settings = settings

    def schema(self, name: str) -> "Schema":
        """Return the schema of an event; that of custom ones where the catalogue has none."""
        return self._schemas.get(name, _CUSTOM)

    def check(self, wire: Wire, given: Mapping[str, str]) -> Head:
        """Return the head of an event with `given` attributes.

        Raises:
            EventFault: the first thing that is wrong with it.
        """
        schema = self.schema(wire.event)
        name = wire.event if schema.kind else rules.check_name(wire.event)
        system = rules.check_system(wire.system, schema.kind, _implied(name, given))
        path = rules.check_location(wire.path, self._settings)
        unit = rules.check_unit(wire.unit or "")
        event = Event(
            name=name,
            system=system,
            path=path,
            unit=unit,
            time=0.0,
            arrival=0.0,
            measurements=wire.measurements or {},
            attributes=schema.labelled(_with_ends(name, given, system, unit)),
        )
        return Head(event=event, bounds=schema.bounds(event.measurements))


@dataclass(frozen=True, slots=True)
class Schema:
    """One entry of the catalogue, indexed.

    Attributes:
        kind: the entry, or None for custom events.
        labels: attributes that decide its points, in a fixed order.
        others: attributes that it knows beside them.
        required: those of `others` that it must have.
        measured: the measurements that it knows.
        wanted: those that it must have.
    """

    kind: EventType | None
    labels: Mapping[str, Attribute]
    others: Mapping[str, Attribute]
    required: tuple[str, ...]
    measured: Mapping[str, Measurement]
    wanted: tuple[str, ...]

    @classmethod
    def of(cls, kind: EventType) -> "Schema":
        """Index an entry."""
        names = label_attributes(kind)
        others = {one.name: one for one in kind.attributes if one.name not in names}
        return cls(
            kind=kind,
            labels={one.name: one for one in kind.attributes if one.name in names},
            others=others,
            required=tuple(name for name, one in others.items() if one.required),
            measured={one.name: one for one in kind.measurements},
            wanted=tuple(one.name for one in kind.measurements if one.required),
        )

    def labelled(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return the attributes that become labels, checked."""
        _require((one.name for one in self.labels.values() if one.required), given, "attributes")
        return {
            name: rules.check_word(_chosen(one, given[name]), f"attributes.{name}", one.longest)
            for name, one in self.labels.items()
            if name in given
        }

    def rest(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return the attributes that are no labels, checked and fit to be shown.

        Raises:
            EventFault: one is missing, too long or not allowed, or there are too many.
        """
        if self.required:
            _require(self.required, given, "attributes")
        rest = {}
        for name, value in given.items():
            if name not in self.labels:
                rest[name] = self._other(name, value)
        if len(rest) > rules.UNKNOWN:
            unknown = len(rest.keys() - self.others.keys())
            if unknown > rules.UNKNOWN:
                raise _too_many("attributes", unknown)
        return rest

    def bounds(self, given: Mapping[str, float]) -> Bounds:
        """Return the bounds of the measurements of an event.

        Raises:
            EventFault: one is missing or badly named, or there are too many.
        """
        _require(self.wanted, given, "measurements")
        unknown = len(given.keys() - self.measured.keys())
        if unknown > rules.UNKNOWN:
            raise _too_many("measurements", unknown)
        return tuple(map(self._bound, given))

    def _other(self, name: str, value: str) -> str:
        if name == "unit":
            return rules.check_unit(value, "attributes.unit")
        known = self.others.get(name)
        if known is None:
            field = f"attributes.{shown(name)}"
            rules.check_key(name, field)
            rules.check_length(value, field, rules.WORD)
            return escaped(value)
        rules.check_length(_chosen(known, value), f"attributes.{name}", known.longest)
        return escaped(value)

    def _bound(self, name: str) -> tuple[str, float, float]:
        known = self.measured.get(name)
        if known is None:
            return rules.check_measurement(name), -rules.HUGE, rules.HUGE
        return name, max(known.low, -rules.HUGE), min(known.high, rules.HUGE)


_CUSTOM = Schema(None, {}, {}, (), {}, ())


def _chosen(known: Attribute, value: str) -> str:
    if known.choices and value not in known.choices:
        reason = f"{shown(value)!r} must be one of {', '.join(known.choices)}"
        raise EventFault(f"attributes.{known.name}", reason, Reason.INVALID)
    return value


def _too_many(member: str, unknown: int) -> EventFault:
    reason = f"{unknown} that the catalogue does not know, at most {rules.UNKNOWN}"
    return EventFault(member, reason, Reason.SIZE)


def _require(names: Iterable[str], given: Mapping[str, object], member: str) -> None:
    for name in names:
        if given.get(name, "") == "":
            raise EventFault(f"{member}.{name}", "required", Reason.MISSING)


def _is_message(name: str) -> bool:
    return name in ("message.sent", "message.received", "message.dropped")


def _reporter_end(name: str) -> str:
    return "to" if name == "message.received" else "from"


def _implied(name: str, given: Mapping[str, str]) -> int | None:
    """Return the system at the reporter's end of a message that names it."""
    end = given.get(_reporter_end(name), "")[:1] if _is_message(name) else ""
    return int(end) if end in ("1", "2", "3", "4", "5") else None


def _with_ends(name: str, given: Mapping[str, str], system: int, unit: str) -> Mapping[str, str]:
    """Return a message's attributes with its reporter's end, where that was left out."""
    if not _is_message(name):
        return given
    reporter = f"1/{unit}" if system == 1 and unit else str(system)
    ends = {**given, _reporter_end(name): given.get(_reporter_end(name)) or reporter}
    for end in ("from", "to"):
        if ends.get(end):
            rules.check_end(ends[end], f"attributes.{end}")
    return ends
