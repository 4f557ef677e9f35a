"""Time to encode `/metrics`, beside prometheus_client's `generate_latest` of the same data.

Run ``python -m benchmarks.exposition``. Each line is JSON: series, milliseconds (median), bytes.
The mix is a quarter each of counters, gauges, summaries and histograms, counted in sample lines as
Prometheus counts series.
"""

import gzip
import json
import statistics
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from exporters.prometheus.exposition import Exposition
from exporters.prometheus.negotiation import Format
from vsm_actors.core.families import Family, Kind, family
from vsm_actors.core.series import Limits, SeriesTable
from vsm_actors.core.window import Cells, Frame
from vsm_actors.core.window.cells import NO_CELLS, cells_of

SIZES = (1_000, 10_000, 100_000)
RUNS = 7
_NOW = 1_700_000_000.0
_MIX = (
    (family("vsm_states_total"), 1),
    (family("vsm_resource_used"), 1),
    (family("vsm_custom_measurement"), 5),
    (family("vsm_response_time_seconds"), 14),
)


def filled(lines: int) -> tuple[SeriesTable, Frame]:
    """Return a table with series of `lines` sample lines, and a frame of all of them."""
    table = SeriesTable(
        Limits(series=10**6, metric_series=10**6, label_values=10**6), threading.Lock()
    )
    for one, per_series in _MIX:
        for number in range(lines // len(_MIX) // per_series):
            table.intern(one, _labels(one, number))
    random = np.random.default_rng(1)
    ids = np.arange(len(table), dtype=np.int32)
    histograms = ids[table.kinds[: len(ids)] == Kind.HISTOGRAM]
    series = np.repeat(histograms, 12).astype(np.int32)
    index = np.tile(np.arange(12, dtype=np.int32), len(histograms))
    count = np.floor(random.gamma(2, 500, len(series)))
    values = np.round(random.gamma(2, 500, len(ids)), 3)
    frame = Frame(
        number=1,
        end=_NOW,
        arrival=0.0,
        series=ids,
        count=np.floor(values),
        sum=values,
        last=values,
        time=np.full(len(ids), _NOW),
        buckets=cells_of(series, index, count) if len(series) else NO_CELLS,
    )
    return table, frame


def sketches(table: SeriesTable) -> Cells:
    """Return thirty occupied cells for every summary."""
    ids = np.arange(len(table), dtype=np.int32)
    summaries = ids[table.kinds[: len(ids)] == Kind.SUMMARY]
    series = np.repeat(summaries, 30)
    index = np.tile(np.arange(1_000, 1_030, dtype=np.int32), len(summaries))
    return cells_of(series, index, np.ones(len(series)))


def median_ms(work: Callable[[], object]) -> float:
    """Return the median of several runs in milliseconds."""
    taken = []
    for _ in range(RUNS):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(taken), 2)


class Peer(Collector):
    """The same samples, as prometheus_client keeps them when asked for them."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        """Keep the metrics."""
        self._metrics = tuple(metrics)

    def collect(self) -> Iterable[Metric]:
        """Return the metrics as they are."""
        return self._metrics


def peer_of(text: bytes) -> CollectorRegistry:
    """Return a registry with the samples of an exposition."""
    registry = CollectorRegistry()
    registry.register(Peer(text_string_to_metric_families(text.decode())))
    return registry


def measure(lines: int) -> dict[str, float]:
    """Measure one size."""
    table, frame = filled(lines)
    exposition = Exposition(table)
    own = CollectorRegistry()
    exposition.recent = exposition.recent.with_window(sketches(table))
    began = time.perf_counter()
    exposition.apply(frame)
    first = (time.perf_counter() - began) * 1000
    text = exposition.render(Format.TEXT, own)

    def touched() -> None:
        exposition.apply(frame)
        exposition.render(Format.TEXT, own)

    def apply() -> None:
        exposition.apply(frame)

    peer = peer_of(text)
    row: dict[str, float] = {
        "series": text.count(b"\n") - text.count(b"# "),
        "bytes": len(text),
        "first_frame_ms": round(first, 2),
        "frame_ms": median_ms(apply),
        "touched_ms": median_ms(touched),
        "untouched_ms": median_ms(lambda: exposition.render(Format.TEXT, own)),
        "peer_ms": median_ms(lambda: generate_latest(peer)),
    }
    for level in (1, 6):
        row[f"gzip_{level}_ms"] = median_ms(partial(gzip.compress, text, level))
        row[f"gzip_{level}_bytes"] = len(gzip.compress(text, level))
    encode = row["touched_ms"] - row["frame_ms"]
    return row | {"encode_ms": round(encode, 2), "ratio": round(row["peer_ms"] / encode, 1)}


def _labels(one: Family, number: int) -> tuple[str, ...]:
    fixed = {"path": f"acme/plant-{number % 50}", "system": "1"}
    return tuple(fixed.get(name, f"{name}-{number}") for name in one.labels)


def main() -> None:
    """Print a line of JSON for each size."""
    for lines in SIZES:
        print(json.dumps({"name": f"exposition of {lines:,} series", **measure(lines)}), flush=True)


if __name__ == "__main__":
    main()
