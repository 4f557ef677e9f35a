"""System 5: what the organisation is for, what it wants, and decisions that keep to policies."""

from collections.abc import Iterator
from types import MappingProxyType

from vsm_actors.demo.moment import Habit, Moment, Planned, event
from vsm_actors.demo.organisation import Place

PURPOSES = MappingProxyType({"serve-customers": 0.7, "improve": 0.2, "train": 0.1})
"""Shares of the operations, as declared; the operations keep to them but for chance."""

POLICIES = MappingProxyType(
    {
        "safety-first": "Nobody is hurt for output.",
        "quality": "What fails inspection is not delivered.",
        "fair-pay": "Overtime is paid.",
        "local-autonomy": "Units decide what only they can see.",
    }
)
_VIOLATIONS = 0.01
_DAY = 86_400
_GOAL = "output-of-the-day"
_TARGET = 10_000.0


def _declares(place: Place, moment: Moment) -> Iterator[Planned]:
    """Say at the beginning, and again every simulated hour, what holds."""
    if moment.second % 3600:
        return
    for purpose, share in PURPOSES.items():
        yield 0, event(place, "purpose.declared", 5, {"share": share}, {"purpose": purpose})
    for policy, rule in POLICIES.items():
        yield 0, event(place, "policy.declared", 5, {}, {"id": policy, "rule": rule})
    figures = {"start": 0.0, "target": _TARGET, "due": moment.pace.at(_DAY)}
    words = {"id": _GOAL, "sense": "higher"}
    yield 0, event(place, "goal.declared", 5, figures, words)


def _progresses(place: Place, moment: Moment) -> Iterator[Planned]:
    """Come nearer to the goal, as fast as the day passes; what is reached stays reached."""
    if moment.turn(place, every=30):
        reached = round(_TARGET * min(1.0, moment.second / _DAY), 2)
        words = {"id": _GOAL, "sense": "higher"}
        yield 0, event(place, "goal.progressed", 5, {"value": reached}, words)


def _decides(place: Place, moment: Moment) -> Iterator[Planned]:
    if moment.turn(place, every=4):
        dice = moment.dice
        kept = dice.random() >= _VIOLATIONS
        words = {
            "id": moment.id("decision", place),
            "policy": dice.choice(tuple(POLICIES)),
            "outcome": "compliant" if kept else "violation",
        }
        yield 0, event(place, "decision.made", 5, {}, words)


HABITS: tuple[Habit, ...] = (_declares, _progresses, _decides)
