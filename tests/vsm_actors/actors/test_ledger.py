import threading

import pytest
from prometheus_client import generate_latest

from vsm_actors.actors.ledger import PrometheusLedger
from vsm_actors.core.errors import UnknownFamilyError, WrongLabelsError


@pytest.fixture
def ledger() -> PrometheusLedger:
    return PrometheusLedger()


def test_a_counter_adds_up_per_label_set(ledger: PrometheusLedger) -> None:
    ledger.count("vsm_run_points_accepted_total", 3, source="http")
    ledger.count("vsm_run_points_accepted_total", 4, source="http")
    ledger.count("vsm_run_points_accepted_total", source="statsd")
    assert ledger.value("vsm_run_points_accepted_total", source="http") == 7
    assert ledger.value("vsm_run_points_accepted_total", source="statsd") == 1
    assert ledger.value("vsm_run_points_accepted_total", source="host") == 0


def test_a_gauge_keeps_the_last_value(ledger: PrometheusLedger) -> None:
    ledger.set("vsm_run_series", 5)
    ledger.set("vsm_run_series", 3)
    assert ledger.value("vsm_run_series") == 3


def test_a_histogram_counts_into_buckets_of_a_millisecond_and_less(
    ledger: PrometheusLedger,
) -> None:
    ledger.observe("vsm_run_feed_latency_seconds", 0.0004)
    ledger.observe("vsm_run_feed_latency_seconds", 0.02)
    assert ledger.value("vsm_run_feed_latency_seconds") == 2
    text = generate_latest(ledger.registry).decode()
    assert 'vsm_run_feed_latency_seconds_bucket{le="0.0005"} 1.0' in text
    assert 'vsm_run_feed_latency_seconds_bucket{le="0.025"} 2.0' in text


def test_families_without_labels_are_there_from_the_start(ledger: PrometheusLedger) -> None:
    assert "vsm_run_ticks_missed_total 0.0" in generate_latest(ledger.registry).decode()


def test_what_is_not_in_the_catalogue_is_refused(ledger: PrometheusLedger) -> None:
    with pytest.raises(UnknownFamilyError):
        ledger.count("vsm_run_nonsense_total")
    with pytest.raises(UnknownFamilyError):
        ledger.count("vsm_run_series")
    with pytest.raises(UnknownFamilyError):
        ledger.set("vsm_run_ticks_missed_total", 1)
    with pytest.raises(UnknownFamilyError):
        ledger.observe("vsm_run_series", 1)
    with pytest.raises(WrongLabelsError):
        ledger.count("vsm_run_points_accepted_total", place="here")
    with pytest.raises(WrongLabelsError):
        ledger.count("vsm_run_ticks_missed_total", place="here")


def test_threads_that_count_at_once_lose_nothing(ledger: PrometheusLedger) -> None:
    def count() -> None:
        for number in range(500):
            ledger.count("vsm_run_points_accepted_total", source=str(number % 5))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    values = [ledger.value("vsm_run_points_accepted_total", source=str(of)) for of in range(5)]
    assert values == [400.0] * 5
