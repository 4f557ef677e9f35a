"""Where a key's points go: name, tail and tags become one or more targets in the series table."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from vsm_actors.core.errors import InvalidPathError
from vsm_actors.core.events import CATALOGUE, Count, EventType
from vsm_actors.core.families import Family, family
from vsm_actors.core.naming import OVERFLOW, check_path, is_own
from vsm_actors.core.series import SeriesTable
from vsm_actors.intake.statsd.custom import Metric, Metrics, label_name
from vsm_actors.intake.statsd.errors import Reason, RejectedError
from vsm_actors.intake.statsd.grammar import MAX_VALUE, MetricType, Tail, read_tags
from vsm_actors.intake.statsd.rules import UNMAPPED, Mapped, Rule, Rules

_REMEMBERED = 4096
"""Paths checked before."""

_SYSTEMS = frozenset("12345")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One series that a line adds to, and how its value becomes the point's.

    Attributes:
        series: id in the series table.
        kind: `Kind` of the series.
        divisor: the value is divided by it: the sample rate of a counter, 1000 for milliseconds.
        weight: observations that one value stands for: round(1 / rate) of a timer.
        low: least value allowed, before the division; -inf for a line without a value.
        constant: whether the line counts 1 whatever its value.
    """

    series: int
    kind: int
    divisor: float = 1.0
    weight: float = 1.0
    low: float = -MAX_VALUE
    constant: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What a key resolves to.

    Attributes:
        targets: at least one.
        capped: whether a cap sent it to an overflow series.
    """

    targets: tuple[Target, ...]
    capped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A place in the model, and what further labels the line carries.

    Attributes:
        path: a valid one, not the daemon's own.
        system: "1" to "5".
        unit: "" for none.
        labels: the other tags, by their own names.
    """

    path: str
    system: str
    unit: str
    labels: Mapping[str, str]


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
        """Return the targets of a key.

        Args:
            name: the metric's name.
            tail: what follows the value.
            admit: False when the line's value is bad: then nothing is made, and None returned.

        Raises:
            RejectedError: one of the reasons for which a key is refused.
        """
        mapped = self._rules.map(name)
        if mapped.rule.event:
            position = self._position(read_tags(tail.tags), mapped)
            return self._event(mapped, position, tail) if admit else None
        metric = self._metrics.known(mapped.name, tail.kind)
        if metric is not None and (cap := self._cap(metric)):
            series = self._table.overflow(metric.family, cap)
            return Placed(targets=(_target(series, metric.family, tail),), capped=True)
        position = self._position(read_tags(tail.tags), mapped)
        if not admit:
            return None
        full = self._table.full
        return self._custom(self._metrics.claim(mapped.name, tail.kind, full=full), position, tail)

    def occurrence(self, event: str, tags: bytes) -> Placed:
        """Return the target that counts a DogStatsD event or service check.

        Raises:
            RejectedError: its tags are refused.
        """
        position = self._position(read_tags(tags), UNMAPPED)
        counts = family("vsm_custom_events_total")
        values = _values(counts, position, {"event": event})
        series = self._table.intern(counts, values)
        target = Target(series=series, kind=counts.kind, low=-math.inf, constant=True)
        return Placed(targets=(target,))

    def _cap(self, metric: Metric) -> str:
        return "label" if metric.capped else self._table.cap(metric.family)

    def _custom(self, metric: Metric, position: Position, tail: Tail) -> Placed:
        labels = {label_name(tag): value for tag, value in sorted(position.labels.items())}
        names = tuple(sorted(labels))
        chosen = metric.of(names)
        if chosen is None:
            series = self._table.overflow(metric.family, "metric")
            return Placed(targets=(_target(series, metric.family, tail),), capped=True)
        series = self._table.intern(chosen, _values(chosen, position, labels))
        metric.capped = OVERFLOW in self._table[series].labels
        return Placed(targets=(_target(series, chosen, tail),), capped=metric.capped)

    def _position(self, tags: dict[str, str], mapped: Mapped) -> Position:
        """Read the place out of the tags; what they do not say the rule does, else the default."""
        path = _checked(tags.pop("path", mapped.path or self._default))
        system = tags.pop("system", str(_system(mapped.rule)))
        if system not in _SYSTEMS:
            raise RejectedError(Reason.BAD_SYSTEM)
        unit = tags.pop("unit", mapped.unit)
        return Position(path=path, system=system, unit=unit, labels={**mapped.labels, **tags})

    def _event(self, mapped: Mapped, position: Position, tail: Tail) -> Placed:
        rule = mapped.rule
        if tail.kind is MetricType.SET:
            raise RejectedError(Reason.BAD_TYPE)
        measured = rule.measurement if tail.kind is not MetricType.COUNTER else ""
        event = CATALOGUE.get(rule.event)
        counts = _CUSTOM_COUNTS if event is None else _counts(event, position)
        targets = tuple(
            self._count(count, mapped, position, tail)
            for count in counts
            if count.value is None or (measured and count.value in (measured, "*"))
        )
        if not targets:
            raise RejectedError(Reason.BAD_ATTRIBUTE)
        return Placed(targets=targets)

    def _count(self, count: Count, mapped: Mapped, position: Position, tail: Tail) -> Target:
        counted = family(count.family)
        words = {"event": mapped.rule.event, "measurement": mapped.rule.measurement}
        attributes = {**position.labels, **words}
        sourced = {label: _joined(source, attributes) for label, source in count.labels.items()}
        series = self._table.intern(counted, _values(counted, position, {**attributes, **sourced}))
        target = _target(series, counted, tail)
        if count.value is not None:
            return replace(target, low=max(target.low, _least(mapped.rule)))
        return target if tail.kind is MetricType.COUNTER else replace(target, constant=True)


