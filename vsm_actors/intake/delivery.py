"""Hands a decoded request to the lanes, all of it or none.

Algedonic signals go first and always. For the rest room is reserved everywhere before anything is
sent, and nothing is sent before the signals are durable, so that an answer of 429 or 503 has taken
nothing but signals, which are idempotent by their id.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TypeAlias

from supervision import Address, Reservation
from vsm_actors.core.batch import Batch
from vsm_actors.core.messages import Records, Reply, Signals, Stored
from vsm_actors.intake.events.decoded import Decoded
from vsm_actors.intake.events.faults import Fault

Waiter: TypeAlias = Callable[[], tuple["asyncio.Future[Stored]", Reply[Stored]]]
"""Makes a future of the loop and what answers it from any thread: `Bridge.waiter`."""

PATIENCE = 5.0
"""Seconds for the AlgedonicChannel to answer: a restart and a slow disk fit in."""

SOON = 1
"""Seconds after which room may be free again: a collector drains its mailbox in a tick."""

LATER = 5
"""Seconds after which a disk, or another daemon in our place, may be ready."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """Where decoded requests go.

    Attributes:
        collector: takes batches.
        monitors: take records, by the names that the catalogue uses.
        algedonic: takes signals.
    """

    collector: Address
    monitors: Mapping[str, Address]
    algedonic: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """All of a request was taken.

    Attributes:
        refused: signals that the AlgedonicChannel refused, as faults of their events.
    """

    refused: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Nothing of a request was taken, but its signals.

    Attributes:
        status: 413, 429 or 503.
        detail: why.
        retry_after: seconds, or None where trying again would not help.
    """

    status: int
    detail: str
    retry_after: int | None


Outcome: TypeAlias = Taken | Refused

_STOPPING = Refused(status=503, detail="the daemon is stopping", retry_after=LATER)
_IN_FLIGHT = Refused(
    status=503, detail="another request is bringing the same event ids", retry_after=SOON
)
_BUSY = Refused(status=429, detail="there is no room at the moment", retry_after=SOON)
_NOT_DURABLE = Refused(
    status=503,
    detail="algedonic signals were delivered but are not stored; send them again",
    retry_after=LATER,
)


class Delivery:
    """Delivers on the server's loop."""

    def __init__(
        self,
        lanes: Lanes,
        waiter: Waiter,
        *,
        draining: Callable[[], bool] = lambda: False,
        patience: float = PATIENCE,
    ) -> None:
        """Deliver to `lanes`.

        Args:
            lanes: where to.
            waiter: makes what the AlgedonicChannel answers.
            draining: whether the daemon is stopping.
            patience: seconds that the AlgedonicChannel has.
        """
        self._lanes = lanes
        self._waiter = waiter
        self._draining = draining
        self._patience = patience

    async def deliver(self, decoded: Decoded) -> Outcome:
        """Hand over a request, and settle its claims.

        Returns:
            What to answer. A refusal has taken nothing but the signals.
        """
        taken = False
        try:
            outcome = await self._deliver(decoded)
            taken = isinstance(outcome, Taken)
            return outcome
        finally:
            if taken:
                decoded.claims.commit()
            else:
                decoded.claims.release()

    async def _deliver(self, decoded: Decoded) -> Outcome:
        answer = self._tell(decoded)
        refusal = self._refusal(decoded)
        if refusal is not None:
            return refusal
        with ExitStack() as held:
            rooms = self._reserve(decoded, held)
            if rooms is None:
                return _BUSY
            stored = await self._stored(answer)
            if not stored.durable:
                return _NOT_DURABLE
            return self._send(decoded, rooms, stored)

    def _tell(self, decoded: Decoded) -> "asyncio.Future[Stored] | None":
        if not decoded.signals:
            return None
        future, reply = self._waiter()
        events = tuple(signal.event for signal in decoded.signals)
        arrival = decoded.batch.arrival
        told = self._lanes.algedonic.tell(Signals(events=events, reply=reply, accepted=arrival))
        if not told:
            reply(Stored(durable=False))
        return future

    def _refusal(self, decoded: Decoded) -> Refused | None:
        if self._draining():
            return _STOPPING
        if decoded.in_flight:
            return _IN_FLIGHT
        for address, message in self._messages(decoded):
            limit = address.limit
            if limit is not None and _cost(message) > limit:
                detail = f"{_cost(message)} points or records at once, at most {limit}; send parts"
                return Refused(status=413, detail=detail, retry_after=None)
        return None

    def _messages(self, decoded: Decoded) -> Iterator[tuple[Address, Batch | Records]]:
        if len(decoded.batch):
            yield self._lanes.collector, decoded.batch
        for monitor, events in decoded.records.items():
            yield self._lanes.monitors[monitor], Records(events=events)

    def _reserve(self, decoded: Decoded, held: ExitStack) -> "list[_Room] | None":
        rooms = []
        for address, message in self._messages(decoded):
            reservation = address.reserve(_cost(message))
            if reservation is None:
                return None
            rooms.append((held.enter_context(reservation), message))
        return rooms

    async def _stored(self, answer: "asyncio.Future[Stored] | None") -> Stored:
        if answer is None:
            return Stored(durable=True)
        done, _ = await asyncio.wait((answer,), timeout=self._patience)
        return answer.result() if done else Stored(durable=False)

    def _send(self, decoded: Decoded, rooms: "list[_Room]", stored: Stored) -> Outcome:
        sent = [reservation.send(message) for reservation, message in rooms]
        if not all(sent):
            return _STOPPING
        refused = [(decoded.signals[place], reason) for place, reason in stored.errors]
        decoded.claims.release({signal.claim for signal, _ in refused if signal.claim is not None})
        return Taken(
            refused=tuple(Fault(signal.index, "attributes.id", text) for signal, text in refused)
        )


_Room: TypeAlias = tuple[Reservation, Batch | Records]


def _cost(message: Batch | Records) -> int:
    return len(message) if isinstance(message, Batch) else len(message.events)
