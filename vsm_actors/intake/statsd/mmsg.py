"""Many datagrams in one call: `recvmmsg` of Linux, or `recv_into` again and again elsewhere.

A call of its own for each datagram gives the interpreter's lock away each time, and behind a busy
thread gets it back half a millisecond later: 2,000 datagrams a second. One call for 256 does not.
"""

import ctypes
import errno
import os
import socket
import struct
import sys
from typing import Protocol

import numpy as np

BURST = 256
"""Datagrams read at once."""

_SIZE = 65_536
"""Bytes of a datagram at most; pages that none reaches are never touched."""


class Receiver(Protocol):
    """Reads what waits in a socket."""

    def receive(self) -> list[memoryview]:
        """Return up to `BURST` datagrams, none if none waits; valid until the next call.

        Raises:
            OSError: the socket is broken or closed.
        """
        ...


_POINTER = 8
"""Bytes of a pointer where the layouts below hold."""

_VECTOR = np.dtype([("base", np.uint64), ("len", np.uint64)])
"""struct iovec of 64-bit Linux."""

_MESSAGE = np.dtype(
    {
        "names": ["iov", "iov_len", "len"],
        "formats": [np.uint64, np.uint64, np.uint32],
        "offsets": [16, 24, 56],
        "itemsize": 64,
    }
)
"""struct mmsghdr of 64-bit Linux; what is not named stays zero."""


class Burst:
    """`recvmmsg(2)`: all that waits, up to `BURST` datagrams, in one call."""

    def __init__(self, sock: socket.socket) -> None:
        """Prepare the buffers.

        Raises:
            AttributeError: the C library has no `recvmmsg`.
        """
        self._call = ctypes.CDLL(None, use_errno=True).recvmmsg
        self._sock = sock
        self._buffer = np.zeros(BURST * _SIZE, dtype=np.uint8)
        self._view = self._buffer.data
        self._vectors = np.zeros(BURST, dtype=_VECTOR)
        self._vectors["base"] = self._buffer.ctypes.data + np.arange(BURST) * _SIZE
        self._vectors["len"] = _SIZE
        self._messages = np.zeros(BURST, dtype=_MESSAGE)
        self._messages["iov"] = self._vectors.ctypes.data + np.arange(BURST) * _VECTOR.itemsize
        self._messages["iov_len"] = 1
        self._pointer = ctypes.c_void_p(self._messages.ctypes.data)

    def receive(self) -> list[memoryview]:
        """Return up to `BURST` datagrams, none if none waits; valid until the next call.

        Raises:
            OSError: the socket is broken or closed.
        """
        count = self._call(self._sock.fileno(), self._pointer, BURST, socket.MSG_DONTWAIT, None)
        if count < 0:
            return _nothing_or_raise(ctypes.get_errno())
        lengths = self._messages["len"][:count].tolist()
        return [self._view[n * _SIZE : n * _SIZE + size] for n, size in enumerate(lengths)]


def _nothing_or_raise(code: int) -> list[memoryview]:
    if code in (errno.EAGAIN, errno.EINTR, errno.ECONNREFUSED):
        return []
    raise OSError(code, os.strerror(code))


class OneByOne:
    """`recv_into` until nothing waits: where there is no `recvmmsg`."""

    def __init__(self, sock: socket.socket) -> None:
        """Prepare the buffer."""
        self._sock = sock
        self._view = memoryview(bytearray(BURST * _SIZE))

    def receive(self) -> list[memoryview]:
        """Return up to `BURST` datagrams, none if none waits; valid until the next call.

        Raises:
            OSError: the socket is broken or closed.
        """
        found: list[memoryview] = []
        for at in range(0, BURST * _SIZE, _SIZE):
            try:
                size = self._sock.recv_into(self._view[at:], _SIZE, socket.MSG_DONTWAIT)
            except (BlockingIOError, InterruptedError, ConnectionRefusedError):
                break
            found.append(self._view[at : at + size])
        return found


def receiver(sock: socket.socket) -> Receiver:
    """Return the best receiver that this platform has."""
    if sys.platform != "linux" or struct.calcsize("P") != _POINTER:
        return OneByOne(sock)
    try:
        return Burst(sock)
    except AttributeError:
        return OneByOne(sock)
