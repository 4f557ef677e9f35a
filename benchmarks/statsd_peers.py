"""Other StatsD receivers, where they are installed: what the kernel dropped, what they cost."""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

COLLECTD = """\
FQDNLookup false
Interval 10
BaseDir "{folder}"
PIDFile "{folder}/pid"
TypesDB "/usr/share/collectd/types.db"
LoadPlugin statsd
<Plugin statsd>
  Host "127.0.0.1"
  Port "{port}"
  TimerPercentile 95.0
</Plugin>
"""

NETDATA = """\
[global]
  run as user = root
[db]
  mode = ram
[web]
  bind to = 127.0.0.1:{web}
[plugins]
  proc = no
  diskspace = no
  cgroups = no
  tc = no
  idlejitter = no
  apps = no
  go.d = no
  python.d = no
  charts.d = no
[statsd]
  bind to = udp:127.0.0.1:{port} tcp:127.0.0.1:{port}
"""

_READY = 10.0
"""Seconds for a peer to bind its port."""

_SETTLE = 1.0
"""Seconds for a peer to read what is left in its buffer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A receiver that may be installed.

    Attributes:
        program: its name.
        configuration: with ``{port}``, ``{web}`` and ``{folder}`` to fill in.
        words: its arguments before the configuration's path.
    """

    program: str
    configuration: str
    words: tuple[str, ...]

    def command(self, folder: Path, port: int) -> list[str] | None:
        """Write the configuration and return the command, None where it is not installed."""
        program = shutil.which(self.program) or shutil.which(self.program, path="/usr/sbin")
        if program is None:
            return None
        path = folder / f"{self.program}.conf"
        path.write_text(self.configuration.format(port=port, web=free_port(), folder=folder))
        return [program, *self.words, str(path)]


PEERS = (
    Peer(program="collectd", configuration=COLLECTD, words=("-f", "-C")),
    Peer(program="netdata", configuration=NETDATA, words=("-D", "-c")),
)


def measure_peers(
    load: Path, series: int, rate: float, seconds: float
) -> Iterator[dict[str, object]]:
    """Run each peer that is installed under the same load as ours."""
    for peer in PEERS:
        with tempfile.TemporaryDirectory() as folder:
            port = free_port()
            command = peer.command(Path(folder), port)
            if command is not None:
                words = [str(load), "udp", str(port), str(series), str(rate), str(seconds)]
                row = _measure(command, words, port)
                yield {"what": f"statsd udp, {peer.program}", "series": series, **row}


def _measure(command: list[str], words: list[str], port: int) -> dict[str, object]:
    """What the kernel dropped at the peer's socket, and what the peer cost."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_until_bound(port)
            busy = _cpu_seconds(process.pid)
            output = subprocess.run(words, check=True, capture_output=True).stdout
            time.sleep(_SETTLE)
            busy = _cpu_seconds(process.pid) - busy
            dropped = _drops(port)
        finally:
            process.terminate()
    sent = json.loads(output)
    taken = sent["packets"] - dropped
    million = taken * sent["lines"] / sent["packets"] / 1e6
    return {
        "million_per_second": round(million / sent["seconds"], 3),
        "sent": sent["lines"],
        "lost_packets": dropped,
        "cpu_seconds_per_million": round(busy / max(million, 1e-6), 3),
    }


def free_port() -> int:
    """Return a UDP port that was free a moment ago."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def _sockets(port: int) -> list[list[str]]:
    rows = [line.split() for line in Path("/proc/net/udp").read_text().splitlines()[1:]]
    return [row for row in rows if row[1].endswith(f":{port:04X}")]


def _drops(port: int) -> int:
    return sum(int(row[12]) for row in _sockets(port))


def _wait_until_bound(port: int) -> None:
    deadline = time.monotonic() + _READY
    while not _sockets(port):
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.05)


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
