"""Pain and pleasure: now and then, acknowledged by System 5 and over soon."""

from collections.abc import Iterator

from vsm_actors.demo.moment import Habit, Moment, Planned, event
from vsm_actors.demo.organisation import Place


def _hurts(place: Place, moment: Moment) -> Iterator[Planned]:
    if moment.turn(place, every=600, first=15):
        yield from _felt(place, moment, "pain", "output fell behind")


def _enjoys(place: Place, moment: Moment) -> Iterator[Planned]:
    if moment.turn(place, every=900, first=45):
        yield from _felt(place, moment, "pleasure", "output beats the plan")


def _felt(place: Place, moment: Moment, kind: str, message: str) -> Iterator[Planned]:
    one, unit = {"id": moment.id(kind, place)}, moment.dice.choice(place.units)
    words = {**one, "severity": "medium", "kind": kind, "metric": "output", "message": message}
    intensity = {"intensity": moment.near(0.2, 0.05)}
    yield 0, event(place, "algedonic.raised", 1, intensity, words, unit)
    answered = moment.dice.randint(2, 8)
    by = {**one, "by": "5"}
    yield answered, event(place, "algedonic.acknowledged", 5, {}, by)
    over = answered + moment.dice.randint(10, 30)
    yield over, event(place, "algedonic.cleared", 1, {}, {**one, "by": unit}, unit)


HABITS: tuple[Habit, ...] = (_hurts, _enjoys)
