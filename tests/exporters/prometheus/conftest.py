import threading
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest
from prometheus_client import CollectorRegistry

from exporters.prometheus.exposition import Exposition
from vsm_actors.core.series import Limits, SeriesTable
from vsm_actors.core.window import Cells, Frame, Window
from vsm_actors.core.window.cells import NO_CELLS, cells_of
from vsm_actors.core.window.members import NO_MEMBERS

NOW = 1_700_000_000.0


def cells(items: Iterable[tuple[int, int, float]]) -> Cells:
    rows = list(items)
    if not rows:
        return NO_CELLS
    series, index, count = zip(*rows, strict=True)
    return cells_of(np.array(series, np.int32), np.array(index, np.int32), np.array(count, float))


@pytest.fixture
def now() -> float:
    return NOW


@pytest.fixture
def table() -> SeriesTable:
    return SeriesTable(Limits(), threading.Lock())


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def exposition(table: SeriesTable) -> Exposition:
    return Exposition(table)


@pytest.fixture
def frame() -> Callable[..., Frame]:
    """Make a frame of the given series, figures given once or for each."""

    def make(
        series: Iterable[int],
        *,
        buckets: Iterable[tuple[int, int, float]] = (),
        gone: Iterable[int] = (),
        **said: Any,
    ) -> Frame:
        rest = {name: said.pop(name) for name in ("exemplars", "tokens", "full") if name in said}
        number = said.pop("number", 1)
        ids = np.array(list(series), dtype=np.int32)
        given = {"count": 0.0, "sum": 0.0, "last": 0.0, "time": NOW} | said
        filled: dict[str, Any] = {
            name: np.array(np.broadcast_to(np.array(value, float), len(ids)))
            for name, value in given.items()
        }
        return Frame(
            number=number,
            end=NOW,
            arrival=0.0,
            series=ids,
            buckets=cells(buckets),
            gone=np.array(list(gone), dtype=np.int32),
            **filled,
            **rest,
        )

    return make


@pytest.fixture
def window() -> Callable[[Iterable[tuple[int, int, float]]], Window]:
    """Make a window that holds sketch cells only."""

    def make(sketch: Iterable[tuple[int, int, float]] = ()) -> Window:
        nothing = np.empty(0)
        return Window(
            start=NOW - 1,
            end=NOW,
            duration=1.0,
            series=np.empty(0, np.int32),
            count=nothing,
            sum=nothing,
            min=nothing,
            max=nothing,
            last=nothing,
            time=nothing,
            source=np.empty(0, np.int32),
            ordinal=np.empty(0, np.int64),
            sketch=cells(sketch),
            buckets=NO_CELLS,
            members=NO_MEMBERS,
        )

    return make
