"""StatsD: decoding alone beside a plain loop, and receiving for real, count against what was sent.

``python -m benchmarks.statsd [--seconds S] [--rate LINES]`` prints a line of JSON per measurement.
Figures are medians of `ROUNDS`, on loopback, from a sender in C that is not the bottleneck. Peers
that are installed are measured too, by what the kernel dropped at their socket.
"""

import argparse
import asyncio
import json
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from benchmarks.statsd_peers import measure_peers
from supervision import SupervisorSpec, System, SystemClock
from vsm_actors.core.batch import Batch
from vsm_actors.core.families import Kind
from vsm_actors.core.series import Limits, SeriesTable
from vsm_actors.intake.statsd.actor import intake_spec
from vsm_actors.intake.statsd.allocator import keep_freed_memory
from vsm_actors.intake.statsd.decoder import decode
from vsm_actors.intake.statsd.gauges import Gauges
from vsm_actors.intake.statsd.keys import Keys
from vsm_actors.intake.statsd.server import StatsdServer

ROUNDS = 5
SERIES = (1_000, 10_000)
BLOB_LINES = 12_800
SWITCH_INTERVAL = 0.0005


def build_load(folder: Path) -> Path:
    """Compile the sender.

    Raises:
        subprocess.CalledProcessError: there is no C compiler, or it fails.
    """
    program = folder / "statsd_load"
    source = Path(__file__).with_name("statsd_load.c")
    subprocess.run(["cc", "-O2", "-o", str(program), str(source)], check=True)
    return program


def lines_of(series: int, count: int, seed: int = 1) -> Iterator[bytes]:
    """Make lines as the sender does."""
    chance = random.Random(seed)
    for _ in range(count):
        one = chance.randrange(series)
        kind = ("c", "g", "ms")[one % 3]
        value = chance.choice(("%d", "%.1f", "%.2f")) % (chance.random() * 300)
        rate = "|@0.1" if one % 10 == 0 and kind != "g" else ""
        place = f"system:1,path:shop/unit-{one // 201 % 50},unit:web-{one % 7}"
        yield f"shop.metric.{one % 201}:{value}|{kind}{rate}|#{place},route:r{one // 201}".encode()


def new_keys(table: SeriesTable) -> Keys:
    """Make an empty key cache."""
    return Keys(table, threading.Lock(), default_path="shop")


def plain_loop(blob: bytes, cache: dict[bytes, int]) -> int:
    """The same work without arrays, semantics left out: split, look up, convert, sum."""
    totals: dict[int, float] = {}
    for line in blob.split(b"\n"):
        name, _, rest = line.partition(b":")
        value, _, tail = rest.partition(b"|")
        series = cache.setdefault(name + tail, len(cache))
        totals[series] = totals.get(series, 0.0) + float(value or 0)
    return len(totals)


def seconds_of(work: Callable[[], object]) -> float:
    """Return the median time of a call."""
    times = []
    for _ in range(ROUNDS * 4):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def decode_only(series: int) -> dict[str, object]:
    """Measure the decoder on a full cache, beside the plain loop."""
    blob = b"\n".join(lines_of(series, BLOB_LINES)) + b"\n"
    keys, gauges = new_keys(SeriesTable(Limits(), threading.Lock())), Gauges()
    seen: dict[bytes, int] = {}
    plain_loop(blob, seen)
    decode(blob, keys, gauges, time=0.0, arrival=0.0)
    ours = seconds_of(lambda: decode(blob, keys, gauges, time=0.0, arrival=0.0))
    plain = seconds_of(lambda: plain_loop(blob, seen))
    return {
        "what": "statsd decode",
        "series": series,
        "million_per_second": round(BLOB_LINES / ours / 1e6, 2),
        "plain_loop": round(BLOB_LINES / plain / 1e6, 2),
        "ratio": round(plain / ours, 2),
    }


class CountingCollector:
    """Takes every batch and sums its counters."""

    def __init__(self, table: SeriesTable) -> None:
        """Begin at nothing."""
        self._table = table
        self.points = 0
        self.counted = 0.0
        self._changed = threading.Condition()

    def offer(self, message: object, cost: int = 1) -> bool:
        """Count a batch."""
        assert isinstance(message, Batch)
        is_counter = self._table.kinds[message.series] == Kind.COUNTER
        self.counted += float(np.dot(message.value[is_counter], message.weight[is_counter]))
        with self._changed:
            self.points += cost
            self._changed.notify()
        return True

    def wait(self, points: int, timeout: float) -> bool:
        """Wait until so many points have come, or `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self.points >= points, timeout)


class Tally:
    """A ledger that keeps totals."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self.totals: dict[str, float] = {}
        self._lock = threading.Lock()

    def count(self, family: str, amount: float = 1.0, **labels: str) -> None:
        """Add to a counter."""
        key = " ".join((family, *labels.values()))
        with self._lock:
            self.totals[key] = self.totals.get(key, 0.0) + amount

    def set(self, family: str, value: float, **labels: str) -> None:
        """Nothing sets a gauge here."""

    def observe(self, family: str, value: float, **labels: str) -> None:
        """Nothing is observed here."""


async def receive(
    load: Path, protocol: str, series: int, rate: float, seconds: float
) -> dict[str, object]:
    """Send for real; decode in the supervised intake; count against what was sent."""
    table, tally = SeriesTable(Limits(), threading.Lock()), Tally()
    collector = CountingCollector(table)
    spec = intake_spec(new_keys(table), collector, tally)
    system = System(SupervisorSpec(id="bench", children=(spec,)))
    system.start()
    intake = system.address("StatsD")
    server = StatsdServer(intake, tally, SystemClock())
    port = (await server.start("127.0.0.1", 0)).rpartition(":")[2]
    begun, busy = time.perf_counter(), time.process_time()
    words = (protocol, port, str(series), str(rate), str(seconds))
    sender = await asyncio.create_subprocess_exec(load, *words, stdout=asyncio.subprocess.PIPE)
    output, _ = await sender.communicate()
    sent = json.loads(output)
    await asyncio.to_thread(collector.wait, sent["lines"], timeout=seconds + 2)
    took, busy = time.perf_counter() - begun, time.process_time() - busy
    await server.stop()
    await asyncio.to_thread(system.stop)
    return {
        "what": f"statsd {protocol} receive and decode",
        "series": series,
        "million_per_second": round(collector.points / took / 1e6, 3),
        "sent": sent["lines"],
        "lost": sent["lines"] - collector.points,
        "counters_off_by": collector.counted - sent["counted"],
        "cpu_seconds_per_million": round(busy / max(collector.points, 1) * 1e6, 3),
        "books": tally.totals,
    }


def main() -> None:
    """Measure, and print a line of JSON each."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rate", type=float, default=1e6, help="lines a second over UDP")
    options = parser.parse_args()
    keep_freed_memory()  # this and the next as the daemon does
    sys.setswitchinterval(SWITCH_INTERVAL)
    with tempfile.TemporaryDirectory() as folder:
        load = build_load(Path(folder))
        for series in SERIES:
            print(json.dumps(decode_only(series)), flush=True)
            for protocol, rate in (("udp", options.rate), ("tcp", 0.0)):
                row = asyncio.run(receive(load, protocol, series, rate, options.seconds))
                print(json.dumps(row), flush=True)
            for peer in measure_peers(load, series, options.rate, options.seconds):
                print(json.dumps(peer), flush=True)


if __name__ == "__main__":
    main()
