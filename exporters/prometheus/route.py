"""``GET /metrics``."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from aiohttp import web

from exporters.prometheus.exporter import Scrape, Unavailable
from exporters.prometheus.negotiation import format_of
from vsm_actors.core.messages import Sync
from vsm_actors.http.accept import ranges, takes_gzip
from vsm_actors.http.outlet import Outlet
from vsm_actors.http.problems import problem
from vsm_actors.http.route import Listener, Role, Route

FRAME_WITHIN = 1.0
"""Seconds to wait for the frame; what is there is shown then, as while the collector restarts."""

ANSWER_WITHIN = 5.0
"""Seconds for a whole scrape: half of Prometheus's own default timeout."""

AT_ONCE = 4
"""Scrapes in work; further ones wait in line, so that many of them cost no more threads' time."""


@dataclass(frozen=True, slots=True)
class Scrapes:
    """Takes scrapes on the loop."""

    outlet: Outlet
    slots: asyncio.Semaphore

    async def answer(
        self, request: web.Request, _parameters: Mapping[str, str]
    ) -> web.StreamResponse:
        """Answer with the exposition, or 503."""
        began = self.outlet.clock.monotonic()
        try:
            async with asyncio.timeout(ANSWER_WITHIN), self.slots:
                answer = await self._scrape(request)
        except TimeoutError:
            answer = _unavailable(f"no exposition within {ANSWER_WITHIN:.0f} s")
        seconds = self.outlet.clock.monotonic() - began
        self.outlet.ledger.observe("vsm_run_scrape_seconds", seconds)
        return answer

    async def _scrape(self, request: web.Request) -> web.Response:
        body: asyncio.Future[bytes | Unavailable]
        body, reply = self.outlet.bridge.waiter()
        scrape = Scrape(
            token=self.outlet.tokens(),
            form=format_of(ranges(request, "Accept")),
            compress=takes_gzip(request),
            reply=reply,
        )
        exporter = self.outlet.address("PrometheusExporter")
        exporter.tell(scrape)
        self.outlet.address("MetricsCollector").tell(Sync(token=scrape.token))
        done, _ = await asyncio.wait([body], timeout=FRAME_WITHIN)
        if not done:
            exporter.tell(replace(scrape, waits=False))
        rendered = await body
        if isinstance(rendered, Unavailable):
            return _unavailable(rendered.reason)
        headers = {"Content-Type": scrape.form.value, "Vary": "Accept, Accept-Encoding"}
        if scrape.compress:
            headers["Content-Encoding"] = "gzip"
        return web.Response(body=rendered, headers=headers)


def routes(outlet: Outlet) -> tuple[Route, ...]:
    """Return the exporter's routes."""
    scrapes = Scrapes(outlet, asyncio.Semaphore(AT_ONCE))
    return (
        Route(
            listener=Listener.READ,
            method="GET",
            path="/metrics",
            handler=scrapes.answer,
            role=Role.READ,
            summary="The Prometheus exposition, text 0.0.4 or OpenMetrics 1.0.",
        ),
    )


def _unavailable(reason: str) -> web.Response:
    answer = problem(503, "No exposition", reason)
    answer.headers["Retry-After"] = "1"
    return answer
