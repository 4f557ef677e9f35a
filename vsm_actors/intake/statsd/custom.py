"""Names and families of what StatsD reports without an event: ``vsm_custom_*``.

Counters end in ``_total``, timers are summaries in ``_seconds``, histograms and distributions are
summaries, sets end in ``_distinct``. The labels are path, system and unit and then the tags of the
series in the order of their names, so that one metric may have several label sets.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from vsm_actors.core.families import FAMILIES, Family, Kind
from vsm_actors.core.naming import metric_name
from vsm_actors.intake.statsd.errors import Reason, RejectedError
from vsm_actors.intake.statsd.grammar import MetricType

PLACE = ("path", "system", "unit")
"""The labels that every custom metric has."""

MAX_LABEL_SETS = 64
"""Label sets of one metric: past that its tag names themselves are data."""

_REMEMBERED = 4096
"""Names made before: few names make up many keys."""

_PREFIX = "vsm_custom_"
_MEANT = ("_total", "_sum", "_count", "_bucket", "_info", "_created")
_KINDS = {
    MetricType.COUNTER: Kind.COUNTER,
    MetricType.GAUGE: Kind.GAUGE,
    MetricType.TIMER: Kind.SUMMARY,
    MetricType.HISTOGRAM: Kind.SUMMARY,
    MetricType.DISTRIBUTION: Kind.SUMMARY,
    MetricType.SET: Kind.DISTINCT,
}
_SUFFIX = {
    MetricType.COUNTER: "_total",
    MetricType.TIMER: "_seconds",
    MetricType.SET: "_distinct",
}
_RESERVED = frozenset(name.removesuffix("_total") for name in FAMILIES)


def exported_name(name: str, kind: MetricType) -> str:
    """Return the name under which the metric `name` is exported.

    A gauge, histogram or distribution whose name ends like another kind's sample gets ``_value``,
    and so does what would take the name of a family of the catalogue.
    """
    suffix = _SUFFIX.get(kind, "")
    stem = _PREFIX + metric_name(name).removesuffix(suffix)
    if not suffix and stem.endswith(_MEANT):
        stem += "_value"
    whole = stem + suffix
    if whole.removesuffix("_total") in _RESERVED:
        return f"{stem}_value{suffix}"
    return whole


@lru_cache(_REMEMBERED)
def label_name(tag: str) -> str:
    """Return the label that the tag `tag` becomes.

    What Prometheus keeps for itself (``le``, ``quantile``, ``__x``), what is the place of a point,
    and what begins with a digit gets the prefix ``tag_``.
    """
    name = metric_name(tag)
    taken = name in ("le", "quantile", *PLACE)
    return f"tag_{name}" if taken or name.startswith("__") or name[:1].isdigit() else name


@dataclass(slots=True, kw_only=True)
class Metric:
    """One custom metric: a name, a type and its label sets.

    Attributes:
        family: with the labels of the place only; it also takes what is over a cap.
        kind: the type that the name was first seen with.
        families: one for each label set.
        capped: whether a label of it has met its cap: misses then go to the overflow series.
    """

    family: Family
    kind: MetricType
    families: dict[tuple[str, ...], Family] = field(default_factory=dict)
    capped: bool = False

    def of(self, labels: tuple[str, ...]) -> Family | None:
        """Return the family with these further labels, None past `MAX_LABEL_SETS`."""
        if not labels:
            return self.family
        found = self.families.get(labels)
        if found is None and len(self.families) < MAX_LABEL_SETS:
            found = self.families[labels] = _family(self.family.name, self.kind, labels)
        return found


def _family(name: str, kind: MetricType, labels: tuple[str, ...]) -> Family:
    text = f"Reported over StatsD as {kind.name.lower()}."
    unit = "seconds" if kind is MetricType.TIMER else ""
    return Family(name=name, kind=_KINDS[kind], help=text, labels=(*PLACE, *labels), unit=unit)


class Metrics:
    """The custom metrics by name; of two types for one name the first wins."""

    def __init__(self, limit: int) -> None:
        """Make an empty register.

        Args:
            limit: names at most; further ones are refused as too_many_names.
        """
        self._limit = limit
        self._metrics: dict[str, Metric] = {}
        self._types: dict[str, MetricType] = {}
        self._claims: dict[str, MetricType] = {}

    def capped(self, cap: Callable[[Family], str]) -> bool:
        """Tell whether any metric has met a cap: of its labels, or by `cap` of its family."""
        return any(one.capped or cap(one.family) for one in self._metrics.values())

    def known(self, name: str, kind: MetricType) -> Metric | None:
        """Return the metric if it has been seen.

        Raises:
            RejectedError: type_conflict.
        """
        base, exported = _identity(name, kind)
        found = self._metrics.get(exported)
        if found is not None and found.kind is kind:
            return found
        claim = exported.removesuffix("_total")
        if self._types.get(base, kind) is not kind or self._claims.get(claim, kind) is not kind:
            raise RejectedError(Reason.TYPE_CONFLICT)
        return None

    def claim(self, name: str, kind: MetricType, *, full: bool) -> Metric:
        """Return the metric, new or known.

        Args:
            name: as reported.
            kind: as reported.
            full: whether there is no room for a series of a new metric.

        Raises:
            RejectedError: type_conflict or too_many_names.
        """
        found = self.known(name, kind)
        if found is not None:
            return found
        if full or len(self._metrics) >= self._limit:
            raise RejectedError(Reason.TOO_MANY_NAMES)
        base, exported = _identity(name, kind)
        self._types[base] = self._claims[exported.removesuffix("_total")] = kind
        made = self._metrics[exported] = Metric(family=_family(exported, kind, ()), kind=kind)
        return made


@lru_cache(_REMEMBERED)
def _identity(name: str, kind: MetricType) -> tuple[str, str]:
    """What must be of one type, the name without its counter's suffix; and the exported name."""
    base = metric_name(name)
    if kind is MetricType.COUNTER:
        base = base.removesuffix("_total")
    return base, exported_name(name, kind)
