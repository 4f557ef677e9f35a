"""Points a second through the reduction and through the real collector, beside a plain loop.

One JSON object a line. ``python -m benchmarks.pipeline [--seconds S] [--series N ...]``
"""

import argparse
import json
import math
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from threading import Lock

import numpy as np

from benchmarks.stage import Stage, thread_seconds
from vsm_actors.core.batch import Batch
from vsm_actors.core.collector.collecting import (
    Collected,
    accept,
    close_window,
    collected,
    next_frame,
    reduce_pending,
)
from vsm_actors.core.collector.reduce import Pending, reduced
from vsm_actors.core.families import Family, Kind
from vsm_actors.core.series import Limits, SeriesTable
from vsm_actors.core.series.directory import Directory, directory_of
from vsm_actors.core.window.sketch import GAMMA, SMALLEST

POINTS = 3125
"""A batch: eight a tick are 1 M points/s."""

TICK = 8
"""Batches a tick."""

SECOND = 320
"""Batches a second."""

KINDS = (Kind.COUNTER, Kind.GAUGE, Kind.SUMMARY)

Row = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A second of 1 M points, a third each of counters, gauges and summaries."""

    table: SeriesTable
    directory: Directory
    batches: tuple[Batch, ...]


def load_of(series: int) -> Load:
    """Make a load over that many series, the same in every run."""
    limits = Limits(series=series, metric_series=series, label_values=series)
    table = SeriesTable(limits, Lock())
    families = [
        Family(name=f"load_{kind.name.lower()}", kind=kind, help="Load.", labels=("n",))
        for kind in KINDS
    ]
    for number in range(series):
        table.intern(families[number % len(families)], (str(number),))
    chance = np.random.default_rng(7)
    batches = tuple(
        Batch(
            source="statsd",
            series=chance.integers(0, series, POINTS).astype(np.int32),
            value=chance.lognormal(0, 1, POINTS),
            weight=np.ones(POINTS),
            time=np.full(POINTS, float(number)),
            arrival=0.0,
        )
        for number in range(SECOND)
    )
    return Load(table=table, directory=directory_of(table), batches=batches)


def best(run: Callable[[], object], times: int = 3) -> float:
    """Return the least seconds of this thread's time that `run` took."""
    spent = []
    for _ in range(times):
        begun = time.thread_time()
        run()
        spent.append(time.thread_time() - begun)
    return min(spent)


def plain_loop(load: Load) -> None:
    """Do what a window needs, point by point: totals, extremes, last, and the sketch."""
    rows: dict[int, list[float]] = {}
    cells: dict[tuple[int, int], float] = {}
    step, kinds = math.log(GAMMA), load.directory.kind.tolist()
    for batch in load.batches[: 5 * TICK]:
        columns = (batch.series, batch.value, batch.weight, batch.time)
        points = zip(*(column.tolist() for column in columns), strict=True)
        for series, value, weight, when in points:
            row = rows.get(series)
            if row is None:
                rows[series] = [weight, value * weight, value, value, value, when]
            else:
                row[0] += weight
                row[1] += value * weight
                row[2] = min(row[2], value)
                row[3] = max(row[3], value)
                if when >= row[5]:
                    row[4], row[5] = value, when
            if kinds[series] == Kind.SUMMARY:
                cell = series, math.ceil(math.log(value / SMALLEST) / step)
                cells[cell] = cells.get(cell, 0.0) + weight


def reducing(load: Load) -> None:
    """Reduce a second of the load, tick by tick."""
    for first in range(0, SECOND, TICK):
        pending = [Pending(batch=one, ordinal=0) for one in load.batches[first : first + TICK]]
        reduced(pending, load.directory)


def folding(load: Load, state: Collected, second: int = 0) -> Collected:
    """Take a second of the load through the collector's fold, frames and window included."""
    for tick in range(SECOND // TICK):
        now = second + (tick + 1) * TICK / SECOND
        for batch in load.batches[tick * TICK : (tick + 1) * TICK]:
            state, _ = accept(state, batch, load.directory)
        state, _ = reduce_pending(state, load.directory, now)
        if now == second + 1:
            state, _ = close_window(state, load.directory, end=now, now=now)
        state, _ = next_frame(state, load.directory, end=now, now=now)
    return state


def pure(series: int) -> Iterator[Row]:
    """Measure the pure parts against the loop, in the same run."""
    load = load_of(series)
    points = SECOND * POINTS
    loop = 5 * TICK * POINTS / best(lambda: plain_loop(load))
    for name, run in (
        ("reduce", lambda: reducing(load)),
        ("collect", lambda: folding(load, collected(0.0))),
    ):
        rate = points / best(run)
        yield {
            "name": name,
            "series": series,
            "points_per_core_second": round(rate),
            "plain_loop": round(loop),
            "ratio": round(rate / loop, 1),
            "core_share_at_1M": round(1e6 / rate, 3),
        }
    yield from commits(load, series)


def commits(load: Load, series: int) -> Iterator[Row]:
    """Measure what a commit of the totals costs, by how much was touched."""
    full = folding(load, collected(0.0))
    for touched in (1, 100, 10_000):
        ids = np.linspace(0, series - 1, min(touched, series)).astype(np.int32)
        ones = np.ones(len(ids))
        batch = replace(load.batches[0], series=ids, value=ones, weight=ones, time=ones * 1e6)
        state, _ = accept(full, batch, load.directory)
        reduction = partial(reduce_pending, state, load.directory, 2.0)
        spent = best(reduction, times=20)
        yield {
            "name": "commit",
            "series": series,
            "touched": len(ids),
            "milliseconds": round(spent * 1e3, 3),
        }


def through_the_actors(series: int, seconds: float, rate: float) -> Row:
    """Offer `rate` points a second to the real collector, ticked by the real Ticker."""
    load = load_of(series)
    with Stage(load.table) as stage:
        begun, spent = time.monotonic(), thread_seconds("MetricsCollector")
        sent = refused = 0
        while (now := time.monotonic()) < begun + seconds:
            batch = load.batches[sent % SECOND]
            fresh = replace(batch, arrival=now, time=np.full(POINTS, time.time()))
            if stage.collector.offer(fresh, cost=POINTS):
                sent += 1
            else:
                refused += 1
                time.sleep(0.001)
            ahead = begun + sent * POINTS / rate - time.monotonic()
            if ahead > 0:
                time.sleep(ahead)
        elapsed = time.monotonic() - begun
        share = (thread_seconds("MetricsCollector") - spent) / elapsed
        latencies, counted = stage.finish()
    p50, p99 = np.quantile(latencies, (0.5, 0.99)) * 1e3
    assert counted == sent * POINTS, (counted, sent * POINTS)
    return {
        "name": "collector",
        "series": series,
        "points_per_second": round(sent * POINTS / elapsed),
        "counted_exactly": True,
        "refused_batches": refused,
        "core_share": round(share, 3),
        "arrival_to_feed_ms_p50": round(float(p50), 1),
        "arrival_to_feed_ms_p99": round(float(p99), 1),
    }


def main() -> None:
    """Print one JSON object a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--series", type=int, nargs="*", default=[1_000, 10_000, 100_000])
    given = parser.parse_args()
    sys.setswitchinterval(0.0005)
    for series in given.series:
        for row in pure(series):
            print(json.dumps(row), flush=True)
        for rate in (1e6, 1e9):
            print(json.dumps(through_the_actors(series, given.seconds, rate)), flush=True)


if __name__ == "__main__":
    main()
