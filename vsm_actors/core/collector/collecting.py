"""What the collector does, as a pure fold: batches in, frames and windows out.

Every function returns a new state and leaves the old one as it was: what a crash interrupts has
not happened.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from vsm_actors.core.batch import NO_IDS, Batch, Exemplar, Ids
from vsm_actors.core.collector.admission import admitted
from vsm_actors.core.collector.reduce import Pending, reduced
from vsm_actors.core.collector.totals import (
    BLOCK,
    COUNT,
    LAST,
    NO_TOTALS,
    SUM,
    TIME,
    Totals,
    advanced,
    bucket_cells,
    estimated,
    idle,
    mentioned,
    shown,
    without,
)
from vsm_actors.core.series.directory import Directory
from vsm_actors.core.window import Frame, Members, Window
from vsm_actors.core.window.exemplars import newest
from vsm_actors.core.window.members import NO_MEMBERS, merged_members
from vsm_actors.core.window.merge import merge_all

POINTS = 65_536
"""Points that wait at most: then they are reduced before the tick, so that arrays stay in cache."""

BATCHES = 512
"""Batches that wait at most: appending to the tuple of them stays cheap."""

PARTS = 8
"""Reduced parts of a window before they are merged to a run, and runs before they are merged to
one: so the end of a window finds a fifth of the work left, and nothing grows without a Ticker."""

PERIOD = 10.0
"""Seconds over which sets are estimated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What the collector has taken in and not yet given out, and its running totals.

    Attributes:
        opened: monotonic seconds at which the open window began.
        period: monotonic seconds at which the sets' open period began.
        pending: batches that are not yet reduced, in order of arrival.
        points: how many points those hold.
        oldest: monotonic arrival of the oldest point that no frame has shown; inf if there is none.
        sent: points that each source has sent so far: the ordinal of its next one.
        parts: what was reduced since the window opened, and is in no run; fewer than `PARTS`.
        runs: merged parts of the open window; fewer than `PARTS`.
        touched: series touched since the last frame.
        gone: series hidden since the last frame.
        exemplars: since the last frame.
        members: of sets, in the complete windows of the open period.
        frames: how many were given out.
        totals: of everything that was reduced.
    """

    opened: float
    period: float
    pending: tuple[Pending, ...] = ()
    points: int = 0
    oldest: float = float("inf")
    sent: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    parts: tuple[Window, ...] = ()
    runs: tuple[Window, ...] = ()
    touched: tuple[Ids, ...] = ()
    gone: Ids = field(default_factory=lambda: NO_IDS)
    exemplars: tuple[Exemplar, ...] = ()
    members: Members = NO_MEMBERS
    frames: int = 0
    totals: Totals = NO_TOTALS


def collected(now: float) -> Collected:
    """Return the state of a collector that starts at `now`, monotonic seconds."""
    return Collected(opened=now, period=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A window that ended.

    Attributes:
        window: to be published, possibly empty.
        retired: int32[r], series that the table is to forget.
    """

    window: Window
    retired: Ids


def accept(state: Collected, batch: Batch, directory: Directory) -> tuple[Collected, int]:
    """Let a batch wait, and return how many of its points were refused as not finite.

    Raises:
        BrokenBatchError: its columns do not fit together.
    """
    sound, refused = admitted(batch, directory)
    if not len(sound):
        return state, refused
    ordinal = state.sent.get(batch.source, 0)
    sent = MappingProxyType({**state.sent, batch.source: ordinal + len(sound)})
    return replace(
        state,
        pending=(*state.pending, Pending(batch=sound, ordinal=ordinal)),
        points=state.points + len(sound),
        oldest=min(state.oldest, batch.arrival),
        sent=sent,
    ), refused


def is_full(state: Collected) -> bool:
    """Tell whether so much waits that it is to be reduced before the tick."""
    return state.points >= POINTS or len(state.pending) >= BATCHES


def reduce_pending(state: Collected, directory: Directory, now: float) -> tuple[Collected, int]:
    """Reduce what waits into the window and the totals, touched at `now`, monotonic seconds.

    Returns:
        The state, and how many observations lay beyond the sketch's range.
    """
    if not state.pending:
        return state, 0
    result = reduced(state.pending, directory)
    window = result.window
    totals = advanced(state.totals, window, directory, now)
    parts, runs = (*state.parts, window), state.runs
    if len(parts) == PARTS:
        parts, runs = (), (*runs, merge_all(parts))
    return replace(
        state,
        pending=(),
        points=0,
        parts=parts,
        runs=runs if len(runs) < PARTS else (merge_all(runs),),
        touched=(*state.touched, window.series) if len(window.series) else state.touched,
        exemplars=newest([state.exemplars, window.exemplars]),
        totals=mentioned(totals, window.members, now),
    ), result.outside


