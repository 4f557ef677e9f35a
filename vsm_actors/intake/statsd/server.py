"""The StatsD listeners as one thing that the composition root owns."""

import asyncio
import contextlib
import socket
from dataclasses import dataclass

from supervision import Clock
from vsm_actors.core.ledger import Ledger
from vsm_actors.core.messages import Destination
from vsm_actors.intake.statsd.errors import ListenError
from vsm_actors.intake.statsd.tcp import Gatherer, protocol_factory
from vsm_actors.intake.statsd.udp import UdpListener

_ATTEMPTS = 16
"""Free TCP ports tried until one is free for UDP too."""

_STOP = 2.0
"""Seconds for the UDP thread to read its last datagrams."""

_BACKLOG = 256
"""Connections that may wait to be accepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sockets:
    tcp: socket.socket
    udp: socket.socket


class StatsdServer:
    """UDP and TCP sockets on one port. They outlive every incarnation of the intake actor."""

    def __init__(self, taker: Destination, ledger: Ledger, clock: Clock) -> None:
        """Make it without a socket.

        Args:
            taker: the intake's address; offered `Received` at the cost of their bytes.
            ledger: counts what was dropped or refused.
            clock: stamps arrivals.
        """
        self._taker = taker
        self._ledger = ledger
        self._clock = clock
        self._gatherer = Gatherer(taker, ledger, clock)
        self._tcp: asyncio.Server | None = None
        self._udp: UdpListener | None = None
        self.address = ""
        """``host:port`` once started."""

    async def start(self, host: str, port: int) -> str:
        """Listen, on the running loop for TCP and in a thread of its own for UDP.

        Args:
            host: a name or address, IPv4 or IPv6.
            port: 0 for a free one.

        Returns:
            ``host:port`` as bound.

        Raises:
            ListenError: the address is taken or not this host's; names it and the protocol.
        """
        sockets = _bind(host, port)
        self._tcp = await self._listen(sockets)
        self.address = _written(sockets.tcp)
        self._udp = UdpListener(sockets.udp, self._taker, self._ledger, self._clock)
        self._udp.start()
        return self.address

    async def _listen(self, sockets: _Sockets) -> asyncio.Server:
        factory = protocol_factory(self._gatherer)
        try:
            return await asyncio.get_running_loop().create_server(
                factory, sock=sockets.tcp, backlog=_BACKLOG
            )
        except OSError as error:  # another has bound the port as we did, and listens already
            address = _written(sockets.tcp)
            sockets.tcp.close()
            sockets.udp.close()
            raise ListenError(f"{address}/tcp", error) from error

    async def stop(self) -> bool:
        """Stop listening, hand over what was read, close every connection.

        Returns:
            whether all that was read found room.
        """
        if self._tcp is None or self._udp is None:
            return True
        self._tcp.close()
        for connection in tuple(self._gatherer.connections):
            connection.close()
        ended = await asyncio.to_thread(self._udp.stop, _STOP)
        taken = self._gatherer.flush()
        deadline = self._clock.monotonic() + _STOP
        while not taken and self._clock.monotonic() < deadline:
            await asyncio.sleep(0.01)
            taken = self._gatherer.flush()
        self._tcp = self._udp = None
        return ended and taken


def _bind(host: str, port: int) -> _Sockets:
    """Bind TCP and UDP to one port, trying other free ones where port is 0."""
    for attempt in range(_ATTEMPTS):
        tcp = _socket(host, port, socket.SOCK_STREAM)
        try:
            udp = _socket(host, tcp.getsockname()[1], socket.SOCK_DGRAM)
        except ListenError:
            tcp.close()
            if port or attempt == _ATTEMPTS - 1:
                raise
        else:
            return _Sockets(tcp=tcp, udp=udp)
    raise AssertionError  # pragma: no cover - the last attempt returns or raises


def _socket(host: str, port: int, kind: socket.SocketKind) -> socket.socket:
    with contextlib.ExitStack() as stack:
        try:
            family, _, _, _, address = socket.getaddrinfo(host, port, type=kind)[0]
            sock = stack.enter_context(socket.socket(family, kind))
            if kind is socket.SOCK_STREAM:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(address)
        except OSError as error:
            protocol = "tcp" if kind is socket.SOCK_STREAM else "udp"
            raise ListenError(f"{host}:{port}/{protocol}", error) from error
        stack.pop_all()
        return sock


def _written(sock: socket.socket) -> str:
    host, port = sock.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
