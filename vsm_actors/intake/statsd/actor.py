"""The supervised actor that decodes what the StatsD sockets read, and hands it to the collector."""

import threading
from collections.abc import Callable

from supervision import Actor, ChildSpec, Context, MailboxPolicy
from vsm_actors.core.batch import Batch
from vsm_actors.core.ledger import Ledger
from vsm_actors.core.messages import Destination
from vsm_actors.intake.statsd.decoder import Decoded, decode
from vsm_actors.intake.statsd.gauges import Gauges
from vsm_actors.intake.statsd.keys import Keys
from vsm_actors.intake.statsd.messages import MAILBOX_BYTES, Received, count_lines
from vsm_actors.intake.statsd.points import SOURCE

PATIENCE = 2.0
"""Seconds that a batch waits for room at the collector before it is dropped and counted: the
collector empties its mailbox every 25 ms, so after that it is not coming back soon."""

_AGAIN = 0.005
"""Seconds between two offers."""


class StatsdIntake(Actor):
    """Decodes blobs of lines. A crash loses the blob that it was at, nothing else.

    The last values of gauges survive by the heir; the key cache and the register of custom metrics
    lie in `Keys`, which is made once and outlives every incarnation.
    """

    def __init__(
        self, context: Context, *, keys: Keys, collector: Destination, ledger: Ledger
    ) -> None:
        """Take what outlives it.

        Args:
            context: of this incarnation.
            keys: the key cache.
            collector: is offered batches, at the cost of their points.
            ledger: counts what was accepted, rejected and dropped.
        """
        super().__init__(context)
        self._keys = keys
        self._collector = collector
        self._ledger = ledger
        self._gauges = Gauges()

    def init(self) -> None:
        """Restore the last values of the gauges."""
        self._gauges = Gauges(self.context.heir.state)

    def handle(self, message: Received) -> None:
        """Decode a blob, hand its points over, count."""
        decoded = decode(
            message.blob, self._keys, self._gauges, time=message.time, arrival=message.arrival
        )
        taken = len(decoded.batch) == 0 or self._hand_over(decoded.batch)
        self._gauges.apply(decoded.gauges)
        self.commit(self._gauges.state())
        self._count(decoded, taken=taken)

    def _hand_over(self, batch: Batch) -> bool:
        """Offer until there is room, so that the sockets' back-pressure reaches the senders."""
        clock = self.context.clock
        deadline = clock.monotonic() + PATIENCE
        while not self._collector.offer(batch, cost=len(batch)):
            if clock.monotonic() >= deadline:
                return False
            room = threading.Event()
            clock.call_later(_AGAIN, room.set)
            room.wait()
        return True

    def _count(self, decoded: Decoded, *, taken: bool) -> None:
        points = len(decoded.batch)
        if taken:
            self._ledger.count("vsm_run_points_accepted_total", points, source=SOURCE)
        else:
            _drop(self._ledger, "full", points)
        for reason, lines in decoded.rejected.items():
            self._ledger.count(
                "vsm_run_points_rejected_total", lines, source=SOURCE, reason=reason.value
            )


def intake_spec(
    keys: Keys, collector: Destination, ledger: Ledger, *, name: str = "StatsD"
) -> ChildSpec:
    """Return the spec of the intake; its mailbox is bounded in bytes and survives a crash."""
    return ChildSpec(
        id=name,
        actor=StatsdIntake,
        arguments={"keys": keys, "collector": collector, "ledger": ledger},
        mailbox=MailboxPolicy(limit=MAILBOX_BYTES, drain=True, on_lost=count_lost(ledger)),
    )


def count_lost(ledger: Ledger) -> Callable[[object, object], None]:
    """Return what counts the lines of a blob that nobody will decode."""

    def count(message: object, _cause: object) -> None:
        if isinstance(message, Received):
            _drop(ledger, "crash", count_lines(message.blob))

    return count


def _drop(ledger: Ledger, reason: str, points: int) -> None:
    ledger.count("vsm_run_points_dropped_total", points, source=SOURCE, reason=reason)
