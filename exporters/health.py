"""``/-/healthy`` and ``/-/ready``, on both listeners."""

from collections.abc import Mapping

from aiohttp import web

from vsm_actors.http.answers import json_answer
from vsm_actors.http.outlet import Outlet
from vsm_actors.http.problems import problem
from vsm_actors.http.route import Handler, Listener, Role, Route


def routes(outlet: Outlet) -> tuple[Route, ...]:
    """Return the probes of every listener."""

    async def ready(request: web.Request, _parameters: Mapping[str, str]) -> web.StreamResponse:
        verdict = outlet.readiness.verdict()
        if verdict.ready:
            return json_answer(request, {"ready": True, "degraded": verdict.degraded})
        detail = "; ".join(verdict.reasons)
        answer = problem(503, "Not ready", detail, degraded=verdict.degraded)
        answer.headers["Retry-After"] = "1"
        return answer

    return tuple(
        route
        for listener in Listener
        for route in (
            _probe(listener, "/-/healthy", _healthy, "Whether the process answers at all."),
            _probe(listener, "/-/ready", ready, "Whether to send traffic here."),
        )
    )


async def _healthy(request: web.Request, _parameters: Mapping[str, str]) -> web.StreamResponse:
    return json_answer(request, {"healthy": True})


def _probe(listener: Listener, path: str, handler: Handler, summary: str) -> Route:
    return Route(
        listener=listener,
        method="GET",
        path=path,
        handler=handler,
        role=Role.NONE,
        summary=summary,
    )
