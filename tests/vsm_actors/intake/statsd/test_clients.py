"""What client libraries that other people wrote send, read back exactly."""

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import statsd as statsd_client
from datadog.dogstatsd.base import DogStatsd

HOME = {"path": "shop", "system": "1"}


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(10)
        yield sock


def _sent(listener: socket.socket, send: Callable[[int], None], datagrams: int) -> bytes:
    send(listener.getsockname()[1])
    return b"\n".join(listener.recv(65_535) for _ in range(datagrams))


def test_the_client_called_statsd(intake: Any, listener: socket.socket) -> None:
    def send(port: int) -> None:
        client = statsd_client.StatsClient("127.0.0.1", port, prefix="app")
        client.incr("orders", 3)
        client.gauge("level", 10)
        client.gauge("level", -4, delta=True)
        client.timing("latency", 12.5)
        client.set("users", "ann")
        with client.pipeline() as pipe:
            pipe.incr("orders")
            pipe.incr("orders", 2)
        client.close()

    blob = _sent(listener, send, 6)
    assert intake.points(blob) == [
        ("vsm_custom_app_orders_total", HOME, 3.0, 1.0),
        ("vsm_custom_app_level", HOME, 10.0, 1.0),
        ("vsm_custom_app_level", HOME, 6.0, 1.0),
        ("vsm_custom_app_latency_seconds", HOME, 0.0125, 1.0),
        ("vsm_custom_app_orders_total", HOME, 1.0, 1.0),
        ("vsm_custom_app_orders_total", HOME, 2.0, 1.0),
    ]
    decoded = intake.decode(blob)
    assert (len(decoded.batch.members), decoded.rejected) == (1, {})


def test_the_client_called_datadog(intake: Any, listener: socket.socket) -> None:
    def send(port: int) -> None:
        client = DogStatsd(
            host="127.0.0.1",
            port=port,
            disable_telemetry=True,
            disable_buffering=True,
            constant_tags=["system:3"],
            container_id="abc",
        )
        client.increment("orders", 2, tags=["kind:new", "production"])
        client.histogram("size", 7.5)
        client.distribution("size.all", 1.5)
        client.event("deployed", "version | 2\nfine", tags=["unit:web"])
        client.service_check("db", client.WARNING, message="slow|m:", tags=["unit:db"])
        client.close_socket()

    place = {"path": "shop", "system": "3"}
    assert intake.points(_sent(listener, send, 5)) == [
        ("vsm_custom_orders_total", {**place, "kind": "new", "production": "true"}, 2.0, 1.0),
        ("vsm_custom_size", place, 7.5, 1.0),
        ("vsm_custom_size_all", place, 1.5, 1.0),
        ("vsm_custom_events_total", {**place, "unit": "web", "event": "statsd.event"}, 1.0, 1.0),
        (
            "vsm_custom_events_total",
            {**place, "unit": "db", "event": "statsd.service_check"},
            1.0,
            1.0,
        ),
    ]
