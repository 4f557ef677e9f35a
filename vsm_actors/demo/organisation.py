"""The organisation as data: a firm, its two plants, and their five lines."""

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One viable system of the organisation.

    Attributes:
        number: 0 and up; it keeps the places from all reporting at the same second.
        path: as in ``acme/plant-a``.
        units: what its System 1 is made of; a plant's units are its lines, which are paths of
            their own, and a line's are its machines, which are not.
        operations: what its units do, the most usual first.
    """

    number: int
    path: str
    units: tuple[str, ...]
    operations: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its path as one word, for ids."""
        return self.path.replace("/", ".")


FIRM = "acme"
PLANTS = MappingProxyType(
    {"plant-a": ("line-1", "line-2", "line-3"), "plant-b": ("line-4", "line-5")}
)
MACHINES = ("press", "welder")

# Each level counts work of its own kind, so that nothing is counted twice on the way up.
_OF_FIRM = ("deliver-order", "quote", "invoice")
_OF_PLANT = ("run-batch", "change-over", "maintain")
_OF_LINE = ("make-part", "inspect", "refill")


def _organisation() -> tuple[Place, ...]:
    levels = [(FIRM, tuple(PLANTS), _OF_FIRM)]
    levels += [(f"{FIRM}/{plant}", lines, _OF_PLANT) for plant, lines in PLANTS.items()]
    levels += [
        (f"{FIRM}/{plant}/{line}", MACHINES, _OF_LINE)
        for plant, lines in PLANTS.items()
        for line in lines
    ]
    return tuple(
        Place(number=number, path=path, units=units, operations=operations)
        for number, (path, units, operations) in enumerate(levels)
    )


ORGANISATION = _organisation()
"""Every viable system, the firm first."""

LINES = tuple(place for place in ORGANISATION if place.units == MACHINES)
"""Those of the lowest level, whose machines speak StatsD."""
