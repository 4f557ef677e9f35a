"""ResourceMonitor: how full the resources are, how much waits for them, and how long they last."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec
from msgspec import structs

from vsm_actors.core.reading import Reading
from vsm_actors.core.record import Event
from vsm_actors.core.state.bounded import Bounded, bounded
from vsm_actors.core.state.rolling import Rolling
from vsm_actors.core.statistics.trend import Trend, merge, sample
from vsm_actors.core.window.view import View

Key = tuple[str, str, str]
_NOTHING = Trend()


class Resource(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One resource of one unit, each figure None until it was measured.

    Attributes:
        used: in use.
        capacity: there is.
        queued: waiting for it.
        newest: Unix seconds of the latest measurement of any of them.
        trend: of what is in use.
    """

    used: float | None = None
    capacity: float | None = None
    queued: float | None = None
    newest: float
    trend: Rolling[Trend]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceMonitor:
    """Utilisation, saturation and time to exhaustion of the resources of System 1.

    Attributes:
        window: seconds within which a resource is expected to be measured.
        horizon: seconds that the trend looks back on: leaks show over an hour, not in minutes.
        minimum: samples under which no trend is said.
        held: windows after which a resource that was not measured is forgotten.
        limit: resources at most: the cap on the series of one metric.
    """

    window: float = 300.0
    horizon: float = 3600.0
    minimum: int = 20
    held: int = 2
    limit: int = 20_000
    name: str = field(default="ResourceMonitor", init=False)
    system: int = field(default=1, init=False)

    def initial(self) -> Bounded[Key, Resource]:
        """Return the state of one that has seen nothing: resources by path, unit and name."""
        return bounded(self.limit)

    def fold(
        self,
        state: Bounded[Key, Resource],
        event: Event,  # noqa: ARG002 - the protocol's
    ) -> Bounded[Key, Resource]:
        """Return `state`: resources come on the bulk lane only."""
        return state

    def observe(self, state: Bounded[Key, Resource], view: View) -> Bounded[Key, Resource]:
        """Return `state` with the measurements of one window."""
        touched: dict[Key, Resource] = {}
        for key, figure, value, time in _measured(view):
            known = touched.get(key) or state.get(key) or self._fresh(time)
            touched[key] = _with(known, figure, value, time)
        return state.update(touched)

    def conclude(
        self, state: Bounded[Key, Resource], now: float
    ) -> tuple[Bounded[Key, Resource], tuple[Reading, ...]]:
        """Return what is known of every resource measured lately."""
        readings: list[Reading] = []
        old: list[Key] = []
        for key, resource in state.items():
            if now - resource.newest > self.held * self.window:
                old.append(key)
            elif resource.capacity is not None and resource.capacity > 0:
                readings += self._said(key, resource, resource.capacity, now)
        return state.without(*old), tuple(readings)

    def refused(self, state: Bounded[Key, Resource]) -> int:
        """Return how often the bound refused a resource."""
        return state.refused

    def _fresh(self, time: float) -> Resource:
        return Resource(newest=time, trend=Rolling(self.horizon, _NOTHING, merge, _NOTHING))

    def _said(self, key: Key, resource: Resource, capacity: float, now: float) -> Iterator[Reading]:
        age = max(0.0, now - resource.newest)
        labels = {"path": key[0], "unit": key[1], "resource": key[2]}
        coverage = 1.0 if age <= self.window else self.window / age
        for family, value, n in self._figures(resource, capacity, now):
            if math.isfinite(value):
                yield Reading(
                    family=family, labels=labels, value=value, n=n, coverage=coverage, age=age
                )

    def _figures(
        self, resource: Resource, capacity: float, now: float
    ) -> Iterator[tuple[str, float, int]]:
        if resource.used is not None:
            yield "vsm_resource_utilization_ratio", resource.used / capacity, 1
        if resource.queued is not None:
            yield "vsm_resource_saturation_ratio", resource.queued / capacity, 1
        trend = resource.trend.total(now)
        if trend.n >= self.minimum and trend.slope_bound() > 0:
            left = max(0.0, (capacity - trend.at(now)) / trend.slope)
            yield "vsm_resource_exhaustion_seconds", left, int(trend.n)


def _measured(view: View) -> Iterator[tuple[Key, str, float, float]]:
    for figure in ("used", "capacity", "queued"):
        for row in view.rows(f"vsm_resource_{figure}"):
            path, system, unit, resource = row.series.labels
            if system == "1":
                yield (path, unit, resource), figure, row.last, row.time


def _with(resource: Resource, figure: str, value: float, time: float) -> Resource:
    newest = max(resource.newest, time)
    match figure:
        case "used":
            trend = resource.trend.add(time, sample(time, value))
            return structs.replace(resource, used=value, newest=newest, trend=trend)
        case "capacity":
            return structs.replace(resource, capacity=value, newest=newest)
        case _:
            return structs.replace(resource, queued=value, newest=newest)
