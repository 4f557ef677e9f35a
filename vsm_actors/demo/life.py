"""A calm and healthy life: every place keeps its habits, and ends what it began."""

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vsm_actors.demo import algedonic, control, coordination, intelligence, operations, policy
from vsm_actors.demo.moment import Event, Habit, Moment, Pace
from vsm_actors.demo.organisation import ORGANISATION
from vsm_actors.demo.statsd import lines

if TYPE_CHECKING:
    from random import Random

HABITS: tuple[Habit, ...] = (
    *operations.HABITS,
    *coordination.HABITS,
    *control.HABITS,
    *intelligence.HABITS,
    *policy.HABITS,
    *algedonic.HABITS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """What the whole organisation says in one simulated second.

    Attributes:
        events: for ``POST /v1/events``.
        lines: StatsD.
    """

    events: list[Event]
    lines: list[str]


class Life:
    """The organisation through time. It does no I/O: same pace, same dice, same reports."""

    def __init__(self, pace: Pace) -> None:
        """Begin a life with nothing planned."""
        self._pace = pace
        self._agenda: defaultdict[int, list[Event]] = defaultdict(list)

    def events_at(self, second: int, dice: "Random") -> Reports:
        """Return what is reported in a simulated second; ask for each once, in order, from 0.

        Args:
            second: 0 and up.
            dice: the source of all chance, seeded once for the whole life.
        """
        moment = Moment(second=second, dice=dice, pace=self._pace)
        for place in ORGANISATION:
            for habit in HABITS:
                for after, planned in habit(place, moment):
                    self._agenda[second + after].append(planned)
        return Reports(events=self._agenda.pop(second, []), lines=lines(moment))
