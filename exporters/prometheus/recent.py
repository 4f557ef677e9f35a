"""The sketches of the last five minutes, for the quantiles of summaries.

Fifteen windows of a second, then nineteen of fifteen: what PubSub retains, too. The coarse ones are
kept summed up as well, and what grows old is taken off that sum again, so that a scrape merges one
sum with a few windows, whatever the number of series. Counts are whole or dyadic, so that taking
off is exact.
"""

from dataclasses import dataclass

from exporters.prometheus.block import Mask
from vsm_actors.core.window import Cells
from vsm_actors.core.window.cells import NO_CELLS, merged_cells
from vsm_actors.core.window.retention import COARSE, FINE

_NOTHING = 1e-9


@dataclass(frozen=True, slots=True)
class Recent:
    """Immutable, so that the heir keeps it over a crash.

    Attributes:
        fine: the newest windows' cells, fewer than the `FINE` that are kept apart.
        coarse: sums of `FINE` windows each, the oldest first, at most `COARSE`.
        total: the sum of `coarse`.
        version: how many windows it has seen.
    """

    fine: tuple[Cells, ...] = ()
    coarse: tuple[Cells, ...] = ()
    total: Cells = NO_CELLS
    version: int = 0

    def with_window(self, cells: Cells) -> "Recent":
        """Return this with one more window, and without what is older than five minutes."""
        fine = (*self.fine, cells)
        if len(fine) < FINE:
            return Recent(fine, self.coarse, self.total, self.version + 1)
        newest = merged_cells(fine)
        coarse, total = (*self.coarse, newest), merged_cells((self.total, newest))
        if len(coarse) > COARSE:
            total = _without(total, coarse[0])
            coarse = coarse[1:]
        return Recent((), coarse, total, self.version + 1)

    def merged(self) -> Cells:
        """Return all cells of the five minutes."""
        return merged_cells((self.total, *self.fine))


def of_series(cells: Cells, wanted: Mask) -> Cells:
    """Return the cells of the series that `wanted` marks by id."""
    keep = wanted[cells.series]
    return Cells(series=cells.series[keep], index=cells.index[keep], count=cells.count[keep])


def _without(total: Cells, part: Cells) -> Cells:
    less = Cells(series=part.series, index=part.index, count=-part.count)
    left = merged_cells((total, less))
    keep = left.count > _NOTHING
    return Cells(series=left.series[keep], index=left.index[keep], count=left.count[keep])
