"""From an event to the lanes: what it counts, which monitors fold it, whether it is algedonic.

The catalogue says it as data; here each entry is compiled once into emitters, so that an event
costs a few look-ups. What the catalogue does not know is counted as custom.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np

from vsm_actors.core.batch import Batch, Exemplar
from vsm_actors.core.events import CATALOGUE, Count, EventType, Lane
from vsm_actors.core.families import Family, Kind, family
from vsm_actors.core.record import Event
from vsm_actors.core.series import SeriesTable

_Source: TypeAlias = Callable[[Event], str]

_ENVELOPE: Mapping[str, _Source] = {
    "event": lambda event: event.name,
    "path": lambda event: event.path,
    "system": lambda event: str(event.system),
    "unit": lambda event: event.unit,
}
_CUSTOM = Count(family="vsm_custom_events_total")
_MEASUREMENT = family("vsm_custom_measurement")


class Point(NamedTuple):
    """What an event gives to one series.

    Attributes:
        series: the series' id.
        measurement: whose value it is; None counts 1.
        traced: whether a trace of the event is an exemplar of it.
    """

    series: int
    measurement: str | None
    traced: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """Events on their ways.

    Attributes:
        batch: for the MetricsCollector, possibly empty.
        records: for the monitors, by name; none is empty.
        signals: for the AlgedonicChannel.
    """

    batch: Batch
    records: Mapping[str, tuple[Event, ...]]
    signals: tuple[Event, ...]


class Columns:
    """Points as they gather, event by event, until they become a batch."""

    __slots__ = ("_counts", "_series", "_times", "_values")

    def __init__(self) -> None:
        """Hold nothing yet."""
        self._series: list[int] = []
        self._values: list[float] = []
        self._times: list[float] = []
        self._counts: list[int] = []

    def __len__(self) -> int:
        """Count the points."""
        return len(self._series)

    def add(
        self, points: tuple[Point, ...], measurements: Mapping[str, float], time: float
    ) -> None:
        """Append what one event gives, at Unix seconds `time`."""
        for series, measurement, _ in points:
            self._series.append(series)
            self._values.append(1.0 if measurement is None else measurements[measurement])
        self._times.append(time)
        self._counts.append(len(points))

    def batch(self, source: str, arrival: float, exemplars: tuple[Exemplar, ...] = ()) -> Batch:
        """Return all of it as one batch that was complete at monotonic `arrival`."""
        return Batch(
            source=source,
            series=np.array(self._series, dtype=np.int32),
            value=np.array(self._values, dtype=np.float64),
            weight=np.ones(len(self._series)),
            time=np.repeat(np.array(self._times, dtype=np.float64), self._counts),
            arrival=arrival,
            exemplars=exemplars,
        )


class Router:
    """Routes events by the catalogue."""

    def __init__(self, table: SeriesTable, catalogue: Mapping[str, EventType] = CATALOGUE) -> None:
        """Compile `catalogue`; series are interned in `table`."""
        self._table = table
        self._emitters = {
            name: tuple(map(_Emitter.of, kind.counts))
            for name, kind in catalogue.items()
            if Lane.BULK in kind.lanes
        }
        self._known = {
            name: frozenset(one.name for one in kind.measurements)
            for name, kind in catalogue.items()
        }
        self._recorded = {
            name: kind for name, kind in catalogue.items() if Lane.EVENT in kind.lanes
        }
        self._algedonic = frozenset(
            name for name, kind in catalogue.items() if Lane.ALGEDONIC in kind.lanes
        )
        self._custom = (_Emitter.of(_CUSTOM),)

    def points(self, event: Event) -> tuple[Point, ...]:
        """Return what `event` counts.

        It depends on the envelope, on `label_attributes` and on which measurements there are, and
        on nothing else.
        """
        known = self._known.get(event.name)
        if known is None:
            return self._points(event, self._custom, frozenset())
        emitters = self._emitters.get(event.name)
        return () if emitters is None else self._points(event, emitters, known)

    def _points(
        self, event: Event, emitters: tuple["_Emitter", ...], known: frozenset[str]
    ) -> tuple[Point, ...]:
        points = [
            Point(self._table.intern(one.family, one.labels(event)), one.value, one.traced)
            for one in emitters
            if one.applies(event)
        ]
        points += [
            Point(self._table.intern(_MEASUREMENT, _measured(event, name)), name, traced=False)
            for name in event.measurements
            if name not in known
        ]
        return tuple(points)

    def monitors(self, name: str, attributes: Mapping[str, str]) -> tuple[str, ...]:
        """Return the names of the monitors that fold the record of an event."""
        kind = self._recorded.get(name)
        if kind is None or (kind.paired and not any(map(attributes.get, kind.paired))):
            return ()
        return kind.monitors

    def is_algedonic(self, name: str) -> bool:
        """Tell whether events of this name go straight to the AlgedonicChannel."""
        return name in self._algedonic

    def route(self, events: Iterable[Event], *, source: str, arrival: float) -> Routed:
        """Return the ways of `events` that came from `source`, complete at monotonic `arrival`."""
        columns = Columns()
        records: defaultdict[str, list[Event]] = defaultdict(list)
        signals = []
        for event in events:
            columns.add(self.points(event), event.measurements, event.time)
            for monitor in self.monitors(event.name, event.attributes):
                records[monitor].append(event)
            if self.is_algedonic(event.name):
                signals.append(event)
        return Routed(
            batch=columns.batch(source, arrival),
            records={name: tuple(found) for name, found in records.items()},
            signals=tuple(signals),
        )


def label_attributes(kind: EventType) -> frozenset[str]:
    """Return the attributes of `kind` that decide which series its points go to."""
    names: set[str] = set()
    for count in kind.counts:
        names.update(count.present)
        if count.when is not None:
            names.add(count.when[0])
        for label in family(count.family).labels:
            if label in count.labels:
                names.update(part for part in count.labels[label] if not part.startswith("="))
            elif label not in _ENVELOPE:
                names.add(label)
    return frozenset(names)


@dataclass(frozen=True, slots=True)
class _Emitter:
    """One `Count` of the catalogue, compiled."""

    family: Family
    sources: tuple[_Source, ...]
    value: str | None
    when: tuple[str, str] | None
    present: tuple[str, ...]
    traced: bool

    @classmethod
    def of(cls, count: Count) -> "_Emitter":
        found = family(count.family)
        return cls(
            family=found,
            sources=tuple(_source(label, count) for label in found.labels),
            value=count.value,
            when=count.when,
            present=count.present,
            traced=found.kind is Kind.HISTOGRAM,
        )

    def applies(self, event: Event) -> bool:
        if self.value is not None and self.value not in event.measurements:
            return False
        if self.when is not None and event.attributes.get(self.when[0]) != self.when[1]:
            return False
        return all(event.attributes.get(name) for name in self.present)

    def labels(self, event: Event) -> tuple[str, ...]:
        return tuple([source(event) for source in self.sources])


def _source(label: str, count: Count) -> _Source:
    if label in count.labels:
        parts = tuple(map(_part, count.labels[label]))
        return lambda event: "/".join([part(event) for part in parts])
    return _ENVELOPE.get(label) or _attribute(label)


def _part(name: str) -> _Source:
    if name.startswith("="):
        word = name[1:]
        return lambda _: word
    return _attribute(name)


def _attribute(name: str) -> _Source:
    return lambda event: event.attributes.get(name, "")


def _measured(event: Event, measurement: str) -> tuple[str, ...]:
    return event.path, str(event.system), event.unit, event.name, measurement
