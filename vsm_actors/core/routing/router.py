"""Events on their ways through the three lanes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vsm_actors.core.batch import Batch
from vsm_actors.core.events import CATALOGUE, Count, EventType, Lane
from vsm_actors.core.families import family
from vsm_actors.core.record import Event
from vsm_actors.core.routing.columns import Columns
from vsm_actors.core.routing.emitters import Emitter, Point
from vsm_actors.core.series import SeriesTable

_CUSTOM = (Emitter.of(Count(family="vsm_custom_events_total")),)
_MEASUREMENT = family("vsm_custom_measurement")


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


class Router:
    """Routes events by the catalogue."""

    def __init__(self, table: SeriesTable, catalogue: Mapping[str, EventType] = CATALOGUE) -> None:
        """Compile `catalogue`; series are interned in `table`."""
        self._table = table
        self._emitters = {
            name: tuple(map(Emitter.of, kind.counts))
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

    def points(self, event: Event) -> tuple[Point, ...]:
        """Return what `event` counts.

        It depends on the envelope, on `label_attributes` and on which measurements there are, and
        on nothing else.
        """
        known = self._known.get(event.name)
        if known is None:
            return self._points(event, _CUSTOM, frozenset())
        emitters = self._emitters.get(event.name)
        return () if emitters is None else self._points(event, emitters, known)

    def _points(
        self, event: Event, emitters: tuple[Emitter, ...], known: frozenset[str]
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


def _measured(event: Event, measurement: str) -> tuple[str, ...]:
    return event.path, str(event.system), event.unit, event.name, measurement
