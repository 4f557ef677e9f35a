"""System 1: what the units do, with what, and how much of what they could."""

from collections.abc import Iterator

from vsm_actors.demo.moment import Habit, Moment, Planned, event
from vsm_actors.demo.organisation import Place
from vsm_actors.demo.policy import PURPOSES

_USUAL = (6, 3, 1)
"""How the operations of a place compare in number."""

_ERRORS = 0.01
"""Share of operations that fail: no healthy life is without."""


def _works(place: Place, moment: Moment) -> Iterator[Planned]:
    """Begin and end operations: of each unit none, one or two a second, at random.

    They must not come in a rhythm: units that swing are what System 2 is there to prevent.
    """
    dice = moment.dice
    for unit in place.units:
        for _ in range(dice.choice((0, 1, 1, 2))):
            [operation] = dice.choices(place.operations, _USUAL)
            started = event(place, "operation.started", 1, {}, {"operation": operation}, unit)
            yield 0, started
            yield 0, event(place, "operation.completed", 1, *_outcome(operation, moment), unit)


def _outcome(operation: str, moment: Moment) -> tuple[dict[str, float], dict[str, str]]:
    dice = moment.dice
    [purpose] = dice.choices(tuple(PURPOSES), tuple(PURPOSES.values()))
    words = {"operation": operation, "purpose": purpose, "currency": "EUR", "outcome": "ok"}
    if dice.random() < _ERRORS:
        words |= {"outcome": "error", "error_type": dice.choice(("jam", "material"))}
    duration = round(dice.lognormvariate(-1.6, 0.3), 4)
    return {"duration": duration, "cost": moment.near(2.0, 0.2)}, words


def _achieves(place: Place, moment: Moment) -> Iterator[Planned]:
    """Report Beer's three levels: what is done lies below what could be, and that below what might.

    Actuality is 92 of a capability of 100 on average, potentiality 115.
    """
    if moment.turn(place, every=5):
        for unit in place.units:
            figures = {
                "actuality": moment.near(92.0, 2.0),
                "capability": 100.0,
                "potentiality": 115.0,
            }
            words = {"index": "output", "sense": "higher"}
            yield 0, event(place, "performance.reported", 1, figures, words, unit)


def _uses(place: Place, moment: Moment) -> Iterator[Planned]:
    """Measure hours of work and store room, both about 60% in use."""
    if moment.turn(place, every=5):
        for unit in place.units:
            for resource, capacity in (("work-hours", 40.0), ("store", 500.0)):
                figures = {
                    "used": moment.near(0.6 * capacity, 0.03 * capacity),
                    "capacity": capacity,
                    "queued": float(moment.dice.randrange(3)),
                }
                yield 0, event(place, "resource.measured", 1, figures, {"resource": resource}, unit)


def _states(place: Place, moment: Moment) -> Iterator[Planned]:
    """Observe what state the units are in."""
    if moment.turn(place, every=5):
        for unit in place.units:
            [state] = moment.dice.choices(("running", "set-up", "idle"), (8, 1, 1))
            words = {"stream": "unit-state", "state": state}
            yield 0, event(place, "state.observed", 1, {}, words, unit)


HABITS: tuple[Habit, ...] = (_works, _achieves, _uses, _states)
