"""The Prometheus exposition: ``GET /metrics`` in text 0.0.4 and OpenMetrics 1.0."""

from exporters.prometheus.exporter import PrometheusExporter, Scrape, Unavailable, lost
from exporters.prometheus.exposition import Exposition
from exporters.prometheus.negotiation import Format
from exporters.prometheus.route import routes

__all__ = [
    "Exposition",
    "Format",
    "PrometheusExporter",
    "Scrape",
    "Unavailable",
    "lost",
    "routes",
]
