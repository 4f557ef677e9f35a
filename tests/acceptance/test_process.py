import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Start = Callable[..., Any]

CRITICAL = {"severity": "critical", "kind": "pain"}


def raised(signal_id: str) -> dict[str, Any]:
    return {
        "event": "algedonic.raised",
        "system": 1,
        "path": "acme",
        "attributes": {"id": signal_id, "message": "belt torn", **CRITICAL},
    }


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "vsm_actors", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
        text=True,
        timeout=30,
    )


def test_every_acknowledged_signal_outlives_sigkill(start: Start) -> None:
    first = start()
    sent = [f"s{number}" for number in range(40)]
    for one in sent:
        assert first.post(raised(one)).status == 202
    first.stop(signal.SIGKILL)
    second = start(data=first.data)
    alerts = {alert["id"]: alert for alert in second.get("/api/v1/alerts").json["alerts"]}
    assert set(alerts) == set(sent)
    assert {alert["state"] for alert in alerts.values()} == {"open"}
    assert second.post(raised("s7")).status == 202
    assert len(second.get("/api/v1/alerts").json["alerts"]) == 40


def test_signals_of_concurrent_senders_outlive_sigkill_at_any_moment(
    start: Start, tmp_path: Path
) -> None:
    data, taken = tmp_path / "data", set[str]()
    for life in range(4):
        daemon = start(data=data)
        senders = [
            threading.Thread(target=send_until_it_dies, args=(daemon, f"{life}-{one}", taken))
            for one in range(4)
        ]
        for sender in senders:
            sender.start()
        senders[0].join(0.15 + 0.1 * life)
        daemon.stop(signal.SIGKILL)
        for sender in senders:
            sender.join()
    alerts = start(data=data).get("/api/v1/alerts").json["alerts"]
    assert len(taken) > 40
    assert taken <= {alert["id"] for alert in alerts}


def send_until_it_dies(daemon: Any, name: str, taken: set[str]) -> None:
    with contextlib.suppress(OSError, http.client.HTTPException):
        for number in range(100_000):
            if daemon.post(raised(f"{name}-{number}")).status == 202:
                taken.add(f"{name}-{number}")


