"""System 3 and 3*: directives that are kept, bargains that are fulfilled, audits that agree."""

from collections.abc import Iterator

from vsm_actors.demo.moment import Habit, Moment, Planned, event
from vsm_actors.demo.organisation import Place

_ACTIONS = ("raise-output", "lower-output", "move-shift", "train", "service", "cut-waste")
_BARGAINS = ("fund", "staff")
_DUE = 60.0
"""Simulated seconds that a directive allows; its unit needs at most half of them."""


def _directs(place: Place, moment: Moment) -> Iterator[Planned]:
    if moment.turn(place, every=4):
        unit, action = moment.dice.choice(place.units), moment.dice.choice(_ACTIONS)
        words = {"id": moment.id("directive", place), "unit": unit, "action": action}
        due = {"due": moment.pace.real(_DUE)}
        yield 0, event(place, "directive.issued", 3, due, words)
        effect = {**words, "effect": action}
        after = moment.dice.randint(5, 30)
        yield after, event(place, "directive.completed", 3, {}, effect)


def _bargains(place: Place, moment: Moment) -> Iterator[Planned]:
    if moment.turn(place, every=12):
        unit, resource = moment.dice.choice(place.units), moment.dice.choice(("budget", "crew"))
        figures = {"agreed": 100.0, "delivered": moment.near(98.0, 1.0)}
        words = {"resource": resource, "unit": unit, "action": moment.dice.choice(_BARGAINS)}
        yield 0, event(place, "resource.allocated", 3, figures, words)


def _audits(place: Place, moment: Moment) -> Iterator[Planned]:
    """Look for itself: what is found is within 3% of the claim, and 5% are let pass."""
    if moment.turn(place, every=10):
        claimed = moment.near(500.0, 20.0)
        figures = {"claimed": claimed, "found": round(claimed * moment.near(1.0, 0.01), 4)}
        unit = moment.dice.choice(place.units)
        words = {"id": moment.id("audit", place), "unit": unit, "stream": "output"}
        yield 0, event(place, "audit.performed", 3, figures, words)


def _findings(place: Place, moment: Moment) -> Iterator[Planned]:
    if moment.turn(place, every=300, first=60):
        unit = moment.dice.choice(place.units)
        words = {"id": moment.id("finding", place), "unit": unit}
        yield 0, event(place, "finding.opened", 3, {}, words)
        yield moment.dice.randint(30, 60), event(place, "finding.closed", 3, {}, words)


HABITS: tuple[Habit, ...] = (_directs, _bargains, _audits, _findings)
