"""What an actor concludes, on its way back to the bulk lane, and what its state had no room for."""

from collections.abc import Iterable

from supervision import Address
from vsm_actors.core.ledger import Ledger
from vsm_actors.core.reading import Reading, batch_of_readings
from vsm_actors.core.series import SeriesTable


class Conclusions:
    """Gives readings to the collector as points; what finds no room is lost and counted."""

    def __init__(self, collector: Address, table: SeriesTable, ledger: Ledger) -> None:
        """Name the way."""
        self._collector = collector
        self._table = table
        self._ledger = ledger

    def give(self, readings: Iterable[Reading], *, tick: float, arrival: float) -> None:
        """Send readings on.

        Args:
            readings: of families whose origin is `READING`.
            tick: the end of the window that they answer, Unix seconds.
            arrival: monotonic seconds.

        Raises:
            UnknownFamilyError: a reading names a family that the catalogue does not hold.
        """
        batch = batch_of_readings(readings, self._table, time=tick, arrival=arrival)
        points = len(batch)
        if points and not self._collector.offer(batch, cost=points):
            self._ledger.count(
                "vsm_run_points_dropped_total", points, source="reading", reason="full"
            )


class Refusals:
    """Counts the keys that a state refused for want of room, each once."""

    def __init__(self, monitor: str, ledger: Ledger) -> None:
        """Count under the name `monitor`."""
        self._monitor = monitor
        self._ledger = ledger
        self._counted = 0

    def start(self, refused: int) -> None:
        """Take over what the incarnation before has counted."""
        self._counted = refused

    def note(self, refused: int) -> None:
        """Count what is new in `refused`; the figure of a state that began anew is lower."""
        if refused > self._counted:
            self._ledger.count(
                "vsm_run_folds_refused_total", refused - self._counted, monitor=self._monitor
            )
        self._counted = refused
