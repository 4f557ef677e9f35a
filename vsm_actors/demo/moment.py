"""One simulated second, and what may be planned in it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from vsm_actors.demo.organisation import Place

if TYPE_CHECKING:
    from random import Random

Event: TypeAlias = dict[str, object]
"""As ``POST /v1/events`` takes it, without a time: it happens when it arrives."""

Planned: TypeAlias = tuple[int, Event]
"""Simulated seconds from now, and what is reported then."""

Words: TypeAlias = Mapping[str, str]
Numbers: TypeAlias = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How simulated time lies on real time.

    Attributes:
        run: a word of this run, part of every id: alerts outlive the daemon, and a second run must
            not be taken for the first.
        began: Unix seconds of simulated second 0.
        speed: simulated seconds in a real one, above 0.
    """

    run: str
    began: float
    speed: float

    def real(self, seconds: float) -> float:
        """Return how many real seconds so many simulated ones take."""
        return seconds / self.speed

    def at(self, second: float) -> float:
        """Return the Unix seconds of a simulated second."""
        return self.began + self.real(second)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One simulated second.

    Attributes:
        second: which, from 0.
        dice: the seeded source of all chance.
        pace: of the run.
    """

    second: int
    dice: "Random"
    pace: Pace

    def turn(self, place: Place, every: int, first: int = 0) -> bool:
        """Tell whether it is a place's turn, once in `every` seconds from about `first` on."""
        since = self.second - first - place.number % every
        return since >= 0 and since % every == 0

    def id(self, what: str, place: Place) -> str:
        """Return an id that no other second, place or run has for the same kind of thing."""
        return f"{self.pace.run}-{place.name}-{what}-{self.second}"

    def near(self, mean: float, spread: float) -> float:
        """Return a figure about `mean`, normally distributed, within three `spread` of it."""
        drawn = self.dice.gauss(mean, spread)
        return round(min(mean + 3 * spread, max(mean - 3 * spread, drawn)), 4)


Habit: TypeAlias = Callable[[Place, Moment], Iterator[Planned]]
"""What a place does, again and again: it plans its reports of now and of later."""


def event(
    place: Place,
    name: str,
    system: int,
    measurements: Numbers | None = None,
    attributes: Words | None = None,
    unit: str = "",
) -> Event:
    """Return an event of the catalogue as the wire has it."""
    said: Event = {
        "event": name,
        "system": system,
        "path": place.path,
        "measurements": dict(measurements or {}),
        "attributes": dict(attributes or {}),
    }
    return {**said, "unit": unit} if unit else said