def salvage(
    state: Collected, directory: Directory, now: float
) -> tuple[Collected, tuple[tuple[str, int], ...]]:
    """Reduce what waits one batch after another, and leave out those that cannot be reduced.

    Whoever starts after a crash does this once, so that a batch that broke the reduction is lost
    alone and does not break it again.

    Returns:
        The state, and the source and the points of each batch that was lost.
    """
    lost: list[tuple[str, int]] = []
    waiting, state = state.pending, replace(state, pending=(), points=0)
    for one in waiting:
        try:
            state, _ = reduce_pending(replace(state, pending=(one,)), directory, now)
        except Exception:  # noqa: BLE001 - whatever broke the reduction, only this batch is lost
            lost.append((one.batch.source, len(one.batch)))
    return state, tuple(lost)


def next_frame(
    state: Collected,
    directory: Directory,
    *,
    end: float,
    now: float,
    tokens: tuple[int, ...] = (),
) -> tuple[Collected, Frame | None]:
    """Show what was touched since the last frame; None if nothing was and no token asks.

    Args:
        state: with nothing pending.
        directory: covers every series of the state.
        end: Unix seconds.
        now: monotonic seconds.
        tokens: that the frame answers.
    """
    if not (state.touched or len(state.gone) or tokens):
        return state, None
    # Few ticks hold more than one reduction, and the ids of one are in order already.
    touched = state.touched[0] if len(state.touched) == 1 else _union(state.touched)
    frame = _frame(state, directory, touched, end=end, now=now, tokens=tokens)
    after = replace(
        state,
        touched=(),
        gone=NO_IDS,
        exemplars=(),
        oldest=float("inf"),
        frames=frame.number,
    )
    return after, frame


def full_frame(state: Collected, directory: Directory, *, end: float, now: float) -> Frame:
    """Show every series that has something to show, for a feed that starts anew."""
    series = shown(state.totals)
    frame = _frame(state, directory, series, end=end, now=now, tokens=())
    return replace(frame, number=state.frames, full=True, gone=NO_IDS)


def close_window(
    state: Collected, directory: Directory, *, end: float, now: float
) -> tuple[Collected, Closed]:
    """End the open window, whatever it holds, and the sets' period if ten seconds are over.

    Args:
        state: with nothing pending.
        directory: covers every series of the state.
        end: Unix seconds.
        now: monotonic seconds.
    """
    duration = now - state.opened
    window = replace(
        merge_all((*state.runs, *state.parts)), start=end - duration, end=end, duration=duration
    )
    members = merged_members([state.members, window.members])
    state = replace(state, opened=now, parts=(), runs=(), members=members)
    if now - state.period >= PERIOD:
        state = _estimate(state, end, now)
    found = idle(state.totals, directory, now)
    if len(found.hidden) or len(found.retired):
        totals = without(state.totals, found, directory)
        state = replace(state, totals=totals, gone=_union((state.gone, found.hidden)))
    return state, Closed(window=window, retired=found.retired)


def _estimate(state: Collected, end: float, now: float) -> Collected:
    totals, changed = estimated(state.totals, state.members, end)
    touched = (*state.touched, changed) if len(changed) else state.touched
    return replace(state, totals=totals, touched=touched, members=NO_MEMBERS, period=now)


def _union(parts: tuple[Ids, ...]) -> Ids:
    return np.unique(np.concatenate([NO_IDS, *parts])).astype(np.int32)


def _frame(
    state: Collected,
    directory: Directory,
    series: Ids,
    *,
    end: float,
    now: float,
    tokens: tuple[int, ...],
) -> Frame:
    rows = state.totals.rows.take(series)
    gone = state.gone
    if len(gone):
        seen = rows[:, BLOCK] != 0
        series, rows = series[seen], rows[seen]
        gone = gone[state.totals.rows.take(gone)[:, BLOCK] == 0]
    return Frame(
        number=state.frames + 1,
        end=end,
        arrival=min(state.oldest, now),
        series=series,
        count=rows[:, COUNT].copy(),
        sum=rows[:, SUM].copy(),
        last=rows[:, LAST].copy(),
        time=rows[:, TIME].copy(),
        buckets=bucket_cells(state.totals, series, rows[:, BLOCK], directory),
        exemplars=state.exemplars,
        tokens=tokens,
        gone=gone,
    )
