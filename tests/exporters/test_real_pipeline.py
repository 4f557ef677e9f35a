"""The exporter behind the real collector and PubSub."""

import shutil
import subprocess
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from exporters.prometheus import Format, PrometheusExporter, Scrape, Unavailable
from supervision import AddressBook, ChildSpec, SupervisorSpec, System, SystemClock
from vsm_actors.actors.collector import MetricsCollector
from vsm_actors.actors.ledger import PrometheusLedger
from vsm_actors.actors.pubsub import PubSub, Topic
from vsm_actors.core.batch import Batch, Exemplar
from vsm_actors.core.families import FAMILIES, Family, Kind, Origin, family
from vsm_actors.core.messages import Sync, Tick
from vsm_actors.core.series import Limits, SeriesTable
from vsm_actors.core.window.distinct import hashes_of

pytestmark = pytest.mark.slow


class Line:
    """Collector, PubSub and exporter, without a ticker."""

    def __init__(self) -> None:
        self.book = AddressBook("root")
        self.clock = SystemClock()
        self.table = SeriesTable(Limits(), threading.Lock())
        self.ledger = PrometheusLedger()
        self.collector = self.book["MetricsCollector"]
        self.exporter = self.book["PrometheusExporter"]
        self.token = 0
        out = (self.exporter,)
        self.system = System(
            SupervisorSpec(
                id="root",
                children=(
                    ChildSpec(
                        id="PubSub",
                        actor=PubSub,
                        arguments={
                            "subscribers": {Topic.FRAMES: out, Topic.WINDOWS: out},
                            "ledger": self.ledger,
                        },
                    ),
                    ChildSpec(
                        id="MetricsCollector",
                        actor=MetricsCollector,
                        arguments={
                            "table": self.table,
                            "pubsub": self.book["PubSub"],
                            "ledger": self.ledger,
                        },
                    ),
                    ChildSpec(
                        id="PrometheusExporter",
                        actor=PrometheusExporter,
                        arguments={
                            "collector": self.collector,
                            "table": self.table,
                            "own": self.ledger.registry,
                        },
                    ),
                ),
            ),
            addresses=self.book,
            clock=self.clock,
        )

    def offer(self, ids: list[int], values: list[float], **more: Any) -> None:
        now = self.clock.time()
        batch = Batch(
            source="test",
            series=np.array(ids, dtype=np.int32),
            value=np.array(values),
            weight=np.ones(len(ids)),
            time=np.full(len(ids), now),
            arrival=self.clock.monotonic(),
            **more,
        )
        assert self.collector.offer(batch, cost=len(batch))

    def window(self, number: int) -> None:
        now, monotonic = self.clock.time(), self.clock.monotonic()
        self.collector.tell(Tick(number=number, now=now, monotonic=monotonic, window=True))

    def scrape(self, form: Format = Format.TEXT) -> str:
        self.token += 1
        answered = threading.Event()
        told: list[bytes | Unavailable] = []

        def reply(value: bytes | Unavailable) -> None:
            told.append(value)
            answered.set()

        self.exporter.tell(Scrape(token=self.token, form=form, compress=False, reply=reply))
        self.collector.tell(Sync(token=self.token))
        assert answered.wait(10)
        (body,) = told
        assert isinstance(body, bytes)
        return body.decode()


@pytest.fixture
def line() -> Iterator[Line]:
    made = Line()
    made.system.start()
    yield made
    assert not made.system.stop().unstopped
    made.clock.close()


def test_every_scrape_shows_exactly_what_was_offered_before(line: Line) -> None:
    counter = line.table.intern(family("vsm_states_total"), ("acme", "1", "", "s", "x"))
    for number in range(1, 51):
        line.offer([counter, counter], [1.0, 2.0])
        assert f'state="x"}} {3.0 * number}\n' in line.scrape()


def test_histogram_summary_and_exemplar_come_through(line: Line) -> None:
    response = line.table.intern(family("vsm_response_time_seconds"), ("acme", "1", ""))
    lag = line.table.intern(family("vsm_message_lag_seconds"), ("acme", "1", "2", "mail"))
    exemplar = Exemplar(
        series=response, value=0.3, trace="a" * 32, span="b" * 16, time=line.clock.time()
    )
    values = [0.001, 0.25, 0.3, 99.0]
    line.offer([response] * 4 + [lag] * 4, values * 2, exemplars=(exemplar,))
    line.window(1)
    metrics = {
        metric.name: {
            (sample.name, sample.labels.get("le"), sample.labels.get("quantile")): sample
            for sample in metric.samples
        }
        for metric in text_string_to_metric_families(line.scrape(Format.OPENMETRICS))
    }
    buckets = metrics["vsm_response_time_seconds"]
    name = "vsm_response_time_seconds_bucket"
    assert buckets[name, "0.005", None].value == 1
    assert buckets[name, "0.25", None].value == 2
    assert buckets[name, "0.5", None].exemplar.labels["trace_id"] == "a" * 32
    assert buckets[name, "+Inf", None].value == 4
    quantiles = metrics["vsm_message_lag_seconds"]
    assert quantiles["vsm_message_lag_seconds", None, "0.5"].value == pytest.approx(0.25, rel=0.01)
    assert quantiles["vsm_message_lag_seconds_sum", None, None].value == sum(values)
    assert "vsm_run_feed_latency_seconds" in metrics


def test_crash_of_the_exporter_is_healed_by_a_full_frame(line: Line) -> None:
    counter = line.table.intern(family("vsm_states_total"), ("acme", "1", "", "s", "x"))
    line.offer([counter], [5.0])
    line.scrape()
    line.exporter.tell("poison")
    assert 'state="x"} 5.0\n' in line.scrape()


@pytest.mark.acceptance
def test_promtool_finds_nothing_in_an_exposition_of_the_whole_catalogue(line: Line) -> None:
    assert shutil.which("promtool"), "install Prometheus: apt-get install prometheus"
    custom = tuple(
        Family(name=f"vsm_custom_{kind.name.lower()}_x", kind=kind, help="X.", labels=("a",))
        for kind in Kind
    )
    ids = [
        line.table.intern(one, tuple(f'{name} "x"\\\n' for name in one.labels))
        for one in (*FAMILIES.values(), *custom)
        if one.origin is not Origin.SELF and one.kind is not Kind.DISTINCT
    ]
    line.offer(ids, [0.5] * len(ids))
    members = line.table.intern(custom[Kind.DISTINCT], ("1",))
    line.offer([], [], members=np.array([members], dtype=np.int32), hashes=hashes_of([b"a"]))
    line.window(1)
    text = line.scrape()
    assert "vsm_run_build_info" in text
    assert text.count("# TYPE") >= len(FAMILIES)
    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=text.encode(), capture_output=True, check=False
    )
    findings = (checked.stdout + checked.stderr).decode().splitlines()
    # Information is measured in bits, and custom names are the sender's.
    assert [
        line
        for line in findings
        if 'instead of "bits"' not in line and not line.startswith("vsm_custom_")
    ] == []
