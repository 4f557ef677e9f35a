"""What the built-in sources observe: events of the catalogue, each standing for an amount.

A source that looks every few seconds sees thirty sleeping processes, not thirty events. A `Fact` is
the event once with the amount beside it; the bulk lane takes the amount as the counter's delta.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from vsm_actors.core.batch import Batch, batch_of
from vsm_actors.core.record import Event
from vsm_actors.core.routing import Router

_NOTHING: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One observation.

    Attributes:
        event: as the catalogue shapes it. Measurements that cannot be known are left out, and
            with them whatever the catalogue counts from them.
        amount: how many of such events it stands for, above 0; gauges take it as 1.
    """

    event: Event
    amount: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """Facts on their ways.

    Attributes:
        batch: for the MetricsCollector.
        records: for the monitors, by name; none is empty.
    """

    batch: Batch
    records: Mapping[str, tuple[Event, ...]]


@dataclass(frozen=True, slots=True)
class Teller:
    """Words facts about one viable system at one moment.

    Attributes:
        path: the viable system.
        now: Unix seconds of the look.
    """

    path: str
    now: float

    def resource(
        self, unit: str, resource: str, used: float, capacity: float, queued: float | None = None
    ) -> Fact:
        """Say how much of a resource is in use, in the resource's own unit."""
        measured = {"used": used, "capacity": capacity}
        if queued is not None:
            measured["queued"] = queued
        return self._fact(1, "resource.measured", unit, {"resource": resource}, measured)

    def state(self, unit: str, stream: str, state: str, amount: float = 1.0) -> Fact:
        """Say that `amount` samples of a stream were in `state`."""
        said = {"stream": stream, "state": state}
        return self._fact(1, "state.observed", unit, said, amount=amount)

    def started(self, unit: str, operation: str, amount: float) -> Fact:
        """Say that `amount` operations began."""
        return self._fact(1, "operation.started", unit, {"operation": operation}, amount=amount)

    def completed(self, unit: str, operation: str, error: str, amount: float) -> Fact:
        """Say that `amount` operations ended, in `error` unless that is empty.

        How long each took is not known to who only looks, so no duration is said.
        """
        said = {"operation": operation, "outcome": "error" if error else "ok"}
        if error:
            said["error_type"] = error
        return self._fact(1, "operation.completed", unit, said, amount=amount)

    def message(self, verb: str, edge: tuple[str, str, str], unit: str, amount: float) -> Fact:
        """Say that `amount` messages were sent, received or dropped on (from, to, channel)."""
        origin, to, channel = edge
        said = {"from": origin, "to": to, "channel": channel}
        return self._fact(1, f"message.{verb}", unit, said, amount=amount)

    def directive(self, verb: str, identity: str, unit: str, action: str, effect: str = "") -> Fact:
        """Say that a directive of System 3 to `unit` was issued, completed or refused."""
        said = {"id": identity, "unit": unit, "action": action}
        if effect:
            said["effect"] = effect
        return self._fact(3, f"directive.{verb}", "", said)

    def scanned(self, source: str, signal: str, value: float, state: str = "") -> Fact:
        """Say what a look at the outside showed, `value` in the signal's own unit."""
        said = {"source": source, "signal": signal}
        if state:
            said["state"] = state
        return self._fact(4, "environment.scanned", "", said, {"value": float(value)})

    def _fact(
        self,
        system: int,
        name: str,
        unit: str,
        attributes: Mapping[str, str],
        measurements: Mapping[str, float] = _NOTHING,
        amount: float = 1.0,
    ) -> Fact:
        event = Event(
            name=name,
            system=system,
            path=self.path,
            unit=unit,
            time=self.now,
            arrival=self.now,
            measurements=measurements,
            attributes=attributes,
        )
        return Fact(event=event, amount=amount)


def gather(
    facts: Iterable[Fact], router: Router, *, source: str, now: float, arrival: float
) -> Observed:
    """Route `facts` of one look.

    Args:
        facts: all of them at Unix seconds `now`.
        router: knows what the catalogue counts, and who folds records.
        source: the batch's source.
        now: Unix seconds.
        arrival: monotonic seconds.
    """
    series: list[int] = []
    values: list[float] = []
    records: defaultdict[str, list[Event]] = defaultdict(list)
    for fact in facts:
        for point in router.points(fact.event):
            name = point.measurement
            series.append(point.series)
            values.append(fact.amount if name is None else fact.event.measurements[name])
        for monitor in router.monitors(fact.event.name, fact.event.attributes):
            records[monitor].append(fact.event)
    return Observed(
        batch=batch_of(source, series, values, time=now, arrival=arrival),
        records={name: tuple(found) for name, found in records.items()},
    )
