"""Other StatsD receivers, where they are installed: what their kernel dropped and what they cost."""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

COLLECTD = """
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

NETDATA = """
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


def measure_peers(
    load: Path, series: int, rate: float, seconds: float
) -> Iterator[dict[str, object]]:
    """Run each peer that is installed under the same load as ours."""
    for name, start in (("collectd", _collectd), ("netdata", _netdata)):
        program = shutil.which(name) or shutil.which(name, path="/usr/sbin")
        if program is not None:
            with tempfile.TemporaryDirectory() as folder:
                yield {
                    "what": f"statsd udp, {name}",
                    **_measure(start, program, folder, load, series, rate, seconds),
                }


def free_port() -> int:
    """Return a UDP port that was free a moment ago."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def _collectd(program: str, folder: str, port: int) -> list[str]:
    configuration = Path(folder, "collectd.conf")
    configuration.write_text(COLLECTD.format(folder=folder, port=port))
    return [program, "-f", "-C", str(configuration)]


def _netdata(program: str, folder: str, port: int) -> list[str]:
    configuration = Path(folder, "netdata.conf")
    configuration.write_text(NETDATA.format(port=port, web=free_port()))
    return [program, "-D", "-c", str(configuration)]


def _measure(start, program, folder, load, series, rate, seconds) -> dict[str, object]:  # type: ignore[no-untyped-def]
    port = free_port()
    peer = subprocess.Popen(
        start(program, folder, port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    return {}
