"""What a metric family is: its kind, its closed label set and where its points come from."""

import enum
from dataclasses import dataclass

DEFAULT_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of a response-time histogram in seconds; +Inf is implied."""

QUANTILES = (0.5, 0.95, 0.99)
"""What every summary exports, over five minutes."""


class Kind(enum.IntEnum):
    """How points of a series add up within a window."""

    COUNTER = 0
    """Sums deltas; the exported figure is the running total."""
    GAUGE = 1
    """Keeps the last value by (time, source, ordinal)."""
    HISTOGRAM = 2
    """Counts observations into fixed buckets, and into the sketch."""
    SUMMARY = 3
    """Counts observations into the quantile sketch."""
    DISTINCT = 4
    """Estimates the number of different members per complete ten seconds."""

    @property
    def exposed(self) -> str:
        """The type as Prometheus names it; an estimate goes up and down, so it is a gauge."""
        return "gauge" if self is Kind.DISTINCT else self.name.lower()


class Origin(enum.Enum):
    """Where the points of a series come from; nothing of `READING` feeds a monitor."""

    SOURCE = "source"
    SELF = "self"
    READING = "reading"


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One metric name with everything that is said about it once.

    Attributes:
        name: the exported name; a counter's ends in ``_total``.
        kind: how its points add up.
        help: one sentence, as on the HELP line.
        labels: the closed label set, in the order of exposition.
        unit: a Prometheus base unit, or "" where it has none.
        origin: `Origin.SOURCE` for what is measured, `Origin.READING` for what is concluded.
        buckets: upper bounds, for a histogram.
    """

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    unit: str = ""
    origin: Origin = Origin.SOURCE
    buckets: tuple[float, ...] = ()
