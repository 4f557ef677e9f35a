"""How System 5 receives pain: how long each waited for an answer, and whether that was in time."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from vsm_actors.core.reading import Reading
from vsm_actors.core.record import Event
from vsm_actors.core.state.account import Account, account
from vsm_actors.core.state.bounded import Bounded, bounded
from vsm_actors.core.state.conclusion import conclude

KEPT = 3600.0
"""Seconds for which a cleared alert is known by its id, so that a replay does not count twice."""

_SWEEP = 60.0
"""Seconds between two looks for cleared alerts to forget: nothing is read from them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pain:
    """One alert that System 5 was told of.

    Attributes:
        path: where it hurts.
        raised: Unix seconds.
        due: Unix seconds by which it should be acknowledged, by its severity.
        answered: Unix seconds of its acknowledgement, or of its end without one; None while open.
        cleared: arrival of its end, Unix seconds, else None.
    """

    path: str
    raised: float
    due: float
    answered: float | None = None
    cleared: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """The alerts under way and what the answered ones came to.

    Attributes:
        recovery: seconds within which a severity should be acknowledged.
        window: seconds over which System 5 is judged.
        pains: by the alert's id.
        answers: number, seconds waited and number in time, by path.
        swept: Unix seconds of the last look for what to forget.
    """

    recovery: Mapping[str, float]
    window: float
    pains: Bounded[str, Pain]
    answers: Bounded[str, Account]
    swept: float = -math.inf

    def hear(self, event: Event) -> "Reception":
        """Return the reception after an algedonic event; a repeated one changes nothing.

        Pleasure is not waited for, so it is left out.
        """
        key = event.attribute("id")
        known = self.pains.get(key)
        if event.name == "algedonic.raised":
            return self._raise(key, known, event)
        if known is None:
            return self
        answered = self if known.answered is not None else self._answer(key, known, event)
        if event.name == "algedonic.acknowledged" or known.cleared is not None:
            return answered
        pain = replace(answered.pains.cells[key], cleared=event.arrival)
        return replace(answered, pains=answered.pains.put(key, pain))

    def conclude(self, now: float) -> "tuple[Reception, list[Reading]]":
        """Return response time and share in time per path, ages of open alerts included."""
        waiting: defaultdict[str, list[Pain]] = defaultdict(list)
        for pain in self.pains.cells.values():
            if pain.answered is None:
                waiting[pain.path].append(pain)
        answers, _ = conclude(self.answers, now, _silence)
        readings: list[Reading] = []
        for path in {*waiting, *answers.cells}:
            readings += _readings(path, answers.get(path), waiting[path], now)
        return replace(self._sweep(now), answers=answers), readings

    def _raise(self, key: str, known: Pain | None, event: Event) -> "Reception":
        if event.attribute("kind") != "pain":
            return self
        if known is not None and known.cleared is not None and event.time > known.cleared:
            known = None  # it hurts again
        due = event.time + self.recovery.get(event.attribute("severity"), math.inf)
        pain = known or Pain(path=event.path, raised=event.time, due=due)
        if pain.due > due:
            pain = replace(pain, due=due)
        return self if pain is known else replace(self, pains=self.pains.put(key, pain))

    def _answer(self, key: str, pain: Pain, event: Event) -> "Reception":
        waited = max(0.0, event.time - pain.raised)
        cell = self.answers.get(pain.path) or account(self.window, 3)
        cell = cell.enter(event.arrival, 1.0, waited, float(event.time <= pain.due))
        return replace(
            self,
            pains=self.pains.put(key, replace(pain, answered=event.time)),
            answers=self.answers.put(pain.path, cell),
        )

    def _sweep(self, now: float) -> "Reception":
        if now - self.swept < _SWEEP:
            return self
        old = [
            key
            for key, pain in self.pains.items()
            if pain.cleared is not None and now - pain.cleared > KEPT
        ]
        return replace(self, pains=self.pains.without(*old), swept=now)


Recovery: TypeAlias = Mapping[str, float]


def reception(recovery: Recovery, *, window: float, limit: int) -> Reception:
    """Return a reception that has heard nothing, with room for `limit` alerts."""
    return Reception(recovery=recovery, window=window, pains=bounded(limit), answers=bounded(limit))


def _readings(
    path: str, answers: Account | None, waiting: list[Pain], now: float
) -> Iterator[Reading]:
    n, waited, timely = (0.0, 0.0, 0.0) if answers is None else answers.total(now)
    ages = [max(0.0, now - pain.raised) for pain in waiting]
    overdue = sum(now > pain.due for pain in waiting)
    old = min(ages, default=math.inf)
    if answers is not None:
        old = min(old, max(0.0, now - answers.newest))
    everything, judged = n + len(ages), n + overdue
    for family, figure, count in (
        ("vsm_algedonic_response_seconds", waited + math.fsum(ages), everything),
        ("vsm_algedonic_timely_ratio", timely, judged),
    ):
        if count:
            yield Reading(
                family=family,
                labels={"path": path},
                value=figure / count,
                n=round(count),
                age=old,
            )


def _silence(_path: str, _cell: Account, _now: float) -> tuple[Reading, ...]:
    return ()
