"""``GET /api/v1/catalogue``: every event and metric, as the catalogues have them."""

import math
from collections.abc import Mapping

import msgspec
from aiohttp import web

from vsm_actors.core.events import CATALOGUE, Attribute, EventType, Lane, Measurement
from vsm_actors.core.families import FAMILIES, Family
from vsm_actors.http.answers import body_answer
from vsm_actors.http.route import Listener, Role, Route


def document() -> dict[str, object]:
    """Return the whole catalogue."""
    return {
        "events": [_event(event) for event in CATALOGUE.values()],
        "metrics": [_metric(family) for family in FAMILIES.values()],
    }


def routes() -> tuple[Route, ...]:
    """Return the resource's routes. What they show is fixed, so it is encoded once."""
    body = msgspec.json.encode(document())

    async def show(request: web.Request, _parameters: Mapping[str, str]) -> web.StreamResponse:
        return body_answer(request, body, content_type="application/json")

    return (
        Route(
            listener=Listener.READ,
            method="GET",
            path="/api/v1/catalogue",
            handler=show,
            role=Role.READ,
            summary="Every event and metric with its type, unit and help.",
        ),
    )


def _event(event: EventType) -> dict[str, object]:
    return {
        "name": event.name,
        "help": event.help,
        "systems": event.systems,
        "lanes": [lane.name.lower() for lane in Lane if lane in event.lanes and lane.name],
        "measurements": [_measurement(one) for one in event.measurements],
        "attributes": [_attribute(one) for one in event.attributes],
        "monitors": event.monitors,
        "metrics": [count.family for count in event.counts],
    }


def _measurement(one: Measurement) -> dict[str, object]:
    return {
        "name": one.name,
        "help": one.help,
        "required": one.required,
        "low": one.low if math.isfinite(one.low) else None,
        "high": one.high if math.isfinite(one.high) else None,
    }


def _attribute(one: Attribute) -> dict[str, object]:
    return {
        "name": one.name,
        "help": one.help,
        "required": one.required,
        "choices": one.choices,
    }


def _metric(family: Family) -> dict[str, object]:
    return {
        "name": family.name,
        "type": family.kind.exposed,
        "help": family.help,
        "unit": family.unit,
        "labels": family.labels,
        "buckets": family.buckets,
        "origin": family.origin.value,
    }
