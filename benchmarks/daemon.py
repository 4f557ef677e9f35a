"""The whole daemon as a process, under real load: start, memory, StatsD, events, signals, scrapes.

``python -m benchmarks.daemon [--seconds S]`` prints a line of JSON per measurement. Counts are held
against what was sent; latency is measured at the client. Receivers of other projects that are
installed take the same StatsD load in the same run.
"""

import argparse
import contextlib
import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.statsd import build_load
from benchmarks.statsd_peers import measure_peers

SERIES = 10_000
RATE = 1_000_000
BULK = 20_000
"""Events in a body."""


class Daemon:
    """A running ``vsm-run`` on free ports."""

    def __init__(self, folder: Path) -> None:
        began = time.monotonic()
        ready = folder / "ready.json"
        free = ("--listen", "127.0.0.1:0", "--ingest", "127.0.0.1:0", "--statsd", "127.0.0.1:0")
        command = [sys.executable, "-m", "vsm_actors", "--data", str(folder), *free]
        self.log = (folder / "log").open("wb")
        self.process = subprocess.Popen(
            [*command, "--ready-file", str(ready)], stdout=self.log, stderr=self.log
        )
        while not ready.exists():
            assert self.process.poll() is None, (folder / "log").read_text()
            time.sleep(0.002)
        self.seconds_to_ready = time.monotonic() - began
        self.addresses: dict[str, Any] = json.loads(ready.read_text())

    def close(self) -> None:
        self.process.terminate()
        assert self.process.wait(15) == 0
        self.log.close()

    @property
    def statsd_port(self) -> str:
        return str(self.addresses["statsd"]).rpartition(":")[2]

    def scrape(self) -> str:
        with urllib.request.urlopen(f"{self.addresses['read']}/metrics") as answer:
            text: str = answer.read().decode()
        return text

    def total(self, name: str, **labels: str) -> float:
        """Return the sum of the own samples called `name` that carry `labels`."""
        wanted = [f'{key}="{value}"' for key, value in labels.items()]
        return sum(
            float(line.rpartition(" ")[2])
            for line in self.scrape().splitlines()
            if re.match(rf"{name}(\{{| )", line) and all(one in line for one in wanted)
        )

    def resident_mb(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024

    def cpu(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def settled(self, source: str) -> float:
        """Return the points accepted from `source` once they have stopped growing."""
        last, now = -1.0, self.total("vsm_run_points_accepted_total", source=source)
        while now != last:
            time.sleep(0.3)
            last, now = now, self.total("vsm_run_points_accepted_total", source=source)
        return now


def idle(daemon: Daemon) -> dict[str, object]:
    """Measure the daemon that watches its host and nothing else."""
    time.sleep(3)
    busy, began = daemon.cpu(), time.monotonic()
    time.sleep(6)
    return {
        "name": "daemon, watching its host",
        "ready_seconds": round(daemon.seconds_to_ready, 2),
        "resident_mb": round(daemon.resident_mb(), 1),
        "cpu_share": round((daemon.cpu() - busy) / (time.monotonic() - began), 3),
    }


def statsd(
    daemon: Daemon, load: Path, protocol: str, rate: int, seconds: float
) -> dict[str, object]:
    """Measure StatsD through the whole daemon, against what was sent."""
    before, busy = daemon.settled("statsd"), daemon.cpu()
    words = [str(load), protocol, daemon.statsd_port, str(SERIES), str(rate), str(seconds)]
    sent = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)
    accepted = daemon.settled("statsd") - before
    return {
        "name": f"daemon, statsd {protocol}",
        "series": SERIES,
        "million_per_second": round(accepted / sent["seconds"] / 1e6, 3),
        "sent": sent["lines"],
        "lost": sent["lines"] - accepted,
        "dropped_and_counted": daemon.total("vsm_run_points_dropped_total", source="statsd"),
        "cpu_seconds_per_million": round((daemon.cpu() - busy) / (accepted / 1e6), 3),
        "resident_mb": round(daemon.resident_mb(), 1),
    }


def connection(url: str) -> http.client.HTTPConnection:
    """Return a kept-alive connection."""
    parts = urlsplit(url)
    return http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=60)


