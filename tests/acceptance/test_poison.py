"""A crash of any one actor is a non-event for all others, for clients and for connections."""

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from prometheus_client.parser import text_string_to_metric_families

from supervision import TreeNode
from vsm_actors.app import Application
from vsm_actors.config import Config
from vsm_actors.config.schema import ListenSection, RunSection
from vsm_actors.config.values import Bind

FREE = Bind("127.0.0.1:0")


class Poison:
    """A message that no actor knows."""


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    config = Config(
        run=RunSection(data=str(tmp_path), source="host"),
        listen=ListenSection(read=FREE, write=FREE, statsd=FREE),
    )
    running = Application(config, reread=lambda: config)
    running.start()
    yield running
    assert running.stop(10.0)


class Client:
    """One kept-alive connection to each listener."""

    def __init__(self, application: Application) -> None:
        self.read = self.connect(application.addresses["read"])
        self.write = self.connect(application.addresses["write"])
        self.sent = 0

    def connect(self, url: str) -> http.client.HTTPConnection:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=20)
        connection.connect()
        return connection

    def post(self) -> int:
        body = json.dumps(
            {
                "event": "operation.completed",
                "path": "acme",
                "unit": "press-3",
                "measurements": {"duration": 0.25},
                "attributes": {"operation": "stamp", "outcome": "ok"},
            }
        )
        self.write.request("POST", "/v1/events", body, {"Content-Type": "application/json"})
        answer = self.write.getresponse()
        answer.read()
        self.sent += answer.status == 202
        return answer.status

    def total(self, name: str) -> float:
        self.read.request("GET", "/metrics")
        answer = self.read.getresponse()
        text = answer.read().decode()
        assert answer.status == 200
        return sum(
            sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == name and sample.labels.get("path") == "acme"
        )

    def close(self) -> None:
        self.read.close()
        self.write.close()


@pytest.fixture
def client(application: Application) -> Iterator[Client]:
    made = Client(application)
    yield made
    made.close()


def workers(application: Application) -> dict[str, TreeNode]:
    root = application.tree()
    return {
        node.path.removeprefix(f"{root.id}/"): node for node in root.walk() if node.type == "worker"
    }


def test_a_poisoned_message_loses_only_itself(
    application: Application, client: Client, eventually: Any
) -> None:
    sockets = (client.read.sock, client.write.sock)
    for path, before in workers(application).items():
        application.system.address(path).tell(Poison())
        assert client.post() == 202, path
        eventually(
            lambda path=path, before=before: workers(application)[path].restarts > before.restarts
        )
        assert client.total("vsm_operations_total") == client.sent, path
    after = workers(application)
    assert {path: node.restarts for path, node in after.items()} == dict.fromkeys(after, 1)
    assert {node.state for node in after.values()} == {"running"}
    assert (client.read.sock, client.write.sock) == sockets
    assert client.total("vsm_response_time_seconds_count") == client.sent == len(after)


def test_the_tree_shows_a_crash_and_its_cause(
    application: Application, client: Client, eventually: Any
) -> None:
    application.system.address("System1Supervisor/ResourceMonitor").tell(Poison())

    def crashed() -> list[dict[str, Any]]:
        client.read.request("GET", "/api/v1/tree")
        tree = json.loads(client.read.getresponse().read())
        below = [tree]
        found = []
        while below:
            node = below.pop()
            below += node.get("children", [])
            found += [node] if node.get("restarts") and not node.get("children") else []
        return found

    eventually(crashed)
    [node] = crashed()
    assert node["actor"] == "ResourceMonitor"
    assert node["restarts"] == 1
    assert "AssertionError" in node["last_error"]
