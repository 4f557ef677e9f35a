"""Members of sets in a window: collecting them, merging them, and how many there are."""

from collections.abc import Sequence

import numpy as np

from vsm_actors.core.batch import NO_HASHES, NO_IDS, Floats, Hashes, Ids
from vsm_actors.core.window.distinct import EXACT, REGISTERS, Registers, estimate, placed
from vsm_actors.core.window.model import Members

NO_REGISTERS: Registers = np.empty((0, REGISTERS), dtype=np.uint8)

NO_MEMBERS = Members(series=NO_IDS, hash=NO_HASHES, dense=NO_IDS, registers=NO_REGISTERS)


def members_of(series: Ids, hashes: Hashes) -> Members:
    """Return the different (series, hash) of two columns of the same length."""
    return _settled(series, hashes, NO_IDS, NO_REGISTERS)


def merged_members(parts: Sequence[Members]) -> Members:
    """Return the union. A series is exact if the union holds at most `EXACT` members of it."""
    occupied = [part for part in parts if len(part.series) or len(part.dense)]
    if len(occupied) <= 1:
        return occupied[0] if occupied else NO_MEMBERS
    dense, registers = _united(occupied)
    series = np.concatenate([part.series for part in occupied])
    hashes = np.concatenate([part.hash for part in occupied])
    return _settled(series, hashes, dense, registers)


def counts(members: Members) -> tuple[Ids, Floats]:
    """Return the series, ascending, and how many members each has: exact, or estimated."""
    exact, number = np.unique(members.series, return_counts=True)
    estimates = [estimate(row) for row in members.registers]
    series = np.concatenate([exact, members.dense])
    order = np.argsort(series)
    return series[order], np.concatenate([number, estimates])[order]


def _united(parts: Sequence[Members]) -> tuple[Ids, Registers]:
    dense, place = np.unique(np.concatenate([part.dense for part in parts]), return_inverse=True)
    registers = np.zeros((len(dense), REGISTERS), dtype=np.uint8)
    np.maximum.at(registers, place, np.concatenate([part.registers for part in parts]))
    return dense, registers


def _settled(series: Ids, hashes: Hashes, dense: Ids, registers: Registers) -> Members:
    series, hashes = _different(series, hashes)
    ids, number = np.unique(series, return_counts=True)
    full = np.union1d(dense, ids[number > EXACT]).astype(np.int32)
    if not len(full):
        return Members(series=series, hash=hashes, dense=dense, registers=registers)
    rows = np.zeros((len(full), REGISTERS), dtype=np.uint8)
    rows[np.searchsorted(full, dense)] = registers
    spilled = np.isin(series, full)
    register, rank = placed(hashes[spilled])
    np.maximum.at(rows, (np.searchsorted(full, series[spilled]), register), rank)
    return Members(series=series[~spilled], hash=hashes[~spilled], dense=full, registers=rows)


def _different(series: Ids, hashes: Hashes) -> tuple[Ids, Hashes]:
    order = np.lexsort((hashes, series))
    series, hashes = series[order], hashes[order]
    new = np.ones(len(series), dtype=np.bool_)
    new[1:] = (series[1:] != series[:-1]) | (hashes[1:] != hashes[:-1])
    return series[new], hashes[new]
