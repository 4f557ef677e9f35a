"""StatsD over TCP: protocols on the server's loop that stop reading while nobody has room.

Whole lines of all connections are gathered for a moment and offered as one blob. Nothing that was
read is lost: while an offer is refused, no connection is read, and TCP makes the senders wait.
"""

import asyncio
from collections.abc import Callable

from supervision import Clock
from vsm_actors.core.ledger import Ledger
from vsm_actors.core.messages import Destination
from vsm_actors.intake.statsd.errors import Reason
from vsm_actors.intake.statsd.grammar import MAX_LINE
from vsm_actors.intake.statsd.messages import LINGER, MAX_BLOB, Received

MAX_CONNECTIONS = 1024
"""Connections at once: a descriptor and at most 64 KiB each."""

_RETRY = 0.005
"""Seconds until an offer is made again."""


class Gatherer:
    """Lines of all connections on their way to the intake. Lives on the loop, without a lock."""

    def __init__(self, taker: Destination, ledger: Ledger, clock: Clock) -> None:
        """Begin with nothing gathered and no connection.

        Args:
            taker: is offered `Received`, at the cost of their bytes.
            ledger: counts lines and connections that are refused.
            clock: stamps arrivals.
        """
        self._taker = taker
        self._ledger = ledger
        self._clock = clock
        self._parts: list[bytes] = []
        self._size = 0
        self._timer: asyncio.TimerHandle | None = None
        self.connections: set[Connection] = set()
        """Open ones."""
        self.is_full = False
        """Whether the last offer was refused, so that no connection is read."""

    def admit(self, connection: "Connection") -> bool:
        """Take a connection in, or refuse it for there being too many."""
        if len(self.connections) >= MAX_CONNECTIONS:
            self._ledger.count(
                "vsm_run_connections_refused_total", listener="statsd", reason="limit"
            )
            return False
        self.connections.add(connection)
        return True

    def add(self, lines: bytes) -> None:
        """Gather whole lines, each with its newline."""
        self._parts.append(lines)
        self._size += len(lines)
        if self._size >= MAX_BLOB and not self.is_full:
            self.flush()
        elif self._timer is None:
            self._set_timer(LINGER)

    def refuse_line(self) -> None:
        """Count a line that is longer than `MAX_LINE`."""
        self._ledger.count(
            "vsm_run_points_rejected_total", source="statsd", reason=Reason.LINE_TOO_LONG.value
        )

    def flush(self) -> bool:
        """Offer what is gathered; while it is refused, no connection is read."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._parts:
            return True
        self._parts = [b"".join(self._parts)]
        received = Received(
            blob=self._parts[0], time=self._clock.time(), arrival=self._clock.monotonic()
        )
        taken = self._taker.offer(received, cost=self._size)
        if taken:
            self._parts, self._size = [], 0
        else:
            self._set_timer(_RETRY)
        self._hold(is_full=not taken)
        return taken

    def _set_timer(self, delay: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(delay, self.flush)

    def _hold(self, *, is_full: bool) -> None:
        if is_full != self.is_full:
            self.is_full = is_full
            for connection in self.connections:
                connection.hold(is_full=is_full)


class Connection(asyncio.Protocol):
    """One connection, with its partial line."""

    def __init__(self, gatherer: Gatherer) -> None:
        """Belong to a gatherer."""
        self._gatherer = gatherer
        self._partial = bytearray()
        self._is_skipping = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection in, or close it."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what a stream server gives
        self._transport = transport
        if not self._gatherer.admit(self):
            self._is_skipping = True
            transport.abort()
        elif self._gatherer.is_full:
            transport.pause_reading()

    def data_received(self, data: bytes) -> None:
        """Hand on the whole lines, and keep the partial one."""
        head, newline, rest = data.rpartition(b"\n")
        if not newline:
            self._keep(data)
            return
        first, separator, others = head.partition(b"\n")
        first_line = self._complete(first)
        self._gatherer.add(b"".join((first_line, separator, others, newline)))
        self._keep(rest)

    def eof_received(self) -> None:
        """Count a last line without a newline."""
        if self._partial and not self._is_skipping:
            self._gatherer.add(self._complete(b"") + b"\n")

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Forget the connection; a line cut off by a reset is not whole."""
        self._gatherer.connections.discard(self)
        self._transport = None

    def hold(self, *, is_full: bool) -> None:
        """Stop reading, or go on."""
        if self._transport is None or self._transport.is_closing():
            return
        if is_full:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.close()

    def _complete(self, rest: bytes) -> bytes:
        """End the partial line; of one that was too long nothing is left."""
        kept = self._keep(rest)
        self._is_skipping = False
        line = bytes(self._partial) if kept else b""
        self._partial.clear()
        return line

    def _keep(self, data: bytes) -> bool:
        """Add to the partial line; False when it is too long, and skipped up to its end.

        Only what is kept here is bounded here; the decoder refuses long lines that came whole.
        """
        if self._is_skipping:
            return False
        self._partial += data
        if len(self._partial) > MAX_LINE:
            self._partial.clear()
            self._is_skipping = True
            self._gatherer.refuse_line()
        return not self._is_skipping


def protocol_factory(gatherer: Gatherer) -> Callable[[], Connection]:
    """Return what makes a protocol for each connection."""
    return lambda: Connection(gatherer)
