"""A world in memory for monitors: windows from lists of rows, events from the catalogue's words."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from vsm_actors.core.families import family
from vsm_actors.core.reading import Reading
from vsm_actors.core.record import Event
from vsm_actors.core.series import Limits, Series, SeriesTable
from vsm_actors.core.window.view import Row, Sketch

EMPTY = Sketch(index=np.empty(0, dtype=np.int32), count=np.empty(0))


class NoLock:
    """Stands where a lock would: these tests have one thread."""

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


@dataclass(frozen=True)
class MemoryView:
    """A window of the bulk lane, as `core.view.View` says."""

    start: float
    end: float
    touched: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    sketches: Mapping[int, Sketch] = field(default_factory=dict)

    def rows(self, family: str) -> tuple[Row, ...]:
        return self.touched.get(family, ())

    def sketch(self, series: int) -> Sketch:
        return self.sketches.get(series, EMPTY)


@dataclass(frozen=True)
class Point:
    """One row to be: a family, its labels ("" where not said) and what was seen."""

    family: str
    labels: Mapping[str, str]
    value: float = 1.0
    count: float = 1.0
    time: float | None = None
    sketch: Mapping[int, float] = field(default_factory=dict)


class World:
    """Interns series, builds views of one second and events, and drives a monitor."""

    def __init__(self) -> None:
        self.table = SeriesTable(Limits(), NoLock())

    def series(self, name: str, **labels: str) -> Series:
        """Return the series of a family; ``from_`` stands for the label ``from``."""
        said = {key.rstrip("_"): value for key, value in labels.items()}
        known = family(name)
        values = tuple(said.pop(label, "") for label in known.labels)
        assert not said, f"{name} has no labels {sorted(said)}"
        return self.table[self.table.intern(known, values)]

    def point(
        self,
        name: str,
        value: float = 1.0,
        *,
        count: float = 1.0,
        time: float | None = None,
        sketch: Mapping[int, float] | None = None,
        **labels: str,
    ) -> Point:
        """Return a row to be: a counter's `value` is its delta, a gauge's its last value."""
        return Point(name, labels, value, count, time, sketch or {})

    def view(self, *points: Point, end: float, span: float = 1.0) -> MemoryView:
        """Return the window of `span` seconds that ends at `end`; one point a series."""
        rows: dict[str, list[Row]] = {}
        sketches: dict[int, Sketch] = {}
        for point in points:
            series = self.series(point.family, **point.labels)
            when = end if point.time is None else point.time
            value = point.value
            row = Row(series, point.count, value, value, value, value, when)
            rows.setdefault(point.family, []).append(row)
            if point.sketch:
                sketches[series.id] = _sketch(point.sketch)
        touched = {
            name: tuple(sorted(some, key=lambda row: row.series.id)) for name, some in rows.items()
        }
        return MemoryView(end - span, end, touched, sketches)

    def event(
        self,
        name: str,
        time: float,
        *,
        path: str = "acme",
        unit: str = "",
        system: int = 1,
        measurements: Mapping[str, float] | None = None,
        **attributes: str,
    ) -> Event:
        """Return an event; attributes are keywords (``from_`` for ``from``)."""
        return Event(
            name=name,
            system=system,
            path=path,
            unit=unit,
            time=time,
            arrival=time,
            measurements=measurements or {},
            attributes={key.rstrip("_"): value for key, value in attributes.items()},
        )


def _sketch(cells: Mapping[int, float]) -> Sketch:
    index = np.array(sorted(cells), dtype=np.int32)
    return Sketch(index=index, count=np.array([cells[place] for place in sorted(cells)]))


@pytest.fixture
def world() -> World:
    """Return an empty world."""
    return World()


Values = Callable[..., dict[tuple[str, ...], float]]


@pytest.fixture
def values() -> Values:
    """Return a function: readings of one family as {label values in order: value}.

    Every reading is checked against the catalogue on the way: it exists, its labels are the
    family's, coverage lies within 0 and 1, age is not negative.
    """

    def pick(readings: tuple[Reading, ...], name: str) -> dict[tuple[str, ...], float]:
        found: dict[tuple[str, ...], float] = {}
        for reading in readings:
            _check(reading)
            if reading.family == name:
                labels = tuple(reading.labels.get(label, "") for label in family(name).labels)
                found[labels] = reading.value
        return found

    return pick


def _check(reading: Reading) -> None:
    assert set(reading.labels) <= set(family(reading.family).labels), reading
    assert 0.0 <= reading.coverage <= 1.0, reading
    assert reading.age >= 0.0, reading
    assert reading.n >= 0, reading
    assert not math.isinf(reading.value), reading


@pytest.fixture
def run() -> Callable[..., tuple[Any, tuple[Reading, ...]]]:
    """Return a function that folds events, observes views in order, and concludes at `now`."""

    def drive(
        monitor: Any,
        *,
        state: Any = None,
        events: tuple[Event, ...] = (),
        views: tuple[MemoryView, ...] = (),
        now: float,
    ) -> tuple[Any, tuple[Reading, ...]]:
        held = monitor.initial() if state is None else state
        for event in events:
            held = monitor.fold(held, event)
        for view in views:
            held = monitor.observe(held, view)
        return monitor.conclude(held, now)

    return drive
