"""The daemon's own books over a prometheus_client registry, built from the catalogue."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from vsm_actors.core.errors import UnknownFamilyError, WrongLabelsError
from vsm_actors.core.families import OWN, Family, Kind

LATENCIES = (
    *(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05),
    *(0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
"""Bounds of an own histogram that declares none, seconds: the goals lie between 1 and 100 ms."""

_Metric = Counter | Gauge | Histogram


class PrometheusLedger:
    """The `Ledger` protocol. Safe from every thread: children are made under the library's lock.

    A child is looked up by family and labels in one dictionary, since finding it through the
    library costs three times the increment.
    """

    def __init__(self, families: Iterable[Family] = OWN) -> None:
        """Make the metrics of `families`, each without labels at 0."""
        self.registry = CollectorRegistry(auto_describe=False)
        self._families = {family.name: family for family in families}
        self._metrics = {name: self._made(one) for name, one in self._families.items()}
        self._children: dict[tuple[str, frozenset[tuple[str, str]]], _Metric] = {}

    def count(self, family: str, amount: float = 1.0, **labels: str) -> None:
        """Add `amount` (at least 0) to a counter.

        Raises:
            UnknownFamilyError: no such own counter.
            WrongLabelsError: not the family's labels.
        """
        child = self._child(family, labels)
        if not isinstance(child, Counter):
            raise UnknownFamilyError(family)
        child.inc(amount)

    def set(self, family: str, value: float, **labels: str) -> None:
        """Set a gauge.

        Raises:
            UnknownFamilyError: no such own gauge.
            WrongLabelsError: not the family's labels.
        """
        child = self._child(family, labels)
        if not isinstance(child, Gauge):
            raise UnknownFamilyError(family)
        child.set(value)

    def observe(self, family: str, value: float, **labels: str) -> None:
        """Add one observation to a histogram.

        Raises:
            UnknownFamilyError: no such own histogram.
            WrongLabelsError: not the family's labels.
        """
        child = self._child(family, labels)
        if not isinstance(child, Histogram):
            raise UnknownFamilyError(family)
        child.observe(value)

    def value(self, family: str, **labels: str) -> float:
        """Return a counter's or gauge's value, or a histogram's count; 0 if nothing came yet."""
        of = self._families.get(family)
        name = f"{family}_count" if of is not None and of.kind is Kind.HISTOGRAM else family
        return self.registry.get_sample_value(name, labels) or 0.0

    def _child(self, family: str, labels: dict[str, str]) -> _Metric:
        key = (family, frozenset(labels.items()))
        found = self._children.get(key)
        if found is None:
            found = self._children[key] = self._find(family, labels)
        return found

    def _find(self, family: str, labels: dict[str, str]) -> _Metric:
        metric = self._metrics.get(family)
        if metric is None:
            raise UnknownFamilyError(family)
        expected = self._families[family].labels
        if set(labels) != set(expected):
            raise WrongLabelsError(family, expected, len(labels))
        return metric.labels(**labels) if labels else metric

    def _made(self, family: Family) -> _Metric:
        match family.kind:
            case Kind.COUNTER:
                return Counter(family.name, family.help, family.labels, registry=self.registry)
            case Kind.HISTOGRAM:
                return Histogram(
                    family.name,
                    family.help,
                    family.labels,
                    registry=self.registry,
                    buckets=family.buckets or LATENCIES,
                )
            case _:
                return Gauge(family.name, family.help, family.labels, registry=self.registry)
