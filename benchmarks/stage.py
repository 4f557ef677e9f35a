"""The middle of the daemon alone: Ticker, MetricsCollector, PubSub and one feed, supervised."""

import threading
import time
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from supervision import Actor, AddressBook, ChildSpec, Context, SupervisorSpec, System
from vsm_actors.actors.collector import MetricsCollector, mailbox
from vsm_actors.actors.ledger import PrometheusLedger
from vsm_actors.actors.pubsub import PubSub, Topic
from vsm_actors.actors.ticker import Ticker
from vsm_actors.core.messages import Sync
from vsm_actors.core.series import SeriesTable
from vsm_actors.core.window import Frame

_LAST = 1


class Feed(Actor):
    """Notes how old the oldest point of each frame is when the frame arrives."""

    def __init__(
        self, context: Context, *, latencies: list[float], counts: NDArray[np.float64]
    ) -> None:
        """Note latencies in seconds, and running counts by series."""
        super().__init__(context)
        self._latencies = latencies
        self._counts = counts
        self._done = False

    def handle(self, message: object) -> bool:
        """Take a frame; anything else asks whether the last one was seen."""
        if isinstance(message, Frame):
            if len(message.series):
                self._latencies.append(time.monotonic() - message.arrival)
                self._counts[message.series] = message.count
            self._done = self._done or _LAST in message.tokens
        return self._done


class Stage:
    """A context manager: the tree runs inside."""

    def __init__(self, table: SeriesTable) -> None:
        """Prepare the tree over `table`."""
        book, ledger = AddressBook("bench"), PrometheusLedger()
        self._feed = book["Feed"]
        self._latencies: list[float] = []
        self._counts = np.zeros(len(table))
        self.collector = book["MetricsCollector"]
        subscribers = {Topic.FRAMES: (self._feed,)}
        feed = {"latencies": self._latencies, "counts": self._counts}
        collector = {
            "table": table,
            "pubsub": book["PubSub"],
            "ledger": ledger,
            "ticker": book["Ticker"],
        }
        children = (
            ChildSpec(id="Feed", actor=Feed, arguments=feed),
            ChildSpec(
                id="PubSub",
                actor=PubSub,
                arguments={"subscribers": subscribers, "ledger": ledger},
            ),
            ChildSpec(
                id="MetricsCollector",
                actor=MetricsCollector,
                arguments=collector,
                mailbox=mailbox(ledger),
            ),
            ChildSpec(
                id="Ticker",
                actor=Ticker,
                arguments={"collector": self.collector, "ledger": ledger},
            ),
        )
        self._system = System(SupervisorSpec(id="bench", children=children), addresses=book)

    def __enter__(self) -> Self:
        """Start the tree."""
        self._system.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop the tree."""
        self._system.stop()

    def finish(self) -> tuple[list[float], float]:
        """Wait until everything has come through; return latencies and the points counted."""
        self.collector.tell(Sync(token=_LAST))
        while not self._feed.ask("done?", timeout=30):
            time.sleep(0.01)
        return self._latencies, float(self._counts.sum())


def thread_seconds(name: str) -> float:
    """Return the processor time of the threads whose name ends in `name`."""
    return sum(
        time.clock_gettime(time.pthread_getcpuclockid(thread.ident))
        for thread in threading.enumerate()
        if name in thread.name and thread.ident is not None
    )
