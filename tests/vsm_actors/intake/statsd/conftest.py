"""What the tests of the StatsD intake share: a decoder with its table."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from vsm_actors.core.series import Limits, SeriesTable
from vsm_actors.intake.statsd.decoder import Decoded, decode
from vsm_actors.intake.statsd.gauges import Gauges
from vsm_actors.intake.statsd.keys import Keys
from vsm_actors.intake.statsd.rules import Rule


@dataclass
class Intake:
    """A decoder with its table, as one incarnation has it."""

    table: SeriesTable
    keys: Keys
    gauges: Gauges = field(default_factory=Gauges)

    def decode(self, blob: bytes) -> Decoded:
        """Decode, and take the gauges' new values."""
        decoded = decode(blob, self.keys, self.gauges, time=1000.0, arrival=5.0)
        self.gauges.apply(decoded.gauges)
        return decoded

    def points(self, blob: bytes) -> list[tuple[str, dict[str, str], float, float]]:
        """Decode into (family, labels that are not empty, value, weight)."""
        batch = self.decode(blob).batch
        return [
            (*self.named(series), value, weight)
            for series, value, weight in zip(
                batch.series.tolist(), batch.value.tolist(), batch.weight.tolist(), strict=True
            )
        ]

    def named(self, series: int) -> tuple[str, dict[str, str]]:
        """Return the family's name and the labels that are not empty."""
        one = self.table[series]
        pairs = zip(one.family.labels, one.labels, strict=True)
        return one.family.name, {name: value for name, value in pairs if value}

    def refused(self, blob: bytes) -> dict[str, int]:
        """Decode into counts of refused lines by reason."""
        return {reason.value: count for reason, count in self.decode(blob).rejected.items()}


MakeIntake = Callable[..., Intake]


def _make(rules: Sequence[Rule] = (), **limits: int) -> Intake:
    table = SeriesTable(Limits(**limits), threading.Lock())
    return Intake(table, Keys(table, threading.Lock(), default_path="shop", rules=rules))


@pytest.fixture(scope="session")
def make_intake() -> MakeIntake:
    """Return a maker of intakes with given rules and limits."""
    return _make


@pytest.fixture
def intake() -> Intake:
    """Return an intake with the default limits and no rules."""
    return _make()
