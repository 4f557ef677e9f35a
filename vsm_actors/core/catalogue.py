"""The catalogues as plain data: for the command line, the REST API and the reference pages."""

import math
from collections.abc import Sequence
from typing import TypedDict

from vsm_actors.core.events import CATALOGUE, Attribute, EventType, Measurement
from vsm_actors.core.families import FAMILIES, Family


class Carried(TypedDict):
    """What an event carries."""

    name: str
    help: str
    required: bool


class MeasurementEntry(Carried):
    """A measurement; `low` and `high` are None where it has no bound."""

    low: float | None
    high: float | None


class AttributeEntry(Carried):
    """An attribute; no `choices` are any text."""

    choices: Sequence[str]


class EventEntry(TypedDict):
    """An event."""

    name: str
    help: str
    systems: Sequence[int]
    measurements: Sequence[MeasurementEntry]
    attributes: Sequence[AttributeEntry]
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
    buckets: Sequence[float]
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
        measurements=[_measurement(one) for one in event.measurements],
        attributes=[_attribute(one) for one in event.attributes],
        lanes=[lane.name.lower() for lane in event.lanes if lane.name],
        monitors=event.monitors,
        metrics=[count.family for count in event.counts],
    )


def _measurement(one: Measurement) -> MeasurementEntry:
    return MeasurementEntry(
        name=one.name,
        help=one.help,
        required=one.required,
        low=one.low if math.isfinite(one.low) else None,
        high=one.high if math.isfinite(one.high) else None,
    )


def _attribute(one: Attribute) -> AttributeEntry:
    return AttributeEntry(name=one.name, help=one.help, required=one.required, choices=one.choices)


def _metric(family: Family) -> MetricEntry:
    return MetricEntry(
        name=family.name,
        type=family.kind.exposed,
        help=family.help,
        unit=family.unit,
        labels=family.labels,
        buckets=family.buckets,
        origin=family.origin.value,
    )
