"""Distinct members of sets: 64-bit hashes, exact to a bound, then HyperLogLog from the same hashes.

Flajolet et al., 2007, with the estimator of Ertl, 2017 (arXiv 1702.01284, algorithm 6), which needs
no bias tables. 4,096 registers give a standard error of 1.6%.
"""

from collections.abc import Iterable
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from vsm_actors.core.batch import Hashes

REGISTERS = 4096
"""HyperLogLog registers of a series past the bound: 4 KiB."""

EXACT = 4096
"""Members of a series that are kept one by one: 32 KiB of hashes."""

_PREFIX = 12
_REST = 64 - _PREFIX
_ALPHA = 0.5 / np.log(2)

Registers = NDArray[np.uint8]


def hashes_of(members: Iterable[bytes]) -> Hashes:
    """Return uint64[n], the 64-bit blake2b hash of each member."""
    digests = b"".join(blake2b(member, digest_size=8).digest() for member in members)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def placed(hashes: Hashes) -> tuple[NDArray[np.intp], Registers]:
    """Return the register that each hash falls into, and the rank that it puts there."""
    register = (hashes >> np.uint64(_REST)).astype(np.intp)
    rest = hashes & np.uint64((1 << _REST) - 1)
    # 52 bits fit a float64 exactly, so the exponent is the bit length.
    _, length = np.frexp(rest.astype(np.float64))
    return register, (_REST + 1 - length).astype(np.uint8)


def estimate(registers: Registers) -> float:
    """Return how many different members the 4,096 registers have seen; inf when all are full."""
    filled = np.bincount(registers, minlength=_REST + 2)
    z = REGISTERS * _tau(1 - filled[_REST + 1] / REGISTERS)
    for rank in range(_REST, 0, -1):
        z = 0.5 * (z + filled[rank])
    z += REGISTERS * _sigma(filled[0] / REGISTERS)
    return float(_ALPHA * REGISTERS * REGISTERS / z) if z else float("inf")


def _sigma(x: float) -> float:
    if x == 1:
        return float("inf")
    y, z, before = 1.0, x, -1.0
    while z != before:
        x *= x
        before = z
        z += x * y
        y += y
    return z


def _tau(x: float) -> float:
    if x in (0, 1):
        return 0.0
    y, z, before = 1.0, 1 - x, -1.0
    while z != before:
        x = float(np.sqrt(x))
        before = z
        y *= 0.5
        z -= (1 - x) ** 2 * y
    return z / 3
