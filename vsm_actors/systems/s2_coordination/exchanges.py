"""Requests and their replies: how long units wait for each other."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from vsm_actors.core.reading import Reading
from vsm_actors.core.record import Event
from vsm_actors.core.state.bounded import Bounded, bounded
from vsm_actors.core.state.waiting import Waiting

Key: TypeAlias = tuple[str, str]
"""Path and id of the request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and its reply, whichever of them is known.

    Attributes:
        asked: Unix seconds at which the request was sent.
        replied: Unix seconds of the reply: sent, or received where that was heard first.
        ends: who asked, and who was asked.
    """

    asked: float | None = None
    replied: float | None = None
    ends: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """One observation.

    Attributes:
        path: where.
        ends: who asked, and who was asked.
        seconds: reply minus request, at least 0.
        time: Unix seconds of the reply.
        earlier: those observed before it since the last tick.
    """

    path: str
    ends: tuple[str, str]
    seconds: float
    time: float
    earlier: "Lag | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanges:
    """All exchanges of the last minutes.

    Attributes:
        patience: seconds that a request or a reply waits for the other.
        known: by path and the request's id; answered ones stay, so that a reply counts once.
        observed: the latest lag since the last tick, linked to the earlier ones.
        negative: replies timed before their requests, by path.
    """

    patience: float
    known: Waiting[Key, Exchange]
    observed: Lag | None = None
    negative: Bounded[str, int] = field(default_factory=lambda: bounded(1_000))

    @property
    def refused(self) -> int:
        """How often a bound refused a message or a path."""
        return self.known.refused + self.negative.refused

    def heard(self, event: Event) -> "Exchanges":
        """Return this with a message: as a request, as a reply, or as both."""
        exchanges = self
        request, answered = event.attribute("id"), event.attribute("in_reply_to")
        if request and event.name == "message.sent":
            ends = event.attribute("from"), event.attribute("to")
            known = self.known.get((event.path, request)) or Exchange()
            if known.asked is None:
                asked = replace(known, asked=event.time, ends=ends)
                exchanges = exchanges.learned(event, request, asked)
        if answered and event.name != "message.dropped":
            known = exchanges.known.get((event.path, answered)) or Exchange()
            if known.replied is None:
                replied = replace(known, replied=event.time)
                exchanges = exchanges.learned(event, answered, replied)
        return exchanges

    def advance(self, now: float) -> "Exchanges":
        """Return this with the lags handed out and the old exchanges forgotten."""
        _, known = self.known.due(now)
        return replace(self, known=known, observed=None)

    def readings(self, now: float) -> Iterator[Reading]:
        """Yield every lag observed since the last tick, and how many were negative so far."""
        lag = self.observed
        while lag is not None:
            yield Reading(
                family="vsm_coordination_lag_seconds",
                labels={"path": lag.path, "from": lag.ends[0], "to": lag.ends[1]},
                value=lag.seconds,
                n=1,
                age=max(0.0, now - lag.time),
            )
            lag = lag.earlier
        for path, count in self.negative.items():
            yield Reading(
                family="vsm_coordination_lags_negative",
                labels={"path": path},
                value=float(count),
                n=count,
            )

    def learned(self, event: Event, request: str, exchange: Exchange) -> "Exchanges":
        """Return this with what `event` adds to an exchange, and its lag once both are known."""
        deadline = event.arrival + self.patience
        known = self.known.put((event.path, request), exchange, deadline)
        kept = replace(self, known=known)
        if exchange.asked is None or exchange.replied is None:
            return kept
        seconds = exchange.replied - exchange.asked
        if seconds < 0:
            count = (self.negative.get(event.path) or 0) + 1
            return replace(kept, negative=self.negative.put(event.path, count))
        lag = Lag(
            path=event.path,
            ends=exchange.ends,
            seconds=seconds,
            time=exchange.replied,
            earlier=self.observed,
        )
        return replace(kept, observed=lag)


def no_exchanges(patience: float, limit: int) -> Exchanges:
    """Return the state before any message."""
    return Exchanges(patience=patience, known=Waiting(limit=limit))
