"""Where a body is decoded: a small one on the loop, a big one by the actor."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from supervision import Address, Clock
from vsm_actors.core.messages import Reply
from vsm_actors.intake.bodies import SECONDS, Encoding
from vsm_actors.intake.delivery import SOON, Refused
from vsm_actors.intake.errors import TooLargeError
from vsm_actors.intake.events.content import Content
from vsm_actors.intake.events.decoded import Decoded
from vsm_actors.intake.events.decoder import Decoder
from vsm_actors.intake.http_events.bulk import Bulk, BulkAnswer, Received, decode

Waiter: TypeAlias = Callable[[], tuple["asyncio.Future[BulkAnswer]", Reply[BulkAnswer]]]
"""Makes a future of the loop and what answers it from any thread: `Bridge.waiter`."""

_FULL = Refused(status=429, detail="too many big bodies wait", retry_after=SOON)
_SLOW = Refused(status=503, detail="decoding takes too long", retry_after=SOON)


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyLimits:
    """Bounds on bodies.

    Attributes:
        body: bytes of one, as sent and decompressed: ``limits.body_bytes``.
        inline: bytes decompressed that the loop decodes itself: a few milliseconds.
        bodies: of the greatest size that are read and decoded at the same time; what is at most
            `inline` as sent is read beside them.
        arrival: seconds for a body to arrive.
        decoding: seconds for a big body to be decoded, its wait in the mailbox included.
    """

    body: int = 4 << 20
    inline: int = 64 << 10
    bodies: int = 16
    arrival: float = SECONDS
    decoding: float = 30.0

    @property
    def held(self) -> int:
        """Bytes of all bodies above `inline` that are being read or decoded."""
        return self.bodies * self.body


class Decoding:
    """Decodes bodies for the server's loop without ever blocking it."""

    def __init__(
        self,
        decoder: Decoder,
        bulk: Address,
        waiter: Waiter,
        clock: Clock,
        limits: BodyLimits | None = None,
    ) -> None:
        """Wire it.

        Args:
            decoder: decodes small bodies here; the `HttpEvents` actor has the same.
            bulk: the `HttpEvents` actor.
            waiter: makes what the actor answers.
            clock: stamps arrivals.
            limits: bounds on bodies.
        """
        self.decoder = decoder
        self.limits = limits or BodyLimits()
        self._bulk = bulk
        self._waiter = waiter
        self._clock = clock

    async def decode(
        self, body: bytes, encoding: Encoding, content: Content
    ) -> BulkAnswer | Refused:
        """Return what a body that has just arrived holds, or why it is not taken."""
        received = Received(
            body=body,
            encoding=encoding,
            content=content,
            now=self._clock.time(),
            monotonic=self._clock.monotonic(),
        )
        if len(body) <= self.limits.inline:
            answer = decode(self.decoder, received, min(self.limits.inline, self.limits.body))
            if not isinstance(answer, TooLargeError) or self.limits.body <= self.limits.inline:
                return answer
        return await self._hand_over(received)

    async def _hand_over(self, received: Received) -> BulkAnswer | Refused:
        future, reply = self._waiter()
        bulk = Bulk(received=received, limit=self.limits.body, reply=reply)
        if not self._bulk.offer(bulk, cost=len(received.body)):
            return _FULL
        try:
            done, _ = await asyncio.wait((future,), timeout=self.limits.decoding)
        except asyncio.CancelledError:
            future.add_done_callback(_release)
            raise
        if done:
            return future.result()
        future.add_done_callback(_release)
        return _SLOW


def _release(future: "asyncio.Future[BulkAnswer]") -> None:
    """Give back what a body claimed whose sender is gone."""
    answer = future.result()
    if isinstance(answer, Decoded):
        answer.claims.release()
