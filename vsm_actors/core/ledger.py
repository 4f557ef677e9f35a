"""The daemon's own books, as a protocol: the core and the intake count, they do not know where."""

from typing import Protocol


class Ledger(Protocol):
    """Counters, gauges and histograms of the ``vsm_run_*`` families. Safe from every thread."""

    def count(self, family: str, amount: float = 1.0, **labels: str) -> None:
        """Add `amount` (at least 0) to a counter."""
        ...

    def set(self, family: str, value: float, **labels: str) -> None:
        """Set a gauge."""
        ...

    def observe(self, family: str, value: float, **labels: str) -> None:
        """Add one observation to a histogram."""
        ...
