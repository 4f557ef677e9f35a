"""The outlets together: a real server, real actors, real clients."""

import gzip
import json
import socket
import threading
from typing import Any
from urllib.parse import urlsplit

import pytest
from prometheus_client import Gauge
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from exporters import endpoint
from exporters.prometheus import route
from exporters.rest import alerts
from vsm_actors.core.algedonic import Alert
from vsm_actors.core.families import FAMILIES, family
from vsm_actors.core.messages import Alerts, Signals
from vsm_actors.http.readiness import Phase
from vsm_actors.http.route import Listener

pytestmark = pytest.mark.slow

OPERATIONS = family("vsm_operations_total")


@pytest.fixture
def counted(world: Any) -> Any:
    series = world.table.intern(OPERATIONS, ("acme", "1", "press-3", "stamp", "ok"))
    world.totals.values[series] = 5.0
    return world


@pytest.fixture
def pain() -> Alert:
    return Alert(
        id="a/1",
        path="acme",
        at="acme",
        system=1,
        unit="press-3",
        metric="heat",
        kind="pain",
        severity="high",
        intensity=0.5,
        message="too hot \x1b[31m",
        raised=1_700_000_000.0,
        signals=("a/1", "a2"),
    )


def test_scrape_shows_what_was_accepted_before_it(counted: Any) -> None:
    answer = counted.get("/metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert b'outcome="ok"} 5.0\n' in answer.read()
    counted.totals.values[0] = 6.0
    assert b'outcome="ok"} 6.0\n' in counted.get("/metrics").read()
    assert counted.books.observed == ["vsm_run_scrape_seconds"] * 2


def test_scrape_is_compressed_and_in_the_format_that_is_wanted(counted: Any) -> None:
    Gauge("vsm_run_series", "Series.", registry=counted.registry).set(1)
    answer = counted.get(
        "/metrics",
        Accept="text/plain;q=0.5,application/openmetrics-text;version=1.0.0",
        Accept_Encoding="gzip",
    )
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "openmetrics" in answer.headers["Content-Type"]
    text = gzip.decompress(answer.read()).decode()
    metrics = {metric.name: metric for metric in text_string_to_metric_families(text)}
    assert metrics.keys() == {"vsm_operations", "vsm_run_series"}


def test_crash_of_the_exporter_loses_no_figure(counted: Any) -> None:
    counted.get("/metrics").read()
    counted.book["PrometheusExporter"].tell("poison")
    counted.eventually(lambda: counted.node("PrometheusExporter").incarnation == 2)
    assert b'outcome="ok"} 5.0\n' in counted.get("/metrics").read()


def test_scrape_is_answered_although_the_exporter_crashes_while_it_waits(
    counted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(route, "FRAME_WITHIN", 0.3)
    counted.totals.deaf = True
    answers: list[int] = []
    client = threading.Thread(target=lambda: answers.append(counted.get("/metrics").status))
    client.start()
    exporter = counted.book["PrometheusExporter"]
    counted.eventually(lambda: counted.node("PrometheusExporter").handled >= 2)
    exporter.tell("poison")
    client.join(10)
    assert answers == [200]


def test_scrape_that_the_exporter_crashes_on_is_503(
    counted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_args: object) -> None:
        raise ZeroDivisionError

    counted.totals.deaf = True
    monkeypatch.setattr(route, "FRAME_WITHIN", 0.05)
    monkeypatch.setattr("exporters.prometheus.exporter.compressed", crash)
    answer = counted.get("/metrics", Accept_Encoding="gzip")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    assert "crashed" in json.load(answer)["detail"]


def test_scrape_without_a_collector_shows_what_there_is(
    counted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(route, "FRAME_WITHIN", 0.05)
    counted.get("/metrics").read()
    counted.totals.deaf = True
    assert b'outcome="ok"} 5.0\n' in counted.get("/metrics").read()


def test_scrape_before_the_totals_are_back_is_503(
    counted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(route, "FRAME_WITHIN", 0.05)
    counted.totals.deaf = counted.totals.silent = True
    counted.book["PrometheusExporter"].tell("poison")
    counted.eventually(lambda: counted.node("PrometheusExporter").incarnation == 2)
    answer = counted.get("/metrics")
    assert answer.status == 503
    assert "totals" in json.load(answer)["detail"]


def test_scrape_that_nobody_answers_is_503_in_time(
    counted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(route, "ANSWER_WITHIN", 0.1)
    counted.totals.deaf = True
    answer = counted.get("/metrics")
    assert answer.status == 503
    assert "within" in json.load(answer)["detail"]


def test_crash_of_the_endpoint_closes_no_connection(counted: Any) -> None:
    first = counted.get("/metrics")
    first.read()
    connection = counted.connections[-1]
    counted.book["Endpoint"].tell("poison")
    counted.eventually(lambda: counted.node("Endpoint").incarnation == 2)
    connection.request("GET", "/metrics")
    assert connection.getresponse().status == 200


def test_probes_answer_on_both_listeners(world: Any) -> None:
    for listener in Listener:
        assert world.get("/-/healthy", listener=listener).status == 200
        ready = world.json("/-/ready", listener=listener)
        assert ready == {"ready": True, "degraded": []}


def test_readiness_is_503_while_draining(world: Any) -> None:
    world.readiness.enter(Phase.DRAINING)
    world.readiness.degrade("disk")
    answer = world.get("/-/ready")
    assert answer.status == 503
    body = json.load(answer)
    assert (body["detail"], body["degraded"]) == ("draining", ["disk"])


def test_endpoint_looks_at_the_listeners(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = threading.Semaphore(0)
    monkeypatch.setattr(world.readiness, "answered", lambda _listener: seen.release())
    world.book["Endpoint"].tell(endpoint.Look(world.node("Endpoint").incarnation))
    assert seen.acquire(timeout=5)
    assert seen.acquire(timeout=5)
    world.book["Endpoint"].tell(endpoint.Look(99))
    before = world.node("Endpoint").handled
    world.eventually(lambda: world.node("Endpoint").handled > before)
    assert not seen.acquire(blocking=False)


def test_nothing_answers_where_nobody_listens() -> None:
    assert not endpoint.answers("http://127.0.0.1:1")


def test_tree_shows_every_actor(world: Any) -> None:
    world.book["AlgedonicChannel"].tell("poison")
    world.eventually(lambda: world.node("AlgedonicChannel").incarnation == 2)
    tree = world.json("/api/v1/tree")
    assert tree["path"] == "vsm_telemetry"
    actors = {node["actor"]: node for node in tree["children"]}
    channel = actors["AlgedonicChannel"]
    assert (channel["state"], channel["restarts"], channel["incarnation"]) == ("running", 1, 2)
    assert "ZeroDivisionError" in channel["last_error"]
    assert channel["mailbox"]["depth"] == 0
    assert actors["Endpoint"]["last_error"] is None


def test_alerts_are_shown(world: Any, pain: Alert) -> None:
    world.book["AlgedonicChannel"].tell(pain)
    (alert,) = world.json("/api/v1/alerts")["alerts"]
    assert (alert["id"], alert["state"], alert["level"]) == ("a/1", "open", 1)
    assert b"\x1b" not in world.get("/api/v1/alerts").read()


@pytest.mark.parametrize("signal", ["a%2F1", "a2"])
def test_alert_is_acknowledged_by_any_of_its_signals(world: Any, pain: Alert, signal: str) -> None:
    world.book["AlgedonicChannel"].tell(pain)
    body = json.dumps({"by": "ann", "note": "on it"}).encode()
    path = f"/api/v1/alerts/{signal}/acknowledge"
    alert = world.json(path, method="POST", body=body)
    assert (alert["state"], alert["acknowledged_by"], alert["note"]) == (
        "acknowledged",
        "ann",
        "on it",
    )
    assert world.get(path, method="POST").status == 200


def test_acknowledgement_of_what_is_not_known_is_404(world: Any) -> None:
    answer = world.get("/api/v1/alerts/x/acknowledge", method="POST")
    assert answer.status == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{", 400), (b'{"by": 7}', 400), (b'{"by": "\xff"}', 400), (b" " * 20_000, 413)],
)
def test_broken_acknowledgement_is_refused(world: Any, body: bytes, status: int) -> None:
    assert world.get("/api/v1/alerts/x/acknowledge", method="POST", body=body).status == status


def test_acknowledgement_that_is_not_stored_is_503(world: Any, pain: Alert) -> None:
    world.durable[0] = False
    world.book["AlgedonicChannel"].tell(pain)
    answer = world.get("/api/v1/alerts/a2/acknowledge", method="POST")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")


@pytest.mark.parametrize("deaf_to", [Alerts, Signals])
def test_channel_that_does_not_answer_is_503(
    world: Any, pain: Alert, deaf_to: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerts, "ANSWER_WITHIN", 0.05)
    world.book["AlgedonicChannel"].tell(pain)
    world.deaf.append(deaf_to)
    answer = world.get("/api/v1/alerts/a2/acknowledge", method="POST")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    assert world.get("/api/v1/alerts").status == (503 if deaf_to is Alerts else 200)


def test_channel_that_is_gone_is_503(world: Any) -> None:
    world.system.stop()
    assert world.get("/api/v1/alerts").status == 503


def test_acknowledgement_without_an_end_is_refused(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerts, "ANSWER_WITHIN", 0.05)
    parts = urlsplit(world.server.urls[Listener.READ])
    head = "POST /api/v1/alerts/x/acknowledge HTTP/1.1\r\nHost: localhost\r\n"
    for rest, status in (
        ("Content-Length: 9\r\n\r\n", b"408"),
        ("Transfer-Encoding: chunked\r\n\r\n8000\r\n" + " " * 0x8000 + "\r\n", b"413"),
    ):
        with socket.create_connection((parts.hostname, parts.port), timeout=5) as client:
            client.sendall(head.encode() + rest.encode())
            assert client.recv(65_536).split()[1] == status


def test_listener_that_does_not_answer_is_not_noted(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[Listener] = []
    monkeypatch.setattr(world.readiness, "answered", noted.append)
    monkeypatch.setattr(endpoint, "answers", lambda _url: False)
    before = world.node("Endpoint").handled
    with capture_logs() as logs:
        world.book["Endpoint"].tell(endpoint.Look(world.node("Endpoint").incarnation))
        world.eventually(lambda: world.node("Endpoint").handled > before)
    assert noted == []
    assert [line["event"] for line in logs].count("endpoint.unanswered") == 2


def test_endpoint_looks_by_itself(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "LOOK_EVERY", 0.01)
    seen = threading.Semaphore(0)
    monkeypatch.setattr(world.readiness, "answered", lambda _listener: seen.release())
    world.book["Endpoint"].tell(endpoint.Look(world.node("Endpoint").incarnation))
    for _ in range(4):
        assert seen.acquire(timeout=5)


def test_catalogue_shows_events_and_metrics(world: Any) -> None:
    answer = world.get("/api/v1/catalogue", Accept_Encoding="gzip")
    assert answer.headers["Content-Encoding"] == "gzip"
    catalogue = json.loads(gzip.decompress(answer.read()))
    assert {metric["name"] for metric in catalogue["metrics"]} == FAMILIES.keys()
    events = {event["name"]: event for event in catalogue["events"]}
    completed = events["operation.completed"]
    assert completed["lanes"][0] == "bulk"
    assert "vsm_operations_total" in completed["metrics"]
    assert all(one["high"] is None or one["high"] >= 0 for one in completed["measurements"])
