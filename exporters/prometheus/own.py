"""The daemon's own metrics, from the registry that the ledger keeps."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Metric

from exporters.prometheus.lettering import label_pairs
from exporters.prometheus.metadata import Metadata
from exporters.prometheus.numbers import number

_CREATED = "_created"

_NAMED = {"counter": ("_total", "counter"), "info": ("_info", "gauge")}
"""What the library leaves off a family's name, by type; an info is a gauge in text 0.0.4."""


def own_metrics(registry: CollectorRegistry) -> Iterator[tuple[Metadata, bytes]]:
    """Yield every metric with its sample lines, each led by a line break.

    Times of creation are left out: they double the lines, and no family here needs them.
    """
    for metric in registry.collect():
        suffix, kind = _NAMED.get(metric.type, ("", metric.type))
        about = Metadata(
            name=metric.name + suffix, type=kind, help=metric.documentation, unit=metric.unit
        )
        yield about, "".join(_lines(metric)).encode()


def _lines(metric: Metric) -> Iterator[str]:
    for sample in metric.samples:
        if not sample.name.endswith(_CREATED):
            pairs = label_pairs(sample.labels, sample.labels.values())
            labels = f"{{{pairs}}}" if pairs else ""
            yield f"\n{sample.name}{labels} {number(float(sample.value))}"
