"""The read API's first resources: the supervision tree, the alerts, the catalogue."""

from exporters.rest import alerts, catalogue, tree
from vsm_actors.http.outlet import Outlet
from vsm_actors.http.route import Route

__all__ = ["routes"]


def routes(outlet: Outlet) -> tuple[Route, ...]:
    """Return the routes of all resources."""
    return (*tree.routes(outlet), *alerts.routes(outlet), *catalogue.routes())
