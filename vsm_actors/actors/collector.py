"""The MetricsCollector: batches in; a frame a tick and a window a second out."""

from typing import TypeAlias, assert_never

import structlog

from supervision import Actor, Address, Context, MailboxPolicy
from vsm_actors.actors.pubsub import Forward
from vsm_actors.core.batch import Batch
from vsm_actors.core.collector.collecting import (
    Closed,
    Collected,
    accept,
    close_window,
    collected,
    full_frame,
    is_full,
    next_frame,
    reduce_pending,
    salvage,
)
from vsm_actors.core.ledger import Ledger
from vsm_actors.core.messages import Resend, Sync, Tick
from vsm_actors.core.series import SeriesTable
from vsm_actors.core.series.directory import Directory, directory_of
from vsm_actors.core.ticking import Ticked
from vsm_actors.core.window import Frame

_log = structlog.get_logger(__name__)

LIMIT = 1_000_000
"""Points that wait at most: a second at the rate that one process is made for, 32 MB of columns."""


Message: TypeAlias = Batch | Tick | Sync | Resend


def mailbox(ledger: Ledger, limit: int = LIMIT) -> MailboxPolicy:
    """Return the collector's mailbox policy: bounded in points, what is lost is counted."""

    def lost(message: object, _cause: object) -> None:
        if isinstance(message, Batch):
            _count_lost(ledger, message.source, len(message))

    return MailboxPolicy(limit=limit, drain=True, on_lost=lost)


class MetricsCollector(Actor):
    """Everything that it holds is in the heir: a crash loses the message in flight, no more."""

    def __init__(
        self,
        context: Context,
        *,
        table: SeriesTable,
        pubsub: Address,
        ledger: Ledger,
        ticker: Address | None = None,
    ) -> None:
        """Take the wiring.

        Args:
            context: as for every actor.
            table: of the series.
            pubsub: gets frames and windows.
            ledger: counts what is refused, clamped and lost.
            ticker: is told `Ticked` for each tick.
        """
        super().__init__(context)
        self._table = table
        self._pubsub = pubsub
        self._ledger = ledger
        self._ticker = ticker

    def init(self) -> None:
        """Take the state over; what broke the last reduction is left out, and counted."""
        now = self.context.clock.monotonic()
        held = self.context.heir.state
        if not isinstance(held, Collected):
            self._state = collected(now)
            return
        self._state, lost = salvage(held, directory_of(self._table), now)
        self.commit(self._state)
        for source, points in lost:
            _count_lost(self._ledger, source, points)
            _log.error("collector.batch_lost", source=source, points=points)

    def handle(self, message: Message) -> None:
        """Take one message."""
        directory = directory_of(self._table)
        match message:
            case Batch():
                self._accept(message, directory)
            case Tick():
                self._tick(message, directory)
            case Sync():
                self._sync(message, directory)
            case Resend():
                self._resend(message, directory)
            case _:
                assert_never(message)

    def _accept(self, batch: Batch, directory: Directory) -> None:
        state, refused = accept(self._state, batch, directory)
        if is_full(state):
            state = self._reduced(state, directory)
        self._keep(state)
        if refused:
            self._ledger.count(
                "vsm_run_points_rejected_total", refused, source=batch.source, reason="not_finite"
            )

    def _tick(self, tick: Tick, directory: Directory) -> None:
        state = self._reduced(self._state, directory)
        state, frame = next_frame(state, directory, end=tick.now, now=tick.monotonic)
        self._keep(state)
        self._publish_frame(frame)
        if tick.window:
            # After the frame, which must not wait for the merge of a whole second.
            state, closed = close_window(state, directory, end=tick.now, now=tick.monotonic)
            self._keep(state)
            self._publish_window(closed)
        if self._ticker is not None:
            self._ticker.tell(Ticked(number=tick.number))

    def _sync(self, sync: Sync, directory: Directory) -> None:
        clock = self.context.clock
        state, frame = next_frame(
            self._reduced(self._state, directory),
            directory,
            end=clock.time(),
            now=clock.monotonic(),
            tokens=(sync.token,),
        )
        self._keep(state)
        self._publish_frame(frame)

    def _resend(self, query: Resend, directory: Directory) -> None:
        clock = self.context.clock
        frame = full_frame(self._state, directory, end=clock.time(), now=clock.monotonic())
        self._pubsub.tell(Forward(to=query.to, frame=frame))

    def _reduced(self, state: Collected, directory: Directory) -> Collected:
        state, outside = reduce_pending(state, directory, self.context.clock.monotonic())
        if outside:
            self._ledger.count("vsm_run_sketch_clamped_total", outside)
        return state

    def _keep(self, state: Collected) -> None:
        # Committed before anything is published: a fenced incarnation publishes nothing.
        self.commit(state)
        self._state = state

    def _publish_frame(self, frame: Frame | None) -> None:
        if frame is None:
            return
        self._pubsub.tell(frame)
        if len(frame.series):
            latency = self.context.clock.monotonic() - frame.arrival
            self._ledger.observe("vsm_run_feed_latency_seconds", max(0.0, latency))

    def _publish_window(self, closed: Closed) -> None:
        self._pubsub.tell(closed.window)
        for series in closed.retired.tolist():
            self._table.retire(series)
        if len(closed.retired):
            self._ledger.count("vsm_run_series_retired_total", len(closed.retired))
        self._ledger.set("vsm_run_series", self._table.alive)


def _count_lost(ledger: Ledger, source: str, points: int) -> None:
    ledger.count("vsm_run_points_dropped_total", points, source=source, reason="crash")
