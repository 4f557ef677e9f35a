"""Where a key's points go: name, tail and tags become one or more targets in the series table."""

import math

from vsm_actors.core.families import family
from vsm_actors.core.naming import check_path
from vsm_actors.core.series import SeriesTable
from vsm_actors.intake.statsd.custom import Metric, Metrics, label_name
from vsm_actors.intake.statsd.grammar import Tail
from vsm_actors.intake.statsd.mapped import place_event
from vsm_actors.intake.statsd.position import Position, read_position
from vsm_actors.intake.statsd.rules import UNMAPPED, Rules
from vsm_actors.intake.statsd.target import Placed, Target, target_of


class Placer:
    """Places keys that are seen for the first time."""

    def __init__(
        self, table: SeriesTable, metrics: Metrics, rules: Rules, default_path: str
    ) -> None:
        """Make it over a series table and a register of custom metrics.

        Raises:
            InvalidPathError: `default_path` does not follow the grammar.
        """
        self._table = table
        self._metrics = metrics
        self._rules = rules
        self._default = check_path(default_path)

    def place(self, name: str, tail: Tail, *, admit: bool) -> Placed | None:
        """Return the targets of a key, at a sample rate of 1.

        Args:
            name: the metric's name.
            tail: what follows the value.
            admit: False when the line's value is bad: then nothing is made, and None returned.

        Raises:
            RejectedError: one of the reasons for which a key is refused.
        """
        mapped = self._rules.map(name)
        if mapped.rule.event:
            position = read_position(tail.tags, mapped, self._default)
            return place_event(self._table, mapped, position, tail) if admit else None
        metric = self._metrics.known(mapped.name, tail.kind)
        if metric is not None and (cap := self._cap(metric)):
            return self._overflow(metric, cap, tail)
        position = read_position(tail.tags, mapped, self._default)
        if not admit:
            return None
        full = self._table.full
        return self._custom(self._metrics.claim(mapped.name, tail.kind, full=full), position, tail)

    def occurrence(self, event: str, tags: bytes) -> Placed:
        """Return the target that counts a DogStatsD event or service check.

        Raises:
            RejectedError: its tags are refused.
        """
        position = read_position(tags, UNMAPPED, self._default)
        counts = family("vsm_custom_events_total")
        series = self._table.intern(counts, position.values(counts, {"event": event}))
        target = Target(series=series, kind=counts.kind, low=-math.inf, constant=True)
        return Placed(targets=(target,))

    def _cap(self, metric: Metric) -> str:
        return "label" if metric.capped else self._table.cap(metric.family)

    def _overflow(self, metric: Metric, cap: str, tail: Tail) -> Placed:
        series = self._table.overflow(metric.family, cap)
        target = target_of(series, metric.family, tail)
        return Placed(targets=(target,), capped=True, over=(metric.family, cap))

    def _custom(self, metric: Metric, position: Position, tail: Tail) -> Placed:
        labels = {label_name(tag): value for tag, value in sorted(position.labels.items())}
        chosen = metric.of(tuple(sorted(labels)))
        if chosen is None:
            return self._overflow(metric, "metric", tail)
        values = position.values(chosen, labels)
        series = self._table.intern(chosen, values)
        metric.capped = self._table[series].labels != values
        return Placed(targets=(target_of(series, chosen, tail),), capped=metric.capped)
