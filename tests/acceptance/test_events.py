import gzip
import json
import zlib
from typing import Any

import pytest
import zstandard

OPERATION = "vsm_operations_total"


def completed(path: str, **more: Any) -> dict[str, Any]:
    return {
        "event": "operation.completed",
        "path": path,
        "unit": "press-3",
        "measurements": {"duration": 0.25},
        "attributes": {"operation": "stamp", "outcome": "ok"},
        **more,
    }


def test_an_event_counts_at_once_and_exactly(daemon: Any, path: str) -> None:
    for sent in range(1, 6):
        answer = daemon.post(completed(path))
        assert (answer.status, answer.json) == (202, {"accepted": 1, "rejected": 0, "errors": []})
        assert daemon.total(OPERATION, path=path) == sent


def test_an_array_counts_each_of_its_events(daemon: Any, path: str) -> None:
    assert daemon.post([completed(path)] * 700).json["accepted"] == 700
    assert daemon.total(OPERATION, path=path) == 700
    assert daemon.total("vsm_response_time_seconds_count", path=path) == 700
    assert daemon.total("vsm_response_time_seconds_sum", path=path) == 175.0
    assert daemon.total("vsm_response_time_seconds_bucket", path=path, le="0.25") == 700
    assert daemon.total("vsm_response_time_seconds_bucket", path=path, le="0.1") == 0


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [
        ("identity", bytes),
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("zstd", zstandard.compress),
    ],
)
def test_lines_count_in_every_encoding(daemon: Any, path: str, encoding: str, encode: Any) -> None:
    lines = b"".join(json.dumps(completed(path)).encode() + b"\n" for _ in range(500))
    headers = {} if encoding == "identity" else {"Content-Encoding": encoding}
    answer = daemon.post(encode(lines), "application/x-ndjson", **headers)
    assert (answer.status, answer.json["accepted"]) == (202, 500)
    assert daemon.total(OPERATION, path=path) == 500


def test_a_bulk_body_counts_exactly(daemon: Any, path: str) -> None:
    sent = [completed(path, unit=f"u{n % 50}") for n in range(10_000)]
    assert daemon.post(sent).json["accepted"] == 10_000
    figures = daemon.figures(OPERATION)
    mine = {labels: value for labels, value in figures.items() if ("path", path) in labels}
    assert len(mine) == 50
    assert set(mine.values()) == {200.0}


def test_the_good_part_of_a_batch_counts(daemon: Any, path: str) -> None:
    wrong = completed(path, measurements={})
    answer = daemon.post([completed(path), wrong, completed(path)])
    assert answer.status == 202
    assert (answer.json["accepted"], answer.json["rejected"]) == (2, 1)
    [error] = answer.json["errors"]
    assert error["index"] == 1
    assert "duration" in error["field"]
    assert daemon.total(OPERATION, path=path) == 2


def test_an_event_that_is_sent_again_counts_once(daemon: Any, path: str) -> None:
    event = completed(path, event_id="e-1", source="test")
    assert daemon.post(event).status == 202
    assert daemon.post(event).status == 202
    assert daemon.total(OPERATION, path=path) == 1


def test_cloudevents_are_an_envelope_of_the_same(daemon: Any, path: str) -> None:
    plain = completed(path)
    event = {
        "specversion": "1.0",
        "type": "operation.completed",
        "id": "ce-1",
        "source": "test",
        "vsmpath": path,
        "vsmunit": "press-3",
        "data": {key: plain[key] for key in ("measurements", "attributes")},
    }
    assert daemon.post(event, "application/cloudevents+json").status == 202
    batch = [dict(event, id="ce-2"), dict(event, id="ce-3")]
    assert daemon.post(batch, "application/cloudevents-batch+json").json["accepted"] == 2
    binary = {
        "ce-specversion": "1.0",
        "ce-type": "operation.completed",
        "ce-id": "ce-4",
        "ce-source": "test",
        "ce-vsmpath": path,
        "ce-vsmunit": "press-3",
    }
    assert daemon.post(event["data"], **binary).status == 202
    assert daemon.total(OPERATION, path=path) == 4


def test_a_trace_becomes_an_exemplar(daemon: Any, path: str) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    daemon.post(completed(path, traceparent=f"00-{trace}-b7ad6b7169203331-01"))
    answer = daemon.get("/metrics", Accept="application/openmetrics-text; version=1.0.0")
    assert "openmetrics-text" in answer.headers["Content-Type"]
    assert answer.body.endswith(b"# EOF\n")
    [line] = [one for one in answer.body.decode().splitlines() if trace in one and path in one]
    assert line.startswith("vsm_response_time_seconds_bucket")


def test_an_unknown_event_is_kept_as_a_custom_one(daemon: Any, path: str) -> None:
    event = {"event": "oven.opened", "path": path, "measurements": {"degrees": 180.0}}
    assert daemon.post(event).status == 202
    assert daemon.total("vsm_custom_events_total", path=path, event="oven.opened") == 1
    assert daemon.total("vsm_custom_measurement_sum", path=path, measurement="degrees") == 180


def test_conflicts_are_read_by_their_monitor(daemon: Any, path: str, eventually: Any) -> None:
    for event, attributes in (
        ("conflict.detected", {"id": "c1", "between": "a,b"}),
        ("conflict.detected", {"id": "c2", "between": "a,b"}),
        ("conflict.resolved", {"id": "c1", "action": "swap"}),
    ):
        assert daemon.post({"event": event, "path": path, "attributes": attributes}).status == 202
    eventually(lambda: daemon.total("vsm_conflicts_open", path=path) == 1)
