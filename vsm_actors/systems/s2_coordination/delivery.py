"""Which messages arrived, told by their ids: sent and not received within a minute is lost."""

from dataclasses import dataclass, replace
from typing import TypeAlias

from vsm_actors.core.record import Event
from vsm_actors.core.state.bounded import Bounded, bounded
from vsm_actors.core.state.rolling import Rolling, Sums, rolling_sums
from vsm_actors.core.state.waiting import Waiting
from vsm_actors.systems.s2_coordination.edges import Edge, edge_of

Key: TypeAlias = tuple[Edge, str]
"""An edge and a message's id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What is known of one message.

    Attributes:
        event: what was heard of it: ``sent``, ``received``, or ``judged`` once its fate is known.
        time: Unix seconds at which that happened.
    """

    event: str
    time: float


_JUDGED = Trace(event="judged", time=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of the messages of one edge.

    Attributes:
        judged: messages whose fate is known, and those of them that were lost.
        heard: whether its receiver ever reported: one that never does cannot tell losses.
        newest: Unix seconds of the latest verdict.
    """

    judged: Rolling[Sums]
    heard: bool
    newest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """All messages with ids.

    Attributes:
        window: seconds that verdicts count.
        patience: seconds after which a message that was not received is lost.
        traces: messages on their way, and those just judged, so that nothing counts twice.
        fates: by edge.
    """

    window: float
    patience: float
    traces: Waiting[Key, Trace]
    fates: Bounded[Edge, Fate]

    @property
    def refused(self) -> int:
        """How often a bound refused a message or an edge."""
        return self.traces.refused + self.fates.refused

    def heard(self, event: Event) -> "Delivery":
        """Return this with a message's event; what is said of it after its verdict is ignored."""
        message = event.attribute("id")
        if not message:
            return self
        edge, what = edge_of(event), event.name.removeprefix("message.")
        state = self._answered(edge, event.arrival) if what == "received" else self
        known = self.traces.get((edge, message))
        now = Trace(event=what, time=event.time)
        lost = _verdict(known, now, self.patience)
        if lost is None:
            if known is not None:
                return state
            return state.traced((edge, message), now, event.arrival)
        return state.traced((edge, message), _JUDGED, event.arrival).told(
            edge, event.arrival, lost=lost
        )

    def advance(self, now: float) -> "Delivery":
        """Return this with the overdue judged as lost, and quiet edges forgotten."""
        due, traces = self.traces.due(now)
        state = replace(self, traces=traces)
        for (edge, _), trace in due:
            fate = self.fates.get(edge)
            # Before its receiver reported at all, a message was not lost: nobody would have told.
            if trace.event == "sent" and fate is not None and fate.heard:
                state = state.told(edge, now, lost=True)
        quiet = [edge for edge, fate in state.fates.items() if now - fate.newest > 2 * state.window]
        return replace(state, fates=state.fates.without(*quiet)) if quiet else state

    def traced(self, key: Key, trace: Trace, arrival: float) -> "Delivery":
        """Return this with a message's trace, kept for as long as it may be waited for."""
        return replace(self, traces=self.traces.put(key, trace, arrival + self.patience))

    def told(self, edge: Edge, now: float, *, lost: bool) -> "Delivery":
        """Return this with one more verdict."""
        fate = self.fates.get(edge) or self._fresh(now)
        judged = fate.judged.add(now, (1.0, float(lost)))
        return replace(self, fates=self.fates.put(edge, replace(fate, judged=judged, newest=now)))

    def _answered(self, edge: Edge, now: float) -> "Delivery":
        fate = self.fates.get(edge) or self._fresh(now)
        if fate.heard:
            return self
        return replace(self, fates=self.fates.put(edge, replace(fate, heard=True)))

    def _fresh(self, now: float) -> Fate:
        return Fate(judged=rolling_sums(self.window, 2), heard=False, newest=now)


def no_delivery(*, window: float, patience: float, messages: int, limit: int) -> Delivery:
    """Return the state before any message."""
    return Delivery(
        window=window, patience=patience, traces=Waiting(limit=messages), fates=bounded(limit)
    )


def _verdict(known: Trace | None, now: Trace, patience: float) -> bool | None:
    """Return whether the message is lost, or None where that cannot be told yet, or again."""
    if known is None:
        return True if now.event == "dropped" else None
    match (known.event, now.event):
        case ("sent", "dropped"):
            return True
        case ("sent", "received"):
            return now.time - known.time > patience
        case ("received", "sent"):
            return known.time - now.time > patience
        case _:
            return None
