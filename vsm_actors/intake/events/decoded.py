"""What a request turned out to be, ready for the lanes."""

from collections.abc import Mapping
from dataclasses import dataclass

from vsm_actors.core.batch import Batch
from vsm_actors.core.record import Event
from vsm_actors.intake.events.duplicates import Claims
from vsm_actors.intake.events.faults import Fault, Reason


@dataclass(frozen=True, slots=True)
class Signal:
    """One algedonic event of a request.

    Attributes:
        index: of the event in the request.
        event: its record.
        claim: the key of its event id, or None without one.
    """

    index: int
    event: Event
    claim: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A decoded request. Its claims are open: who takes it settles them.

    Attributes:
        batch: for the MetricsCollector.
        records: for the monitors, by name.
        signals: for the AlgedonicChannel.
        accepted: events taken, duplicates not among them.
        custom: those of them whose name the catalogue does not know.
        duplicates: events that came before.
        in_flight: events that another request is bringing; its outcome is open.
        rejected: events refused, by reason.
        faults: the first of them, at most 100.
        claims: ids that this request claimed.
    """

    batch: Batch
    records: Mapping[str, tuple[Event, ...]]
    signals: tuple[Signal, ...]
    accepted: int
    custom: int
    duplicates: int
    in_flight: int
    rejected: Mapping[Reason, int]
    faults: tuple[Fault, ...]
    claims: Claims