def post(to: http.client.HTTPConnection, body: bytes) -> int:
    """Post events; return the status."""
    to.request("POST", "/v1/events", body, {"Content-Type": "application/json"})
    answer = to.getresponse()
    answer.read()
    return answer.status


def events(daemon: Daemon, seconds: float) -> dict[str, object]:
    """Measure JSON events in bulk bodies, validated, through the whole daemon."""
    one = {"event": "operation.completed", "path": "acme", "measurements": {"duration": 0.2}}
    body = json.dumps(
        [
            {**one, "unit": f"u{n % 100}", "attributes": {"operation": "stamp", "outcome": "ok"}}
            for n in range(BULK)
        ]
    ).encode()
    to = connection(daemon.addresses["write"])
    before, busy = daemon.total("vsm_operations_total", path="acme"), daemon.cpu()
    began, taken = time.monotonic(), 0
    while time.monotonic() - began < seconds:
        taken += post(to, body) == 202
    elapsed = time.monotonic() - began
    counted = daemon.total("vsm_operations_total", path="acme") - before
    to.close()
    assert counted == taken * BULK
    return {
        "name": "daemon, JSON events",
        "million_per_second": round(counted / elapsed / 1e6, 3),
        "counted": counted,
        "cpu_seconds_per_million": round((daemon.cpu() - busy) / (counted / 1e6), 2),
    }


def signals(daemon: Daemon, what: str, count: int = 200) -> dict[str, object]:
    """Measure algedonic signals: answered once durable and told to System 5."""
    to = connection(daemon.addresses["write"])
    waits = []
    for number in range(count):
        said = {"id": f"{what}-{number}", "severity": "critical", "kind": "pain"}
        event = {"event": "algedonic.raised", "system": 1, "path": "acme", "attributes": said}
        body = json.dumps(event).encode()
        began = time.monotonic()
        assert post(to, body) == 202
        waits.append((time.monotonic() - began) * 1000)
        time.sleep(0.01)
    to.close()
    ordered = sorted(waits)
    return {
        "name": f"daemon, algedonic signal to answer, {what}",
        "p50_ms": round(statistics.median(ordered), 2),
        "p99_ms": round(ordered[int(0.99 * len(ordered))], 2),
        "within_25_ms_of_system_5": _share_delivered(daemon, "0.025"),
    }


def _share_delivered(daemon: Daemon, bound: str) -> float:
    name = "vsm_run_algedonic_delivery_seconds"
    within = daemon.total(f"{name}_bucket", le=bound)
    return round(within / daemon.total(f"{name}_count"), 4)


def scrapes(daemon: Daemon, count: int = 10) -> dict[str, object]:
    """Measure `/metrics` at the client, uncompressed."""
    waits, text = [], ""
    for _ in range(count):
        began = time.monotonic()
        text = daemon.scrape()
        waits.append((time.monotonic() - began) * 1000)
    return {
        "name": "daemon, /metrics",
        "samples": sum(1 for line in text.splitlines() if not line.startswith("#")),
        "p50_ms": round(statistics.median(waits), 1),
        "max_ms": round(max(waits), 1),
    }


def rows(folder: Path, seconds: float) -> Iterator[dict[str, object]]:
    """Yield every measurement."""
    load = build_load(folder)
    with contextlib.closing(Daemon(folder)) as daemon:
        yield idle(daemon)
        yield signals(daemon, "calm")
        yield events(daemon, min(seconds, 10.0))
        yield statsd(daemon, load, "udp", RATE, seconds)
        yield statsd(daemon, load, "tcp", 0, min(seconds, 10.0))
        yield scrapes(daemon)
        yield _signals_under_load(daemon, load)
    yield from measure_peers(load, SERIES, RATE, min(seconds, 10.0))


def _signals_under_load(daemon: Daemon, load: Path) -> dict[str, object]:
    words = [str(load), "udp", daemon.statsd_port, str(SERIES), str(RATE), "8"]
    flood = threading.Thread(
        target=lambda: subprocess.run(words, check=True, capture_output=True), daemon=True
    )
    flood.start()
    time.sleep(1)
    row = signals(daemon, "under 1 M/s StatsD")
    flood.join()
    return row


def main() -> None:
    """Print every measurement."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=20.0, help="of each StatsD load")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for row in rows(Path(folder), arguments.seconds):
            print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
