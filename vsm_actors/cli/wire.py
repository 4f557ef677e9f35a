"""How the simulated organisation reaches the daemon: HTTP for events, UDP for StatsD lines."""

import http.client
import socket
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import urlsplit

import msgspec
import structlog

_SECONDS = 2.0
"""For one request: the daemon is in the same process."""

_DATAGRAM = 1400
"""Bytes: what passes every network whole."""

_ACCEPTED = 202
_JSON = {"Content-Type": "application/json"}

_log = structlog.get_logger(__name__)


class _Taken(msgspec.Struct, frozen=True):
    """What the daemon answers to what it took."""

    accepted: int
    rejected: int
    errors: list[dict[str, object]]


class Wire:
    """Sends, and never fails: what does not get through is counted, and said in the log."""

    def __init__(self, write: str, statsd: str) -> None:
        """Prepare to send to listeners, of which "" is a disabled one; nothing is opened yet.

        Args:
            write: URL of the write listener.
            statsd: HOST:PORT of the StatsD listener.
        """
        self._counts: Counter[str] = Counter()
        self._broken = False
        url = urlsplit(write)
        self._http = (
            http.client.HTTPConnection(url.hostname, url.port, timeout=_SECONDS)
            if url.hostname
            else None
        )
        self._statsd = _endpoint(statsd)
        self._udp: socket.socket | None = None

    def send(self, events: Sequence[Mapping[str, object]], lines: Iterable[str]) -> None:
        """Send what is due, as far as there are listeners for it."""
        if events and self._http is not None:
            self._post(self._http, events)
        if self._statsd is not None:
            for datagram in datagrams(lines, _DATAGRAM):
                self._datagram(datagram, self._statsd)

    def counts(self) -> Mapping[str, int]:
        """Return how many events were taken, rejected and lost, and datagrams sent and lost."""
        names = ("events", "rejected", "events_lost", "datagrams", "datagrams_lost")
        return {name: self._counts[name] for name in names}

    def close(self) -> None:
        """Close what is open."""
        if self._http is not None:
            self._http.close()
        if self._udp is not None:
            self._udp.close()

    def _post(
        self, connection: http.client.HTTPConnection, events: Sequence[Mapping[str, object]]
    ) -> None:
        try:
            connection.request("POST", "/v1/events", msgspec.json.encode(events), _JSON)
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != _ACCEPTED:
                said = body[:200].decode(errors="replace")
                self._lost(len(events), f"{answer.status} {said}")
                return
            self._taken(msgspec.json.decode(body, type=_Taken))
        except (OSError, http.client.HTTPException, msgspec.MsgspecError) as error:
            connection.close()  # the next request opens it again
            self._lost(len(events), repr(error))

    def _taken(self, answer: "_Taken") -> None:
        self._counts["events"] += answer.accepted
        if answer.rejected:
            self._counts["rejected"] += answer.rejected
            _log.error("demo.rejected", errors=answer.errors)
        if self._broken:
            self._broken = False
            _log.info("demo.resumed", **self.counts())

    def _lost(self, events: int, reason: str) -> None:
        """Count what was lost; say so once until it works again, not at every tick."""
        self._counts["events_lost"] += events
        if not self._broken:
            self._broken = True
            _log.warning("demo.not_taken", reason=reason, **self.counts())

    def _datagram(self, datagram: bytes, address: tuple[str, int]) -> None:
        try:
            if self._udp is None:
                family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
                self._udp = socket.socket(family, socket.SOCK_DGRAM)
            self._udp.sendto(datagram, address)
        except OSError as error:
            self._counts["datagrams_lost"] += 1
            if self._counts["datagrams_lost"] == 1:
                _log.warning("demo.datagram_not_sent", error=repr(error))
            return
        self._counts["datagrams"] += 1


def datagrams(lines: Iterable[str], longest: int) -> Iterator[bytes]:
    """Yield lines joined to datagrams of `longest` bytes at most; a longer line goes alone."""
    held = b""
    for line in lines:
        encoded = line.encode()
        if held and len(held) + 1 + len(encoded) > longest:
            yield held
            held = b""
        held = held + b"\n" + encoded if held else encoded
    if held:
        yield held


def _endpoint(address: str) -> tuple[str, int] | None:
    if not address:
        return None
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)
