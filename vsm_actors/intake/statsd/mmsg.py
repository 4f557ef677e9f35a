"""Many datagrams in one call: `recvmmsg` of Linux, or `recv_into` again and again elsewhere.

A call of its own for each datagram gives the interpreter's lock away each time, and behind a busy
thread gets it back half a millisecond later: 2,000 datagrams a second. One call for 256 does not.
"""

import ctypes
import errno
import os
import socket
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


class _Iovec(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("len", ctypes.c_size_t))


class _Header(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_len", ctypes.c_uint32),
        ("iov", ctypes.POINTER(_Iovec)),
        ("iov_len", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_len", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _Message(ctypes.Structure):
    _fields_ = (("header", _Header), ("len", ctypes.c_uint))


class Burst:
    """`recvmmsg(2)`: all that waits, up to `BURST` datagrams, in one call."""

    def __init__(self, sock: socket.socket) -> None:
        """Prepare the buffers.

        Raises:
            AttributeError: the C library has no `recvmmsg`.
        """
        self._call = ctypes.CDLL(None, use_errno=True).recvmmsg
        self._sock = sock
        self._buffer = bytearray(BURST * _SIZE)
        self._view = memoryview(self._buffer)
        first = ctypes.addressof((ctypes.c_char * len(self._buffer)).from_buffer(self._buffer))
        self._vectors = (_Iovec * BURST)(*((first + n * _SIZE, _SIZE) for n in range(BURST)))
        self._messages = (_Message * BURST)()
        for message, vector in zip(self._messages, self._vectors, strict=True):
            message.header.iov = ctypes.pointer(vector)
            message.header.iov_len = 1
        words = np.frombuffer(self._messages, dtype=np.uint32)
        stride = ctypes.sizeof(_Message) // words.itemsize
        self._lengths = words[_Message.len.offset // words.itemsize :: stride]

    def receive(self) -> list[memoryview]:
        """Return up to `BURST` datagrams, none if none waits; valid until the next call.

        Raises:
            OSError: the socket is broken or closed.
        """
        count = self._call(self._sock.fileno(), self._messages, BURST, socket.MSG_DONTWAIT, None)
        if count < 0:
            return _nothing_or_raise(ctypes.get_errno())
        lengths = self._lengths[:count].tolist()
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
    try:
        return Burst(sock)
    except AttributeError:
        return OneByOne(sock)
