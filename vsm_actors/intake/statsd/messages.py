"""What the sockets hand to the intake actor."""

from dataclasses import dataclass

import numpy as np

_NEWLINE = ord("\n")

MAX_BLOB = 1_048_576
"""Bytes at which lines that wait are handed on: some 15,000 lines, one reduction's worth."""

LINGER = 0.004
"""Seconds that lines may wait for others: a batch costs 0.2 ms however small it is, and a frame
comes every 25 ms."""

MAILBOX_BYTES = 67_108_864
"""What the mailbox of the intake should hold: a second of a million lines of 64 bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """Lines as they came, separated by newlines.

    Attributes:
        blob: datagrams joined by newlines, or whole lines of TCP connections.
        time: Unix seconds of arrival.
        arrival: monotonic seconds of arrival.
    """

    blob: bytes
    time: float
    arrival: float


def count_lines(blob: bytes) -> int:
    """Count the lines of a blob that are not empty, by array: it is done when time is scarce."""
    newlines = np.flatnonzero(np.frombuffer(blob, dtype=np.uint8) == _NEWLINE)
    return int(np.count_nonzero(np.diff(newlines, prepend=-1, append=len(blob)) > 1))
