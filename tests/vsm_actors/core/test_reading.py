import threading

import pytest

from vsm_actors.core.catalogue import event_entries, metric_entries
from vsm_actors.core.errors import UnknownFamilyError
from vsm_actors.core.events import CATALOGUE
from vsm_actors.core.families import FAMILIES, Origin
from vsm_actors.core.reading import Reading, batch_of_readings
from vsm_actors.core.series import Limits, SeriesTable


def table() -> SeriesTable:
    return SeriesTable(Limits(), threading.Lock())


def test_readings_are_points_of_their_families() -> None:
    one = table()
    batch = batch_of_readings(
        [
            Reading(family="vsm_risk", labels={"path": "acme"}, value=0.5, n=2),
            Reading(family="vsm_conflicts_open", labels={"path": "acme"}, value=3.0, n=3),
        ],
        one,
        time=1_000.0,
        arrival=5.0,
    )
    assert [one[series].labels for series in batch.series.tolist()] == [("acme",), ("acme", "")]
    assert {one[series].origin for series in batch.series.tolist()} == {Origin.READING}
    assert batch.value.tolist() == [0.5, 3.0]
    assert batch.weight.tolist() == [1.0, 1.0]
    assert batch.time.tolist() == [1_000.0, 1_000.0]
    assert (batch.source, batch.arrival, len(batch)) == ("reading", 5.0, 2)


def test_no_readings_are_an_empty_batch() -> None:
    assert len(batch_of_readings([], table(), time=0.0, arrival=0.0)) == 0


def test_a_reading_of_an_unknown_family_is_refused() -> None:
    reading = Reading(family="vsm_unheard", labels={}, value=1.0, n=1)
    with pytest.raises(UnknownFamilyError):
        batch_of_readings([reading], table(), time=0.0, arrival=0.0)


def test_the_catalogues_are_plain_data_for_programs() -> None:
    events = {entry["name"]: entry for entry in event_entries()}
    assert list(events) == list(CATALOGUE)
    completed = events["operation.completed"]
    assert completed["lanes"] == ["bulk"]
    outcome = next(one for one in completed["attributes"] if one["name"] == "outcome")
    assert (outcome["required"], outcome["choices"]) == (True, ("ok", "error"))
    metrics = {entry["name"]: entry for entry in metric_entries()}
    assert list(metrics) == list(FAMILIES)
    assert metrics["vsm_response_time_seconds"]["unit"] == "seconds"
