"""StatsD over UDP: a thread that reads many datagrams a wake-up and offers them as one blob."""

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

from supervision import Clock
from vsm_actors.core.ledger import Ledger
from vsm_actors.core.messages import Destination
from vsm_actors.intake.statsd.kernel import Drops, widen
from vsm_actors.intake.statsd.messages import (
    LINGER,
    MAX_BLOB,
    Received,
    count_lines,
)
from vsm_actors.intake.statsd.mmsg import BURST, receiver

_LAST_BURSTS = 256
"""Bursts read when the thread ends: what a full receive buffer may hold."""

_OFFERS = 64
"""Offers of one blob, a linger apart: a quarter of a second, half of what the buffer holds."""

_DROPS_EVERY = 1.0
"""Seconds between two looks at the kernel's counter."""


class UdpListener:
    """Reads a bound socket until it is stopped. Outlives every incarnation of the intake."""

    def __init__(
        self, sock: socket.socket, taker: Destination, ledger: Ledger, clock: Clock
    ) -> None:
        """Take over the socket.

        Args:
            sock: bound; closed when the listener stops.
            taker: is offered `Received`, at the cost of their bytes.
            ledger: counts what was dropped.
            clock: stamps arrivals.
        """
        sock.settimeout(0)
        self.buffer = widen(sock)
        """Bytes of the receive buffer that the kernel granted, its own doubling included."""
        self._sock = sock
        self._taker = taker
        self._ledger = ledger
        self._clock = clock
        self._receiver = receiver(sock)
        self._drops = Drops(sock)
        self._looked = clock.monotonic()
        self._stopping = threading.Event()
        self._wake, self._woken = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name="statsd-udp", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self, timeout: float) -> bool:
        """Read what has arrived, offer it, close the socket; False if that took too long."""
        self._stopping.set()
        with suppress(OSError):
            self._wake.send(b"\0")
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        poll = select.poll()
        poll.register(self._sock, select.POLLIN)
        poll.register(self._woken, select.POLLIN)
        while not self._stopping.is_set():
            poll.poll(_DROPS_EVERY * 1000)
            if self._read() < BURST:
                self._stopping.wait(LINGER)
            self._look()
        for _ in range(_LAST_BURSTS):
            if self._read() == 0:
                break
        self._count_kernel()
        for end in (self._sock, self._wake, self._woken):
            end.close()

    def _read(self) -> int:
        try:
            datagrams = self._receiver.receive()
        except OSError:
            self._ledger.count("vsm_run_receive_errors_total", source="statsd")
            return 0
        for some in _in_blobs(datagrams):
            self._offer(b"\n".join(some))
        return len(datagrams)

    def _offer(self, blob: bytes) -> None:
        received = Received(blob=blob, time=self._clock.time(), arrival=self._clock.monotonic())
        if not self._is_taken(received):
            self._drop("full", count_lines(blob))

    def _is_taken(self, received: Received) -> bool:
        """Offer, again and again for a moment: meanwhile the kernel's buffer takes what comes.

        Reading only to drop would take from the decoder the very time that it lacks.
        """
        for _ in range(_OFFERS):
            if self._taker.offer(received, cost=len(received.blob)):
                return True
            self._stopping.wait(LINGER)
        return False

    def _look(self) -> None:
        if self._clock.monotonic() - self._looked >= _DROPS_EVERY:
            self._looked = self._clock.monotonic()
            self._count_kernel()

    def _count_kernel(self) -> None:
        if dropped := self._drops.since():
            self._drop("kernel", dropped)

    def _drop(self, reason: str, amount: int) -> None:
        self._ledger.count("vsm_run_points_dropped_total", amount, source="statsd", reason=reason)


def _in_blobs(datagrams: list[memoryview]) -> Iterator[list[memoryview]]:
    """Group datagrams into blobs of at most `MAX_BLOB`, so that arrays stay small."""
    blob: list[memoryview] = []
    size = 0
    for datagram in datagrams:
        if blob and size + len(datagram) > MAX_BLOB:
            yield blob
            blob, size = [], 0
        blob.append(datagram)
        size += len(datagram)
    if blob:
        yield blob
