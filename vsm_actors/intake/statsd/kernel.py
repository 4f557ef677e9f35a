"""What the kernel knows of a UDP socket: how large its buffer may be, and what it dropped."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

BUFFER = 67_108_864
"""Bytes asked for: half a second of 60 MB/s, with the kernel's own cost of a datagram."""

_FORCE = 33
"""SO_RCVBUFFORCE of Linux: past net.core.rmem_max, for who has CAP_NET_ADMIN."""

_TABLES = ("/proc/net/udp", "/proc/net/udp6")
_INODE, _DROPS = 9, 12


def widen(sock: socket.socket) -> int:
    """Make the receive buffer as large as allowed, and return its bytes."""
    try:
        sock.setsockopt(socket.SOL_SOCKET, _FORCE, BUFFER)
    except OSError:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    return sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)


def read_tables() -> str:
    """Return the kernel's tables of UDP sockets, empty where there are none."""
    return "\n".join(Path(table).read_text() for table in _TABLES if Path(table).exists())


class Drops:
    """Counts the datagrams that the kernel dropped for want of room in a socket's buffer."""

    def __init__(self, sock: socket.socket, tables: Callable[[], str] = read_tables) -> None:
        """Begin at what the socket has dropped so far.

        Args:
            sock: a UDP socket.
            tables: reads the kernel's tables; of a system without them, "".
        """
        self._inode = str(os.fstat(sock.fileno()).st_ino)
        self._tables = tables
        self._seen = 0
        self._seen = self._total()

    def since(self) -> int:
        """Return how many were dropped since the last call; the kernel's counter may wrap."""
        total = self._total()
        dropped = (total - self._seen) % 2**32
        self._seen = total
        return dropped

    def _total(self) -> int:
        """What the table says; where it does not name the socket, what it said before."""
        for line in self._tables().splitlines():
            fields = line.split()
            if len(fields) > _DROPS and fields[_INODE] == self._inode:
                return int(fields[_DROPS])
        return self._seen
