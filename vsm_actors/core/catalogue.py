"""The catalogues as plain data: for the command line, the REST API and the reference pages."""

from collections.abc import Sequence
from typing import TypedDict

from vsm_actors.core.events import CATALOGUE, EventType
from vsm_actors.core.families import FAMILIES, Family


class Carried(TypedDict):
    """A measurement or an attribute of an event."""

    name: str
    help: str
    required: bool
    choices: Sequence[str]


class EventEntry(TypedDict):
    """An event."""

    name: str
    help: str
    systems: Sequence[int]
    measurements: Sequence[Carried]
    attributes: Sequence[Carried]
    lanes: Sequence[str]
    monitors: Sequence[str]
    metrics: Sequence[str]


class MetricEntry(TypedDict):
    """A metric family."""

    name: str
    type: str
    help: str
    unit: str
    labels: Sequence[str]
    origin: str


def event_entries() -> list[EventEntry]:
    """Return every event of the catalogue, in the order of the systems."""
    return [_event(event) for event in CATALOGUE.values()]


def metric_entries() -> list[MetricEntry]:
    """Return every metric family of the catalogue, in the order of its files."""
    return [_metric(family) for family in FAMILIES.values()]


def _event(event: EventType) -> EventEntry:
    return EventEntry(
        name=event.name,
        help=event.help,
        systems=event.systems,
        measurements=[
            Carried(name=one.name, help=one.help, required=one.required, choices=())
            for one in event.measurements
        ],
        attributes=[
            Carried(name=one.name, help=one.help, required=one.required, choices=one.choices)
            for one in event.attributes
        ],
        lanes=[lane.name.lower() for lane in event.lanes if lane.name],
        monitors=event.monitors,
        metrics=[count.family for count in event.counts],
    )


def _metric(family: Family) -> MetricEntry:
    return MetricEntry(
        name=family.name,
        type=family.kind.name.lower(),
        help=family.help,
        unit=family.unit,
        labels=family.labels,
        origin=family.origin.value,
    )
