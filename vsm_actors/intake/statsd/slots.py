"""Slots: what every known key resolves to, as columns, so that a batch takes them by array."""

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from vsm_actors.intake.statsd.target import Target

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vsm_actors.core.batch import Floats, Ids

NONE = -1
"""No further slot."""

_FIRST = 1024


class Slots:
    """Columns over slots. A line with several targets has several slots, chained by `chain`."""

    def __init__(self) -> None:
        self.series: Ids = np.zeros(_FIRST, dtype=np.int32)
        """int32: id in the series table."""
        self.kind: NDArray[np.int8] = np.zeros(_FIRST, dtype=np.int8)
        """int8: `Kind` of the series."""
        self.divisor: Floats = np.ones(_FIRST)
        """float64: the value is divided by it."""
        self.weight: Floats = np.ones(_FIRST)
        """float64: observations that a value stands for."""
        self.low: Floats = np.zeros(_FIRST)
        """float64: least value allowed; -inf where the line has no value to check."""
        self.constant: NDArray[np.bool_] = np.zeros(_FIRST, dtype=np.bool_)
        """bool: the line counts 1 whatever its value."""
        self.chain: Ids = np.full(_FIRST, NONE, dtype=np.int32)
        """int32: the next target's slot, or `NONE`."""
        self.chained = False
        """Whether any slot has a next one."""
        self._used = 0
        self._free: list[int] = []

    def __len__(self) -> int:
        """Count the slots in use."""
        return self._used - len(self._free)

    def add(self, targets: tuple[Target, ...]) -> int:
        """Return the first slot of a new chain. The strictest bound holds for all of it."""
        taken = [self._take() for _ in targets]
        for slot, target in zip(taken, targets, strict=True):
            self._write(slot, target)
        for slot, following in pairwise(taken):
            self.chain[slot] = following
            self.chained = True
        self.low[taken[0]] = max(target.low for target in targets)
        return taken[0]

    def targets(self, slot: int) -> tuple[Target, ...]:
        """Return the targets of the chain that begins at `slot`."""
        return tuple(
            Target(
                series=int(self.series[one]),
                kind=int(self.kind[one]),
                divisor=float(self.divisor[one]),
                weight=float(self.weight[one]),
                low=float(self.low[one]),
                constant=bool(self.constant[one]),
            )
            for one in self._chain_of(slot)
        )

    def drop(self, slot: int) -> None:
        """Give back the slots of a chain."""
        taken = self._chain_of(slot)
        self.chain[taken] = NONE
        self._free.extend(taken)

    def _chain_of(self, slot: int) -> list[int]:
        taken = []
        while slot != NONE:
            taken.append(slot)
            slot = int(self.chain[slot])
        return taken

    def _take(self) -> int:
        if self._free:
            return self._free.pop()
        if self._used == len(self.series):
            self._grow()
        self._used += 1
        return self._used - 1

    def _write(self, slot: int, target: Target) -> None:
        self.series[slot] = target.series
        self.kind[slot] = target.kind
        self.divisor[slot] = target.divisor
        self.weight[slot] = target.weight
        self.low[slot] = target.low
        self.constant[slot] = target.constant
        self.chain[slot] = NONE

    def _grow(self) -> None:
        self.series = np.concatenate([self.series, np.zeros_like(self.series)])
        self.kind = np.concatenate([self.kind, np.zeros_like(self.kind)])
        self.divisor = np.concatenate([self.divisor, np.ones_like(self.divisor)])
        self.weight = np.concatenate([self.weight, np.ones_like(self.weight)])
        self.low = np.concatenate([self.low, np.zeros_like(self.low)])
        self.constant = np.concatenate([self.constant, np.zeros_like(self.constant)])
        self.chain = np.concatenate([self.chain, np.full_like(self.chain, NONE)])
