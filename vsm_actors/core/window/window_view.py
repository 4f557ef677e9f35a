"""A window of the bulk lane as monitors read it."""

import numpy as np

from vsm_actors.core.series import SeriesTable
from vsm_actors.core.series.directory import directory_of
from vsm_actors.core.window.model import Window
from vsm_actors.core.window.view import Row, Sketch

_HIDDEN = -1

NO_SKETCH = Sketch(index=np.empty(0, dtype=np.int32), count=np.empty(0))


class WindowView:
    """The `View` protocol over one window. Readings are left out, so that nothing feeds back.

    One thread reads one view; the directory behind it is shared by all.
    """

    def __init__(self, window: Window, table: SeriesTable) -> None:
        """View `window`, whose series the table knows."""
        directory = directory_of(table)
        self._window = window
        self._table = table
        self._names = directory.names
        touched = window.series
        self._family = np.where(directory.reading[touched], _HIDDEN, directory.family[touched])
        self._rows: dict[str, tuple[Row, ...]] = {}

    @property
    def start(self) -> float:
        """Unix seconds at which the window began."""
        return self._window.start

    @property
    def end(self) -> float:
        """Unix seconds at which it ended."""
        return self._window.end

    def rows(self, family: str) -> tuple[Row, ...]:
        """Return the touched series of a family, in the order of their ids."""
        found = self._rows.get(family)
        if found is None:
            found = self._rows[family] = self._collect(family)
        return found

    def sketch(self, series: int) -> Sketch:
        """Return the sketch of a touched histogram or summary series; empty if it has none."""
        place = int(np.searchsorted(self._window.series, series))
        if place == len(self._family) or self._window.series[place] != series:
            return NO_SKETCH
        if self._family[place] == _HIDDEN:
            return NO_SKETCH
        cells = self._window.sketch
        first, end = np.searchsorted(cells.series, [series, series + 1])
        return Sketch(index=cells.index[first:end], count=cells.count[first:end])

    def _collect(self, family: str) -> tuple[Row, ...]:
        places = np.flatnonzero(self._family == self._names.get(family, _HIDDEN - 1))
        window = self._window
        columns = (window.count, window.sum, window.min, window.max, window.last, window.time)
        series = (self._table[one] for one in window.series[places].tolist())
        return tuple(map(Row, series, *(column[places].tolist() for column in columns)))