def test_a_storage_folder_that_was_deleted_degrades_and_is_made_anew(
    start: Start, eventually: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "storage"
    first = start("--data", str(folder))
    assert first.post(raised("s1")).status == 202
    shutil.rmtree(folder)
    folder.write_text("in the way")
    assert first.post(raised("s2")).status == 503
    eventually(lambda: first.get("/-/ready").json["degraded"])
    folder.unlink()
    eventually(lambda: not first.get("/-/ready").json["degraded"])
    assert first.post(raised("s2")).status == 202
    first.stop(signal.SIGKILL)
    second = start("--data", str(folder))
    assert {alert["id"] for alert in second.get("/api/v1/alerts").json["alerts"]} == {"s1", "s2"}


def test_a_storage_file_that_was_cut_off_is_set_aside(start: Start) -> None:
    first = start()
    first.post([raised(f"s{number}") for number in range(50)])
    first.stop()
    file = first.data / "algedonic.db"
    file.write_bytes(file.read_bytes()[:5_000])
    second = start(data=first.data)
    assert second.post(raised("new")).status == 202


def test_an_alert_is_acknowledged_and_cleared(start: Start, http: Any) -> None:
    daemon = start()
    daemon.post(raised("s1"))
    answer = acknowledge(http, daemon, "s1")
    assert answer.status in {200, 202}, answer.body
    [alert] = daemon.get("/api/v1/alerts").json["alerts"]
    assert (alert["state"], alert["acknowledged_by"]) == ("acknowledged", "ann")
    assert acknowledge(http, daemon, "unheard").status == 404
    cleared = {
        "event": "algedonic.cleared",
        "system": 1,
        "path": "acme",
        "attributes": {"id": "s1"},
    }
    assert daemon.post(cleared).status == 202
    [alert] = daemon.get("/api/v1/alerts").json["alerts"]
    assert alert["state"] == "cleared"


def acknowledge(http: Any, daemon: Any, signal_id: str) -> Any:
    return http(
        f"{daemon.read}/api/v1/alerts/{signal_id}/acknowledge",
        json.dumps({"by": "ann", "note": "on it"}).encode(),
        {"Content-Type": "application/json"},
        method="POST",
    )


def test_sigterm_drains_and_exits_0(start: Start) -> None:
    daemon = start()
    assert daemon.post([{"event": "oven.opened", "path": "acme"}] * 1000).status == 202
    assert daemon.stop(signal.SIGTERM) == 0, daemon.log


def test_sigint_drains_and_exits_0(start: Start) -> None:
    daemon = start()
    assert daemon.stop(signal.SIGINT) == 0, daemon.log


@pytest.mark.parametrize("flag", ["--listen", "--ingest", "--statsd"])
def test_a_taken_port_exits_1_and_names_the_flag(tmp_path: Path, flag: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        others = {"--listen", "--ingest", "--statsd"} - {flag}
        free = [word for other in sorted(others) for word in (other, "127.0.0.1:0")]
        ended = run("--data", str(tmp_path), "--source", "none", flag, address, *free)
    assert ended.returncode == 1, ended.stderr
    assert address in ended.stderr
    assert flag in ended.stderr


def test_a_wrong_configuration_exits_2_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "vsm.toml"
    file.write_text('[listen]\nread = "nowhere"\n')
    ended = run("--config", str(file), "--data", str(tmp_path))
    assert ended.returncode == 2
    assert f"{file}:2: listen.read" in ended.stderr


def test_an_open_listener_without_access_control_must_be_wanted(tmp_path: Path) -> None:
    ended = run("--data", str(tmp_path), "--listen", "0.0.0.0:0")
    assert ended.returncode == 2
    assert "auth.required" in ended.stderr


def test_an_unknown_variable_only_warns(start: Start) -> None:
    daemon = start(VSM_TELEMETRY_SERVICE_HOST="10.0.0.1")
    assert "VSM_TELEMETRY_SERVICE_HOST" in daemon.log


def test_a_disabled_listener_is_not_opened(start: Start) -> None:
    daemon = start("--statsd", "")
    assert not daemon.ready["statsd"]


def test_the_command_line_sends_an_event(start: Start) -> None:
    daemon = start()
    ended = run("send", "oven.opened", "--path", "acme", "-m", "degrees=180", "--url", daemon.write)
    assert (ended.returncode, json.loads(ended.stdout)["accepted"]) == (0, 1)
    assert daemon.total("vsm_custom_events_total", path="acme") == 1
    refused = run("send", "operation.completed", "--url", daemon.write)
    assert refused.returncode == 1
    assert "attributes.operation" in refused.stderr


def test_health_and_readiness_answer_on_both_listeners(start: Start, http: Any) -> None:
    daemon = start()
    for listener in (daemon.read, daemon.write):
        assert http(f"{listener}/-/healthy").status == 200
        ready = http(f"{listener}/-/ready")
        assert (ready.status, ready.json["degraded"]) == (200, [])


def test_reload_takes_a_good_file_and_refuses_a_bad_one(
    start: Start, http: Any, tmp_path: Path
) -> None:
    file = tmp_path / "vsm.toml"
    file.write_text('[run]\nlog_level = "info"\n')
    daemon = start("--config", str(file))
    file.write_text('[run]\nlog_level = "debug"\n[limits]\nseries = 5\n')
    answer = http(f"{daemon.read}/-/reload", b"", method="POST")
    assert (answer.status, answer.json["restart_required"]) == (200, ["limits.series"])
    file.write_text('[run]\nlog_level = "loud"\n')
    answer = http(f"{daemon.read}/-/reload", b"", method="POST")
    assert answer.status == 400
    assert "run.log_level" in answer.body.decode()
    assert daemon.total("vsm_run_config_last_reload_successful") == 0


def test_a_disk_that_fails_degrades_and_delays_no_signal(
    start: Start, eventually: Any, tmp_path: Path
) -> None:
    data = tmp_path / "broken"
    (data / "algedonic.db").mkdir(parents=True)
    daemon = start(data=data)
    assert daemon.post(raised("s1")).status == 503
    eventually(lambda: daemon.get("/-/ready").json["degraded"])
    assert daemon.get("/-/ready").status == 200
    [alert] = daemon.get("/api/v1/alerts").json["alerts"]
    assert (alert["id"], alert["state"]) == ("s1", "open")
    (data / "algedonic.db").rmdir()
    eventually(lambda: not daemon.get("/-/ready").json["degraded"])
    assert daemon.post(raised("s1")).status == 202


def test_a_data_folder_that_cannot_be_made_exits_1_and_names_the_flag(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    free = [word for flag in ("--listen", "--ingest", "--statsd") for word in (flag, "127.0.0.1:0")]
    ended = run("--data", str(tmp_path / "file" / "data"), "--source", "none", *free)
    assert ended.returncode == 1
    assert "--data" in ended.stderr


def test_the_daemon_says_which_version_it_is_and_since_when(start: Start) -> None:
    daemon = start()
    [(labels, value)] = daemon.figures("vsm_run_build_info").items()
    assert value == 1
    assert {name for name, _ in labels} == {"version", "python"}
    assert daemon.total("vsm_run_start_time_seconds") > 1_700_000_000


def test_a_pain_that_comes_back_is_an_alert_again(start: Start, eventually: Any) -> None:
    daemon = start()
    cleared = {
        "event": "algedonic.cleared",
        "system": 1,
        "path": "acme",
        "attributes": {"id": "s1"},
    }
    for event in (raised("s1"), cleared, raised("s1")):
        assert daemon.post(event).status == 202
    [alert] = daemon.get("/api/v1/alerts").json["alerts"]
    assert alert["state"] == "open"
    assert daemon.total("vsm_algedonic_signals_total", path="acme") == 2
    eventually(lambda: daemon.total("vsm_algedonic_open", path="acme") == 1)
    elsewhere = daemon.post({**raised("s1"), "path": "other"})
    assert (elsewhere.status, elsewhere.json["rejected"]) in {(202, 1), (400, 1)}


def test_two_daemons_do_not_share_a_data_folder(start: Start) -> None:
    first = start()
    free = [word for flag in ("--listen", "--ingest", "--statsd") for word in (flag, "127.0.0.1:0")]
    ended = run("--data", str(first.data), "--source", "none", *free)
    assert ended.returncode == 1
    assert "in use by another vsm-run" in ended.stderr
    first.stop(signal.SIGKILL)
    assert start(data=first.data).get("/-/ready").status == 200
