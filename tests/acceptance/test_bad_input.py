import gzip
import json
import zlib
from typing import Any

import pytest
import zstandard

GOOD = {"event": "oven.opened"}
DEEP = 100_000


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[",
        b'{"event": "operation.completed"',
        b"null",
        b"17",
        b'"text"',
        b"[" * DEEP,
        b"[" * DEEP + b"]" * DEEP,
        b'{"a":' * DEEP + b"1" + b"}" * DEEP,
        b'{"event": "oven.opened", "attributes": ' + b'{"a":' * DEEP + b"1" + b"}" * (DEEP + 1),
        b'{"event": "oven.opened", "measurements": {"a": 1e999}}',
        b'{"event": "oven.opened", "measurements": {"a": NaN}}',
        b'{"event": "oven.opened", "measurements": {"a": Infinity}}',
        b'{"event": "oven.opened", "measurements": {"a": "5"}}',
        b'{"event": "oven.opened", "measurements": {"a": ' + b"9" * 5000 + b"}}",
        b'{"event": "\xff\xfe"}',
        b'{"event": "\\ud800"}',
        b'{"event": ""}',
        b'{"event": "a\\u0000b"}',
        b'{"event": "a\\u001b[31mb"}',
        b'{"event": "oven.opened", "path": "a b"}',
        b'{"event": "oven.opened", "path": "../etc/a b"}',
        b'{"event": "oven.opened", "path": "' + b"a/" * 40 + b'a"}',
        b'{"event": "oven.opened", "path": "vsm-run/x"}',
        b'{"event": "oven.opened", "system": 6}',
        b'{"event": "oven.opened", "system": "1"}',
        b'{"event": "oven.opened", "time": "yesterday"}',
        b'{"event": "oven.opened", "time": 1e300}',
        b'{"event": "oven.opened", "time": 0}',
        b'{"event": "oven.opened", "time": "2999-01-01T00:00:00Z"}',
        b'{"event": "threat.reported", "attributes": {"id": "t", "status": "open"}}',
        b'{"event": "operation.completed", "measurements": {"duration": -1}}',
        b'{"event": "operation.completed", "attributes": {"outcome": "perhaps"}}',
    ],
)
def test_what_cannot_be_read_is_a_clear_400(daemon: Any, path: str, body: bytes) -> None:
    answer = daemon.post(body)
    assert answer.status == 400, answer.body
    assert len(answer.body) < 20_000
    assert b"\x1b" not in answer.body
    assert daemon.post({**GOOD, "path": path}).status == 202


@pytest.mark.parametrize(
    ("kind", "encoding", "status"),
    [
        ("text/plain", None, 415),
        ("application/x-www-form-urlencoded", None, 415),
        ("application/json", "br", 415),
        ("application/json", "gzip", 400),
        ("application/json", "zstd", 400),
        ("application/json", "deflate", 400),
    ],
)
def test_a_wrong_type_or_encoding_is_refused(
    daemon: Any, kind: str, encoding: str | None, status: int
) -> None:
    headers = {"Content-Encoding": encoding} if encoding else {}
    assert daemon.post(json.dumps(GOOD).encode(), kind, **headers).status == status


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [
        ("gzip", lambda body: gzip.compress(body, 9)),
        ("deflate", lambda body: zlib.compress(body, 9)),
        ("zstd", zstandard.compress),
    ],
)
def test_a_bomb_is_413_and_memory_stays_flat(daemon: Any, encoding: str, encode: Any) -> None:
    bomb = encode(b"\0" * 400_000_000)
    daemon.post(GOOD)
    before = daemon.resident
    for _ in range(20):
        assert daemon.post(bomb, **{"Content-Encoding": encoding}).status == 413
    assert daemon.resident - before < 50_000_000


def test_a_body_over_the_limit_is_413(daemon: Any) -> None:
    assert daemon.post(b" " * 5_000_000).status == 413


def test_a_cardinality_bomb_ends_in_the_overflow_series(start: Any, eventually: Any) -> None:
    daemon = start(VSM_LIMITS_LABEL_VALUES="100", VSM_LIMITS_METRIC_SERIES="500")
    events = [{"event": "oven.opened", "path": "acme", "unit": f"u{n}"} for n in range(5_000)]
    assert daemon.post(events).json["accepted"] == 5_000
    figures = daemon.figures("vsm_custom_events_total")
    assert len(figures) <= 501
    assert sum(figures.values()) == 5_000
    assert daemon.total("vsm_custom_events_total", unit="__overflow__") == 4_900
    lines = b"\n".join(b"bomb:1|c|#path:acme,user:%d" % n for n in range(5_000))
    daemon.send_tcp(lines + b"\n")
    eventually(lambda: daemon.total("vsm_run_series_overflow_total") > 0)
    assert daemon.restarts() == 0


def test_escape_sequences_never_reach_the_log_or_the_exposition(daemon: Any, path: str) -> None:
    sent = {"event": "oven.opened", "path": path, "unit": "\x1b]0;owned\x07\n# HELP x"}
    daemon.post(sent)
    daemon.send_udp(b"esc\x1b[31m:1|c\n")
    assert "\x1b" not in daemon.log
    text = daemon.get("/metrics").body
    assert b"\x1b" not in text
    assert b"\n# HELP x" not in text


def test_unknown_routes_methods_and_hosts_are_problems(daemon: Any, http: Any) -> None:
    for url, headers, method, status in (
        (f"{daemon.read}/unheard", {}, "GET", 404),
        (f"{daemon.read}/metrics", {}, "DELETE", 405),
        (f"{daemon.write}/metrics", {}, "GET", 404),
        (f"{daemon.read}/metrics", {"Host": "evil.example"}, "GET", 400),
    ):
        answer = http(url, headers=headers, method=method)
        assert answer.status in {status, 403, 421} if status == 400 else answer.status == status
        assert "application/problem+json" in answer.headers["Content-Type"]
