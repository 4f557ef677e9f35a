"""What is to be done with every event of one head, kept under the bytes that the head came in."""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple, TypeVar

from vsm_actors.core.events import CATALOGUE
from vsm_actors.core.naming import OVERFLOW
from vsm_actors.core.record import Event
from vsm_actors.core.routing import Point, Router
from vsm_actors.core.series import SeriesTable
from vsm_actors.intake.events.heads import Bounds, Head, Heads, Schema
from vsm_actors.intake.events.rules import Rules
from vsm_actors.intake.events.wire import Wire, words

T = TypeVar("T")

_LONGEST = 1024
"""Bytes of attributes that are worth keeping as a key: labels of all catalogued events fit."""


def with_attributes(
    head: Event, measurements: Mapping[str, float], rest: Mapping[str, str]
) -> Event:
    """Return `head` with what is an event's own: its figures, and the attributes beside labels."""
    return Event(
        name=head.name,
        system=head.system,
        path=head.path,
        unit=head.unit,
        time=0.0,
        arrival=0.0,
        measurements=measurements,
        attributes={**head.attributes, **rest},
    )


class _Place(NamedTuple):
    """A checked head with its points, for all events of the same labels."""

    head: Head
    points: tuple[Point, ...]
    capped: bool


class Plan(NamedTuple):
    """What an event of one head gives to the lanes.

    Attributes:
        event: the head with time 0, and with all attributes where its record is needed.
        bounds: of its measurements.
        points: for the bulk lane.
        monitors: who folds its record.
        algedonic: whether it goes to the AlgedonicChannel.
        custom: whether the catalogue does not know its name.
    """

    event: Event
    bounds: Bounds
    points: tuple[Point, ...]
    monitors: tuple[str, ...]
    algedonic: bool
    custom: bool


class Plans:
    """Makes plans, and keeps what will come again.

    Two caches: plans by the bytes of the attributes, where these are labels only and no record is
    needed; places by the labels, for the rest. What lies over a cardinality cap is in neither.
    Safe from several threads: what is lost in a race is made again.
    """

    def __init__(self, table: SeriesTable, settings: Rules) -> None:
        """Keep nothing yet; each cache holds at most as much as `table` may hold series."""
        self._table = table
        self._router = Router(table)
        self._heads = Heads(CATALOGUE, settings)
        self._limit = table.limits.series
        self._plans: dict[tuple[object, ...], Plan] = {}
        self._places: dict[tuple[object, ...], _Place] = {}
        self._retired = 0
        self.cleared: Counter[str] = Counter()
        """Times that all was forgotten, by reason: ``full`` or ``retired``."""

    def __len__(self) -> int:
        """Count what is kept."""
        return len(self._plans) + len(self._places)

    def refresh(self) -> None:
        """Forget all if a series retired since the last call: its id must not come back."""
        retired = self._table.retired
        if retired != self._retired:
            self._retired = retired
            self._clear("retired")

    def of(self, wire: Wire, measurements: Mapping[str, float]) -> Plan:
        """Return the plan of an event.

        Raises:
            EventFault: its head is wrong.
        """
        key = (
            wire.event,
            wire.system,
            wire.path,
            wire.unit,
            bytes(wire.attributes),
            *measurements,
        )
        plan = self._plans.get(key)
        return self._make(key, wire, measurements) if plan is None else plan

    def _make(self, key: tuple[object, ...], wire: Wire, measurements: Mapping[str, float]) -> Plan:
        given = words(wire.attributes)
        schema = self._heads.schema(wire.event)
        place = self._place(wire, schema, given, measurements)
        rest = schema.rest(given)
        monitors = self._router.monitors(wire.event, given)
        algedonic = self._router.is_algedonic(wire.event)
        event = place.head.event
        if monitors or algedonic:
            event = with_attributes(event, measurements, rest)
        custom = schema.kind is None
        plan = Plan(event, place.head.bounds, place.points, monitors, algedonic, custom)
        is_own = rest or monitors or algedonic or place.capped
        if not is_own and len(bytes(wire.attributes)) <= _LONGEST:
            self._keep(self._plans, key, plan)
        return plan

    def _place(
        self,
        wire: Wire,
        schema: Schema,
        given: Mapping[str, str],
        measurements: Mapping[str, float],
    ) -> _Place:
        labels = map(given.get, schema.labels)
        key = (wire.event, wire.system, wire.path, wire.unit, *labels, *measurements)
        place = self._places.get(key)
        if place is None:
            head = self._heads.check(wire, given)
            points = self._router.points(head.event)
            capped = any(OVERFLOW in self._table[point.series].labels for point in points)
            place = _Place(head, points, capped)
            if not capped:
                self._keep(self._places, key, place)
        return place

    def _keep(self, cache: dict[tuple[object, ...], T], key: tuple[object, ...], value: T) -> None:
        if len(cache) >= self._limit:
            self._clear("full")
        cache[key] = value

    def _clear(self, reason: str) -> None:
        self._plans.clear()
        self._places.clear()
        self.cleared[reason] += 1
