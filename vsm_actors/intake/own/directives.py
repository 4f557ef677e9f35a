"""Restarts as directives of System 3: a supervisor tells an actor to run. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from vsm_actors.intake.facts import Fact, Teller
from vsm_actors.intake.own.look import Look, Standing

_ACTION = "restart"
MOST = 10
"""Restarts of one actor worded at each look: more than ten in ten seconds escalate anyway. The
counter in the books holds all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was told at one look.

    Attributes:
        facts: directives issued, completed and refused.
        open: the directive that each path has not answered yet, by path.
    """

    facts: tuple[Fact, ...]
    open: Mapping[str, str]


def direct(tell: Teller, previous: Look, look: Look, still: Mapping[str, str]) -> Told:
    """Word the restarts between two looks.

    An actor that runs has done what it was told. One that had to be told again, or that stopped
    for good, has refused.

    Args:
        tell: words the facts.
        previous: the look before.
        look: this one.
        still: directives open before, by path.
    """
    facts: list[Fact] = []
    left = {}
    for path, one in look.actors.items():
        held = [still[path]] if path in still else []
        orders = [*held, *_issued(one, previous.earlier(one).restarts)]
        facts += (tell.directive("issued", order, one.id, _ACTION) for order in orders[len(held) :])
        facts += (
            tell.directive("refused", order, one.id, _ACTION, "crashed again")
            for order in orders[:-1]
        )
        if orders:
            answer = _answer(tell, one, orders[-1])
            facts += answer
            if not answer:
                left[path] = orders[-1]
    gone = sorted(still.keys() - look.actors.keys())
    facts += (
        tell.directive("refused", still[path], path.rpartition("/")[2], _ACTION, "removed")
        for path in gone
    )
    return Told(facts=tuple(facts), open=left)


def _issued(one: Standing, before: int) -> list[str]:
    count = min(MOST, one.restarts - before)
    return [f"{one.path}#{number}" for number in range(one.restarts - count + 1, one.restarts + 1)]


def _answer(tell: Teller, one: Standing, order: str) -> list[Fact]:
    if one.state == "running":
        return [tell.directive("completed", order, one.id, _ACTION, "running")]
    if one.state == "stopped":
        return [tell.directive("refused", order, one.id, _ACTION, "stopped")]
    return []
