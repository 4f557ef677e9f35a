"""Every exporter that serves routes, in one place: a new one is one line."""

from collections.abc import Callable

from exporters import health, prometheus, rest
from vsm_actors.http.outlet import Outlet
from vsm_actors.http.route import Route

EXPORTERS: tuple[Callable[[Outlet], tuple[Route, ...]], ...] = (
    health.routes,
    prometheus.routes,
    rest.routes,
)


def routes(outlet: Outlet) -> tuple[Route, ...]:
    """Return the routes of all exporters, for Endpoint to mount beside the intake's."""
    return tuple(route for exporter in EXPORTERS for route in exporter(outlet))
