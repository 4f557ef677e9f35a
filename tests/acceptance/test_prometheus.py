import contextlib
import json
import re
import subprocess
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Information is measured in bits, which promtool does not know; the names of custom metrics are
# the sender's.
ACCEPTED = re.compile(r"^vsm_custom_|^vsm_\w*bits\w* .*\bbits\b")

CONFIG = """\
global:
  scrape_interval: 250ms
scrape_configs:
  - job_name: vsm
    static_configs:
      - targets: ["{target}"]
"""


def feed(daemon: Any) -> None:
    daemon.post(
        [
            {
                "event": "operation.completed",
                "path": "acme",
                "unit": "press-3",
                "measurements": {"duration": 0.25},
                "attributes": {
                    "operation": 'stamp "3"\\n',
                    "outcome": "error",
                    "error_type": "jam",
                },
            },
            {"event": "oven.opened", "path": "acme", "measurements": {"degrees": 180.0}},
        ]
    )
    daemon.send_tcp(b"orders:5|c\nwait:20|ms\nqueue:4|g\n")


def test_promtool_finds_nothing_that_is_not_accepted(start: Any, eventually: Any) -> None:
    daemon = start("--source", "host")
    feed(daemon)
    eventually(lambda: daemon.total("vsm_operation_rate", path="acme"))
    eventually(lambda: daemon.total("vsm_resource_used"))
    text = daemon.get("/metrics").body
    found = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, check=False
    )
    findings = (found.stdout + found.stderr).decode().splitlines()
    assert [line for line in findings if not ACCEPTED.search(line)] == []


@contextlib.contextmanager
def prometheus(folder: Path, target: str, http: Any, eventually: Any) -> Iterator[str]:
    config = folder / "prometheus.yml"
    config.write_text(CONFIG.format(target=target.removeprefix("http://")))
    with (folder / "prometheus.log").open("wb") as log:
        server = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={config}",
                f"--storage.tsdb.path={folder / 'tsdb'}",
                "--web.listen-address=127.0.0.1:0",
            ],
            stdout=log,
            stderr=log,
        )
    url = ""

    def listening() -> bool:
        nonlocal url
        found = re.search(
            r"address=(127\.0\.0\.1:[1-9]\d*)", (folder / "prometheus.log").read_text()
        )
        url = f"http://{found[1]}" if found else ""
        with contextlib.suppress(OSError):
            return bool(found) and http(f"{url}/-/ready").status == 200
        return False

    try:
        eventually(listening, 30)
        yield url
    finally:
        server.terminate()
        server.wait(20)


def test_a_real_prometheus_scrapes_exact_figures(
    start: Any, http: Any, eventually: Any, tmp_path: Path
) -> None:
    daemon = start()
    feed(daemon)

    def value(query: str) -> float | None:
        asked = urllib.parse.quote(query)
        result = http(f"{url}/api/v1/query?query={asked}").json["data"]["result"]
        return float(result[0]["value"][1]) if result else None

    with prometheus(tmp_path, daemon.read, http, eventually) as url:
        eventually(lambda: value("vsm_custom_orders_total") == 5, 30)
        assert value("up") == 1
        assert value('vsm_operations_total{path="acme",outcome="error"}') == 1
        assert value('vsm_errors_total{error_type="jam"}') == 1
        assert value("vsm_response_time_seconds_sum") == 0.25
        targets = http(f"{url}/api/v1/targets").json["data"]["activeTargets"]
        assert [target["lastError"] for target in targets] == [""]


def test_the_tree_and_the_catalogue_are_served_as_json(daemon: Any) -> None:
    tree = json.dumps(daemon.get("/api/v1/tree").json)
    for name in ("MetricsCollector", "OperationalMonitor", "AlgedonicChannel", "Ticker"):
        assert name in tree
    catalogue = daemon.get("/api/v1/catalogue").json
    assert {"operation.completed", "algedonic.raised"} <= {
        event["name"] for event in catalogue["events"]
    }
    assert "vsm_viability_index" in {metric["name"] for metric in catalogue["metrics"]}
