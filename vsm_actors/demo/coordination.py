"""System 2: messages that arrive and are answered, and conflicts that are resolved in time."""

from collections.abc import Iterator
from itertools import permutations

from vsm_actors.demo.moment import Habit, Moment, Planned, event
from vsm_actors.demo.organisation import Place

_AMONG_UNITS = (("in-step", "ahead", "behind"), (7, 2, 1))
_OF_SYSTEM_2 = (("keep-pace", "shift-slot", "share-buffer", "swap-crew"), (1, 1, 1, 1))
_BETWEEN_3_AND_4 = (("as-planned", "more-demand", "less-demand"), (6, 3, 1))
_ACTIONS = ("shift-slot", "share-buffer")
_BITS = 16.0

States = tuple[tuple[str, ...], tuple[int, ...]]
"""What a message may say, and how usual that is."""


def _talk(place: Place, moment: Moment) -> Iterator[Planned]:
    """Every few seconds each unit asks each other one, System 2 each unit, and 3 and 4 each other.

    All is received within a second and answered within five more.
    """
    if moment.turn(place, every=6):
        units = [f"1/{unit}" for unit in place.units]
        for asking, asked in permutations(units, 2):
            yield from _exchange(place, moment, (asking, asked, "shop-floor"), _AMONG_UNITS)
        for unit in units:
            yield from _exchange(place, moment, ("2", unit, "schedule"), _OF_SYSTEM_2)
        yield from _exchange(place, moment, ("3", "4", "outlook"), _BETWEEN_3_AND_4)


def _exchange(
    place: Place, moment: Moment, edge: tuple[str, str, str], states: States
) -> Iterator[Planned]:
    source, target, channel = edge
    one = f"{moment.id('message', place)}-{source}-{target}"
    [said], [answered] = (moment.dice.choices(*states) for _ in range(2))
    later = 1 + moment.dice.randint(1, 5)
    yield from _message(place, moment, 0, edge, {"id": one, "state": said})
    back = (target, source, channel)
    reply = {"id": f"{one}-reply", "in_reply_to": one, "state": answered}
    yield from _message(place, moment, later, back, reply)


def _message(
    place: Place, moment: Moment, after: int, edge: tuple[str, str, str], words: dict[str, str]
) -> Iterator[Planned]:
    source, target, channel = edge
    said = {**words, "from": source, "to": target, "channel": channel}
    yield after, _heard(place, "message.sent", source, said, {"bits": _BITS})
    figures = {"bits": _BITS, "lag": moment.pace.real(1.0)}
    yield after + 1, _heard(place, "message.received", target, said, figures)


def _heard(
    place: Place, name: str, reporter: str, words: dict[str, str], figures: dict[str, float]
) -> dict[str, object]:
    system, _, unit = reporter.partition("/")
    return event(place, name, int(system), figures, words, unit)


def _conflicts(place: Place, moment: Moment) -> Iterator[Planned]:
    """Two units want the same slot or buffer; System 2 settles it within a quarter of a minute."""
    if moment.turn(place, every=20, first=5):
        between = ",".join(sorted(moment.dice.sample(place.units, 2)))
        words = {"id": moment.id("conflict", place), "between": between}
        yield 0, event(place, "conflict.detected", 2, {}, words)
        settled = {**words, "action": moment.dice.choice(_ACTIONS), "by": "2"}
        yield moment.dice.randint(4, 15), event(place, "conflict.resolved", 2, {}, settled)


HABITS: tuple[Habit, ...] = (_talk, _conflicts)
