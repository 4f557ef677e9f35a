"""Hands what a built-in source observed to the actors that it concerns."""

from collections.abc import Mapping
from dataclasses import dataclass

from supervision import Address
from vsm_actors.core.ledger import Ledger
from vsm_actors.core.messages import Records
from vsm_actors.intake.facts import Observed


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """Where the observations of a source go.

    Attributes:
        collector: the MetricsCollector's address.
        monitors: addresses of the monitors, by name.
        ledger: the daemon's books.
        accepted: whether the points count as accepted; the daemon's own do not, or its load would
            feed on itself.
    """

    collector: Address
    monitors: Mapping[str, Address]
    ledger: Ledger
    accepted: bool = True

    def give(self, observed: Observed) -> None:
        """Send everything on; what finds no room is lost and counted, for the next look is near."""
        batch = observed.batch
        size = len(batch)
        if size and self.collector.offer(batch, cost=size):
            if self.accepted:
                self.ledger.count("vsm_run_points_accepted_total", size, source=batch.source)
        elif size:
            self._lost(size, batch.source, "full")
        for name, events in observed.records.items():
            if not self.monitors[name].offer(Records(events=events), cost=len(events)):
                self._lost(len(events), batch.source, "monitor_full")

    def missed(self, source: str, gaps: Mapping[str, int]) -> None:
        """Count what a look could not see or had to fold, by reason."""
        for reason, count in gaps.items():
            if count:
                self.ledger.count(
                    "vsm_run_observation_gaps_total", count, source=source, reason=reason
                )

    def _lost(self, count: int, source: str, reason: str) -> None:
        self.ledger.count("vsm_run_points_dropped_total", count, source=source, reason=reason)
