"""The real daemon as a process, driven through its real interfaces."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

READY_WITHIN = 20.0
EXIT_WITHIN = 15.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what stands in this folder."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.acceptance)


def wait_until(condition: Callable[[], object], within: float = 10.0) -> None:
    """Wait until a condition holds that another process brings about.

    Raises:
        AssertionError: it did not, in time.
    """
    deadline = time.monotonic() + within
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, f"not within {within} s"
        pause.wait(0.02)


@dataclass(frozen=True)
class Answer:
    """What HTTP answered."""

    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(
    url: str,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    method: str | None = None,
) -> Answer:
    """Ask, and return the answer whatever its status."""
    asked = urllib.request.Request(url, data=body, headers=dict(headers or {}), method=method)
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return Answer(answer.status, answer.read(), dict(answer.headers))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.read(), dict(error.headers))


@dataclass
class Daemon:
    """A running ``vsm-run``."""

    data: Path
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] = field(init=False)
    ready: Mapping[str, Any] = field(init=False)

    def start(self) -> "Daemon":
        ready = self.data / "ready.json"
        ready.unlink(missing_ok=True)
        with (self.data / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "vsm_actors", "--data", str(self.data)),
                    *("--listen", "127.0.0.1:0", "--ingest", "127.0.0.1:0"),
                    *("--statsd", "127.0.0.1:0", "--ready-file", str(ready)),
                    *("--source", "none", *self.arguments),
                ],
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        wait_until(lambda: ready.exists() or self.process.poll() is not None, READY_WITHIN)
        assert ready.exists(), self.log
        self.ready = json.loads(ready.read_text())
        return self

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(EXIT_WITHIN)

    @property
    def log(self) -> str:
        return (self.data / "log").read_text()

    @property
    def read(self) -> str:
        return str(self.ready["read"])

    @property
    def write(self) -> str:
        return str(self.ready["write"])

    @property
    def statsd(self) -> tuple[str, int]:
        host, _, port = str(self.ready["statsd"]).rpartition(":")
        return host, int(port)

    @property
    def resident(self) -> int:
        return int(psutil.Process(self.process.pid).memory_info().rss)

    def get(self, path: str, **headers: str) -> Answer:
        return ask(self.read + path, headers=headers)

    def post(self, body: object, kind: str = "application/json", **headers: str) -> Answer:
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        return ask(
            f"{self.write}/v1/events", sent, {"Content-Type": kind, **headers}, method="POST"
        )

    def send_udp(self, *datagrams: bytes) -> None:
        with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as sender:
            for datagram in datagrams:
                sender.sendto(datagram, self.statsd)

    def send_tcp(self, *chunks: bytes) -> None:
        with closing(socket.create_connection(self.statsd)) as sender:
            for chunk in chunks:
                sender.sendall(chunk)

    def figures(self, name: str) -> dict[frozenset[tuple[str, str]], float]:
        """Return every sample called `name` of one scrape, by its labels."""
        text = self.get("/metrics").body.decode()
        return {
            frozenset(sample.labels.items()): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == name
        }

    def total(self, name: str, **labels: str) -> float:
        """Return the sum of the samples called `name` that carry `labels`."""
        wanted = labels.items()
        return sum(value for found, value in self.figures(name).items() if wanted <= set(found))

    def restarts(self) -> int:
        """Return how often any actor was restarted."""
        return int(self.total("vsm_run_actor_restarts_total"))


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Daemon]]:
    """Start daemons that are ended with the test; each call without `data` gets a new folder."""
    started: list[Daemon] = []

    def make(*arguments: str, data: Path | None = None, **environment: str) -> Daemon:
        folder = data or tmp_path / f"data{len(started)}"
        folder.mkdir(exist_ok=True)
        daemon = Daemon(folder, arguments, environment)
        started.append(daemon)
        return daemon.start()

    yield make
    for daemon in started:
        if hasattr(daemon, "process"):
            daemon.stop()


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """One daemon for a module whose tests report under paths of their own."""
    running = Daemon(tmp_path_factory.mktemp("data")).start()
    yield running
    assert running.restarts() == 0, running.log
    assert running.stop() == 0, running.log


@pytest.fixture
def eventually() -> Callable[..., None]:
    """Wait for what another process brings about."""
    return wait_until


@pytest.fixture
def http() -> Callable[..., Answer]:
    """Ask any URL."""
    return ask


@pytest.fixture
def path(request: pytest.FixtureRequest) -> str:
    """A path of the test's own, so that tests of one daemon do not meet."""
    name = "".join(letter if letter.isalnum() else "-" for letter in request.node.name)
    return f"acme/{name[:60]}"