_CUSTOM_COUNTS = (
    Count(family="vsm_custom_events_total"),
    Count(family="vsm_custom_measurement", value="*"),
)


def _least(rule: Rule) -> float:
    """The least value that the event's measurement may have."""
    event = CATALOGUE.get(rule.event)
    known = event.measurements if event is not None else ()
    return max((one.low for one in known if one.name == rule.measurement), default=-MAX_VALUE)


def _counts(event: EventType, position: Position) -> tuple[Count, ...]:
    """The counts of an event that its attributes call for.

    Raises:
        RejectedError: bad_attribute, for a required one that is empty or a choice that is none.
    """
    words = position.labels
    for attribute in event.attributes:
        word = words.get(attribute.name, "")
        if (attribute.required and not word) or (
            word and attribute.choices and word not in attribute.choices
        ):
            raise RejectedError(Reason.BAD_ATTRIBUTE)
    if int(position.system) not in event.systems:
        raise RejectedError(Reason.BAD_SYSTEM)
    return tuple(count for count in event.counts if _wanted(count, words))


def _wanted(count: Count, words: Mapping[str, str]) -> bool:
    if count.when is not None and words.get(count.when[0]) != count.when[1]:
        return False
    return all(words.get(name) for name in count.present)


def _joined(source: tuple[str, ...], words: Mapping[str, str]) -> str:
    return "/".join(part[1:] if part[:1] == "=" else words.get(part, "") for part in source)


def _system(rule: Rule) -> int:
    event = CATALOGUE.get(rule.event)
    return rule.system or (event.systems[0] if event is not None else 1)


@lru_cache(_REMEMBERED)
def _checked(path: str) -> str:
    try:
        check_path(path)
    except InvalidPathError:
        raise RejectedError(Reason.BAD_PATH) from None
    if is_own(path):
        raise RejectedError(Reason.RESERVED_PATH)
    return path


def _values(chosen: Family, position: Position, labels: Mapping[str, str]) -> tuple[str, ...]:
    place = {"path": position.path, "system": position.system, "unit": position.unit}
    return tuple(place[name] if name in place else labels.get(name, "") for name in chosen.labels)


def _target(series: int, chosen: Family, tail: Tail) -> Target:
    low = 0.0 if tail.kind in (MetricType.COUNTER, MetricType.TIMER) else -MAX_VALUE
    divisor = 1e3 if tail.kind is MetricType.TIMER else 1.0
    return Target(series=series, kind=chosen.kind, divisor=divisor, low=low)


def at_rate(target: Target, tail: Tail) -> Target:
    """Return the target of a counter, timer, histogram or distribution for the rate of `tail`.

    A counter's value is divided by the rate; a timer's weight is a whole number, so that counts
    stay whole.
    """
    if tail.kind is MetricType.COUNTER:
        return replace(target, divisor=tail.rate)
    return replace(target, weight=float(round(1 / tail.rate)))
