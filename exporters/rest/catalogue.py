"""``GET /api/v1/catalogue``: every event and metric, as the catalogues have them."""

from collections.abc import Mapping

import msgspec
from aiohttp import web

from vsm_actors.core.catalogue import event_entries, metric_entries
from vsm_actors.http.answers import body_answer
from vsm_actors.http.route import Listener, Role, Route


def routes() -> tuple[Route, ...]:
    """Return the resource's routes. What they show is fixed, so it is encoded once."""
    body = msgspec.json.encode({"events": event_entries(), "metrics": metric_entries()})

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
