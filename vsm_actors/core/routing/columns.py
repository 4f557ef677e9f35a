"""Points as they gather, event by event, until they become a batch."""

from collections.abc import Mapping

import numpy as np

from vsm_actors.core.batch import Batch, Exemplar
from vsm_actors.core.routing.emitters import Point


class Columns:
    """Grows by events, and ends as one batch."""

    __slots__ = ("_counts", "_series", "_times", "_values")

    def __init__(self) -> None:
        """Hold nothing yet."""
        self._series: list[int] = []
        self._values: list[float] = []
        self._times: list[float] = []
        self._counts: list[int] = []

    def add(
        self, points: tuple[Point, ...], measurements: Mapping[str, float], time: float
    ) -> None:
        """Append what one event gives, at Unix seconds `time`."""
        series, values = self._series, self._values
        for point, measurement, _ in points:
            series.append(point)
            values.append(1.0 if measurement is None else measurements[measurement])
        self._times.append(time)
        self._counts.append(len(points))

    def batch(self, source: str, arrival: float, exemplars: tuple[Exemplar, ...] = ()) -> Batch:
        """Return all of it as one batch that was complete at monotonic `arrival`."""
        return Batch(
            source=source,
            series=np.array(self._series, dtype=np.int32),
            value=np.array(self._values, dtype=np.float64),
            weight=np.ones(len(self._series)),
            time=np.repeat(np.array(self._times, dtype=np.float64), self._counts),
            arrival=arrival,
            exemplars=exemplars,
        )
