"""Directives from the order to its end: which were kept, which were late, refused or overdue."""

import math
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, assert_never

from vsm_actors.core.state.bounded import Bounded, bounded

Verdict: TypeAlias = Literal["kept", "late", "refused", "overdue"]
Key: TypeAlias = tuple[str, str]
"""Path and the directive's id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A directive that has not ended.

    Attributes:
        unit: whom it concerns.
        issued: Unix seconds.
        due: Unix seconds; after it the directive counts against.
        overdue: whether it was already judged for that.
    """

    unit: str
    issued: float
    due: float
    overdue: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The end of a directive: of one under way, or of one whose order is still to come.

    Attributes:
        ended: Unix seconds.
        refused: whether it was declined.
    """

    ended: float
    refused: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What one directive came to.

    Attributes:
        path: where.
        unit: whose.
        verdict: how it is counted, None when it was already counted as overdue.
        delay: seconds from order to completion, None where it was not completed.
    """

    path: str
    unit: str
    verdict: Verdict | None
    delay: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Directives:
    """All directives under way.

    Attributes:
        keep: seconds for which an overdue directive waits for its end, and an end for its order.
        held: by path and id.
        wake: Unix seconds before which no directive falls due or is forgotten.
    """

    keep: float
    held: Bounded[Key, Order | End]
    wake: float = math.inf

    def issue(self, key: Key, order: Order) -> "Outcome":
        """Return the directives with an order; a repeated one changes nothing."""
        match self.held.get(key):
            case None:
                return self._hold(key, order), None
            case Order():
                return self, None
            case End() as end:
                return self._drop(key), _judge(key, order, end)
            case other:
                assert_never(other)

    def end(self, key: Key, end: End) -> "Outcome":
        """Return the directives with one completed or refused."""
        match self.held.get(key):
            case None:
                return self._hold(key, end), None
            case End():
                return self, None
            case Order() as order:
                return self._drop(key), _judge(key, order, end)
            case other:
                assert_never(other)

    def advance(self, now: float) -> "tuple[Directives, tuple[Judgement, ...]]":
        """Return the directives at `now`, and a judgement of each that fell overdue."""
        if now <= self.wake:
            return self, ()
        held, judged = self.held, []
        for key, one in self.held.items():
            if isinstance(one, Order) and not one.overdue and now > one.due:
                held = held.put(key, replace(one, overdue=True))
                judged.append(Judgement(path=key[0], unit=one.unit, verdict="overdue", delay=None))
            if now > _until(one, self.keep):
                held = held.without(key)
        wake = min((_moment(one, self.keep) for _, one in held.items()), default=math.inf)
        return replace(self, held=held, wake=wake), tuple(judged)

    def _hold(self, key: Key, one: Order | End) -> "Directives":
        wake = min(self.wake, _moment(one, self.keep))
        return replace(self, held=self.held.put(key, one), wake=wake)

    def _drop(self, key: Key) -> "Directives":
        return replace(self, held=self.held.without(key))


Outcome: TypeAlias = tuple[Directives, Judgement | None]


def directives(*, keep: float, limit: int) -> Directives:
    """Return no directives, with room for `limit` of them."""
    return Directives(keep=keep, held=bounded(limit))


def _judge(key: Key, order: Order, end: End) -> Judgement:
    verdict: Verdict | None = "kept" if end.ended <= order.due else "late"
    if end.refused:
        verdict = "refused"
    if order.overdue:
        verdict = None
    # A completion whose clock ran behind the order's took no time, rather than less than none.
    delay = None if end.refused else max(0.0, end.ended - order.issued)
    return Judgement(path=key[0], unit=order.unit, verdict=verdict, delay=delay)


def _until(one: Order | End, keep: float) -> float:
    return keep + (one.due if isinstance(one, Order) else one.ended)


def _moment(one: Order | End, keep: float) -> float:
    return one.due if isinstance(one, Order) and not one.overdue else _until(one, keep)
