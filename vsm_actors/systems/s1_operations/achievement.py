"""Beer's three levels of achievement of a unit, and the indices between them."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from vsm_actors.core.record import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Achievement:
    """One report of actuality, capability and potentiality (Brain of the Firm, chapter 11).

    Attributes:
        actuality: what the unit does now, in the unit of the index, at least 0.
        capability: what it could do now with what it has.
        potentiality: what it could do if its constraints were lifted.
        lower: whether less is better, which turns every ratio over.
        time: Unix seconds of the report.
    """

    actuality: float
    capability: float
    potentiality: float
    lower: bool
    time: float

    @classmethod
    def of(cls, event: Event) -> "Achievement":
        """Return what performance.reported says."""
        return cls(
            actuality=event.measurements["actuality"],
            capability=event.measurements["capability"],
            potentiality=event.measurements["potentiality"],
            lower=event.attribute("sense") == "lower",
            time=event.time,
        )

    @property
    def stale(self) -> bool:
        """Whether the declared plan is beaten: A better than C, or C better than P."""
        best, middle, least = self.potentiality, self.capability, self.actuality
        return best > middle or middle > least if self.lower else least > middle or middle > best

    def figures(self) -> Iterator[tuple[str, float]]:
        """Yield family and value of every index that is defined; nothing is clipped.

        productivity = A/C, latency = C/P, performance = A/P = productivity x latency. A ratio over
        zero is undefined, one past the largest float is not a ratio: both are left out.
        """
        for family, over, under in (
            ("vsm_productivity_ratio", self.actuality, self.capability),
            ("vsm_latency_ratio", self.capability, self.potentiality),
            ("vsm_performance_ratio", self.actuality, self.potentiality),
        ):
            numerator, denominator = (under, over) if self.lower else (over, under)
            if denominator > 0 and math.isfinite(ratio := numerator / denominator):
                yield family, ratio
        yield "vsm_plan_stale", float(self.stale)
