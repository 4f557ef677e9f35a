"""Running totals by series: what frames show, what outlives a crash of the collector."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from vsm_actors.core.batch import NO_IDS, Floats, Ids
from vsm_actors.core.collector.chunks import Chunks
from vsm_actors.core.families import Kind
from vsm_actors.core.series.directory import NO_LADDER, Directory
from vsm_actors.core.window import Cells, Members, Window
from vsm_actors.core.window.cells import NO_CELLS
from vsm_actors.core.window.members import counts

COUNT, SUM, LAST, TIME, SOURCE, ORDINAL, TOUCHED, BLOCK = range(8)
"""Columns of a row. `TOUCHED` is monotonic. `BLOCK` is 0 where nothing is shown, `PLAIN` without
buckets, else `PLAIN` plus one plus the address of the first bucket."""

PLAIN = 1

IDLE = 3600.0
"""Seconds without a point after which a series retires."""

RENEWAL = 3.5
"""Seconds after which a gauge that is concluded disappears if it was not renewed: three ticks, and
half a one for the monitors to answer in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Immutable; see `chunks` for what a new version costs.

    Attributes:
        rows: the columns above, by series.
        buckets: one figure an address, running counts of the histograms' buckets.
        end: the first bucket address that is free.
        sets: int32[s], series of sets that are shown, ascending.
    """

    rows: Chunks
    buckets: Chunks
    end: int
    sets: Ids


NO_TOTALS = Totals(rows=Chunks(8), buckets=Chunks(1), end=0, sets=NO_IDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """Series that nothing has touched for too long.

    Attributes:
        hidden: int32[h], to be shown no longer, ascending; `retired` ones among them.
        retired: int32[r], to be forgotten.
    """

    hidden: Ids
    retired: Ids


def advanced(totals: Totals, window: Window, directory: Directory, monotonic: float) -> Totals:
    """Return the totals with a window added, all of it touched at `monotonic` seconds."""
    ids = window.series
    rows = totals.rows.take(ids)
    fresh = rows[:, BLOCK] == 0
    rows[fresh] = 0.0
    rows[:, COUNT] += window.count
    rows[:, SUM] += window.sum
    rows[:, TOUCHED] = monotonic
    newer = fresh | _newer(window, rows)
    for column, values in (
        (LAST, window.last),
        (TIME, window.time),
        (SOURCE, window.source),
        (ORDINAL, window.ordinal),
    ):
        rows[newer, column] = values[newer]
    rows[fresh, BLOCK], end = _blocks(ids[fresh], directory, totals.end)
    return replace(
        totals,
        rows=totals.rows.put(ids, rows),
        buckets=_filled(totals.buckets, window.buckets, ids, rows[:, BLOCK]),
        end=end,
    )


def mentioned(totals: Totals, members: Members, monotonic: float) -> Totals:
    """Return the totals with the sets of `members` known, and touched at `monotonic` seconds."""
    ids = np.union1d(members.series, members.dense).astype(np.int32)
    if not len(ids):
        return totals
    rows = totals.rows.take(ids)
    fresh = rows[:, BLOCK] == 0
    rows[fresh] = 0.0
    rows[fresh, LAST] = np.nan
    rows[fresh, BLOCK] = PLAIN
    rows[:, TOUCHED] = monotonic
    sets = np.union1d(totals.sets, ids).astype(np.int32)
    return replace(totals, rows=totals.rows.put(ids, rows), sets=sets)


def estimated(totals: Totals, members: Members, end: float) -> tuple[Totals, Ids]:
    """Give every set its estimate over the period that ended at `end`, Unix seconds.

    Returns:
        The totals, and the series whose estimate is new or has changed. `COUNT` of a set counts
        its complete periods, so that 0 means that it has no estimate yet.
    """
    if not len(totals.sets):
        return totals, NO_IDS
    rows = totals.rows.take(totals.sets)
    figures = np.zeros(len(totals.sets))
    series, number = counts(members)
    shown = np.isin(series, totals.sets)
    figures[np.searchsorted(totals.sets, series[shown])] = number[shown]
    changed = rows[:, LAST] != figures
    rows[:, LAST] = figures
    rows[:, TIME] = end
    rows[:, COUNT] += 1
    return replace(totals, rows=totals.rows.put(totals.sets, rows)), totals.sets[changed]


def shown(totals: Totals) -> Ids:
    """Return every series that has something to show, ascending; not yet sets without estimate."""
    found = [
        first + np.flatnonzero((rows[:, BLOCK] != 0) & (rows[:, COUNT] != 0))
        for first, rows in totals.rows.occupied()
    ]
    return np.concatenate([NO_IDS, *found]).astype(np.int32)


def bucket_cells(totals: Totals, ids: Ids, block: Floats, directory: Directory) -> Cells:
    """Return the occupied buckets of those of `ids` that are histograms; `block` is theirs."""
    at = block > PLAIN
    if not at.any():
        return NO_CELLS
    sizes = _sizes(ids[at], directory)
    series = np.repeat(ids[at], sizes)
    index = np.arange(len(series)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    address = np.repeat(block[at].astype(np.int64) - PLAIN - 1, sizes) + index
    order = np.argsort(address, kind="stable")
    count = np.empty(len(series))
    count[order] = totals.buckets.take(address[order])[:, 0]
    full = count != 0
    return Cells(series=series[full], index=index[full].astype(np.int32), count=count[full])


def idle(totals: Totals, directory: Directory, monotonic: float) -> Idle:
    """Find the series to hide or to retire at `monotonic` seconds.

    A gauge that is concluded hides when it was not renewed; any series retires after `IDLE`.
    """
    brief = directory.reading & (directory.kind == Kind.GAUGE)
    hidden, retired = [NO_IDS], [NO_IDS]
    for first, rows in totals.rows.occupied():
        known = brief[first : first + len(rows)]
        age = monotonic - rows[: len(known), TOUCHED]
        there = rows[: len(known), TOUCHED] != 0
        old = there & (age > IDLE)
        unseen = (rows[: len(known), BLOCK] != 0) & (old | (known & (age > RENEWAL)))
        hidden.append(first + np.flatnonzero(unseen).astype(np.int32))
        retired.append(first + np.flatnonzero(old).astype(np.int32))
    return Idle(
        hidden=np.concatenate(hidden).astype(np.int32),
        retired=np.concatenate(retired).astype(np.int32),
    )


def without(totals: Totals, found: Idle, directory: Directory) -> Totals:
    """Return the totals with idle series hidden, and the retired ones forgotten."""
    rows = totals.rows.take(found.hidden)
    address = _addresses(found.hidden, rows[:, BLOCK], directory)
    rows[:, BLOCK] = 0
    return replace(
        totals,
        rows=totals.rows.put(found.hidden, rows).clear(found.retired),
        buckets=totals.buckets.clear(address),
        sets=totals.sets[~np.isin(totals.sets, found.hidden)],
    )


def _newer(window: Window, rows: Floats) -> NDArray[np.bool_]:
    later, same = window.time > rows[:, TIME], window.time == rows[:, TIME]
    above, equal = window.source > rows[:, SOURCE], window.source == rows[:, SOURCE]
    after = window.ordinal > rows[:, ORDINAL]
    return np.asarray(later | (same & (above | (equal & after))))


def _sizes(ids: Ids, directory: Directory) -> NDArray[np.int64]:
    # One more bucket than bounds, for +Inf; none where there is no ladder, whose place is first.
    lengths = np.array([0, *(len(bounds) + 1 for bounds in directory.ladders)], dtype=np.int64)
    return lengths[directory.ladder[ids] - NO_LADDER]


def _blocks(fresh: Ids, directory: Directory, end: int) -> tuple[Floats, int]:
    sizes = _sizes(fresh, directory)
    ends = end + np.cumsum(sizes)
    block = np.where(sizes > 0, PLAIN + 1 + ends - sizes, PLAIN)
    return block.astype(np.float64), int(ends[-1]) if len(ends) else end


def _addresses(ids: Ids, block: Floats, directory: Directory) -> NDArray[np.int64]:
    sizes = np.where(block > PLAIN, _sizes(ids, directory), 0)
    start = np.repeat(block.astype(np.int64) - PLAIN - 1, sizes)
    return np.sort(start + np.arange(len(start)) - np.repeat(np.cumsum(sizes) - sizes, sizes))


def _filled(buckets: Chunks, cells: Cells, ids: Ids, block: Floats) -> Chunks:
    start = block[np.searchsorted(ids, cells.series)].astype(np.int64) - PLAIN - 1
    address = start + cells.index
    order = np.argsort(address)
    ascending = address[order]
    return buckets.put(ascending, buckets.take(ascending) + cells.count[order, None])
