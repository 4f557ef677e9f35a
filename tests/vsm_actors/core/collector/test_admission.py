import math
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from vsm_actors.core.batch import Batch, batch_of
from vsm_actors.core.collector.admission import admitted
from vsm_actors.core.errors import BrokenBatchError
from vsm_actors.core.families import Family, Kind, family
from vsm_actors.core.series import Limits, SeriesTable
from vsm_actors.core.series.directory import Directory, directory_of

COUNTER, GAUGE, SET = 0, 1, 2


@pytest.fixture
def directory() -> Directory:
    table = SeriesTable(Limits(), nullcontext())
    table.intern(family("vsm_operations_total"), ("acme", "1", "a", "stamp", "ok"))
    table.intern(family("vsm_actuality"), ("acme", "1", "a", "index"))
    table.intern(Family(name="users_distinct", kind=Kind.DISTINCT, help="Users."), ())
    return directory_of(table)


def sound(*values: float, series: int = COUNTER) -> Batch:
    return batch_of("http", [series] * len(values), list(values), time=1.0, arrival=1.0)


def test_a_sound_batch_is_taken_as_it_is(directory: Directory) -> None:
    batch = sound(1.0, 2.0)
    assert admitted(batch, directory) == (batch, 0)
    assert admitted(sound(), directory)[1] == 0


def test_points_that_are_not_finite_are_left_out_and_counted(directory: Directory) -> None:
    batch, refused = admitted(sound(1.0, math.nan, math.inf, 4.0), directory)
    assert batch.value.tolist() == [1.0, 4.0]
    assert refused == 2


def test_a_gauge_may_be_undefined(directory: Directory) -> None:
    batch, refused = admitted(sound(math.nan, series=GAUGE), directory)
    assert (len(batch), refused) == (1, 0)
    timeless = replace(sound(math.nan, series=GAUGE), time=np.array([math.inf]))
    assert admitted(timeless, directory)[1] == 1


@pytest.mark.parametrize(
    "change",
    [
        {"series": np.array([0.5, 1.5])},
        {"value": [1.0, 2.0]},
        {"weight": np.ones((2, 1))},
        {"time": np.zeros(3)},
        {"series": np.array([0, -1], dtype=np.int32)},
        {"series": np.array([0, 99], dtype=np.int32)},
        {"series": np.array([0, SET], dtype=np.int32)},
        {"members": np.array([SET], dtype=np.int32)},
        {
            "members": np.array([COUNTER], dtype=np.int32),
            "hashes": np.array([1], dtype=np.uint64),
        },
    ],
)
def test_a_broken_batch_is_refused_whole(change: dict[str, Any], directory: Directory) -> None:
    with pytest.raises(BrokenBatchError) as caught:
        admitted(replace(sound(1.0, 2.0), **change), directory)
    assert caught.value.source == "http"
    assert caught.value.reason in str(caught.value)


def test_members_of_sets_are_taken(directory: Directory) -> None:
    batch = replace(
        sound(),
        members=np.array([SET], dtype=np.int32),
        hashes=np.array([1], dtype=np.uint64),
    )
    assert admitted(batch, directory) == (batch, 0)
