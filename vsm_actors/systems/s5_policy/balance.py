"""The balance of System 3 and System 4: the inside and now beside the outside and then."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from vsm_actors.core.reading import Reading
from vsm_actors.core.state.bounded import Bounded, bounded
from vsm_actors.core.state.tally import Tally
from vsm_actors.core.statistics.entropy import entropy
from vsm_actors.core.variety.counted import Counted
from vsm_actors.core.variety.requisite import Variety, total
from vsm_actors.core.variety.streams import ACTS_OF_3, ACTS_OF_4, Side, Stream, sampled_acts
from vsm_actors.core.window.view import View

_ACTS = frozenset((*ACTS_OF_3.streams, *ACTS_OF_4.streams))


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """The acts of Systems 3 and 4, by path and stream.

    Attributes:
        window: seconds over which they are counted.
        acts: by stream.
    """

    window: float
    acts: Bounded[Stream, Counted]

    def observe(self, view: View) -> "Balance":
        """Return the balance with the acts of a window."""
        acts = self.acts
        for stream, states in sampled_acts(view, _ACTS).items():
            known = acts.get(stream)
            tally = known.tally if known else Tally(window=self.window)
            acts = acts.put(stream, Counted(tally=tally.add(states.items(), view.end)))
        return self if acts is self.acts else replace(self, acts=acts)

    def conclude(self, now: float) -> "tuple[Balance, list[Reading]]":
        """Return the balance at `now`, and a reading of each path where both sides are known."""
        acts = self.acts
        for stream, one in self.acts.items():
            tally = one.tally.advance(now)
            if tally.empty:
                acts = acts.without(stream)
            elif tally is not one.tally or one.variety is None:
                acts = acts.put(stream, Counted(tally=tally, variety=_variety(tally)))
        found: list[Reading] = []
        for path in {stream[0] for stream in acts.cells}:
            found += _readings(path, acts, now)
        return replace(self, acts=acts), found


def balance(window: float, limit: int) -> Balance:
    """Return the balance of nobody, with room for `limit` streams."""
    return Balance(window=window, acts=bounded(limit))


def balance_ratio(v3: float, v4: float) -> float:
    """Return 1 - |V3 - V4| / (V3 + V4), 0 to 1; NaN where neither has any variety."""
    both = v3 + v4
    return 1.0 - abs(v3 - v4) / both if both > 0 else math.nan


def _variety(tally: Tally) -> Variety:
    return Variety(bits=entropy(tally.counts.values()), n=tally.n, newest=tally.newest)


def _side(path: str, side: Side, acts: Bounded[Stream, Counted]) -> list[Variety]:
    found = [acts.get((path, *stream)) for stream in side.streams]
    return [one.variety for one in found if one is not None and one.variety is not None]


def _readings(path: str, acts: Bounded[Stream, Counted], now: float) -> Iterator[Reading]:
    sides = [_side(path, side, acts) for side in (ACTS_OF_3, ACTS_OF_4)]
    v3, v4 = map(total, sides)
    if v3 is not None and v4 is not None:
        both = [one for side in sides for one in side]
        yield Reading(
            family="vsm_s3_s4_balance_ratio",
            labels={"path": path},
            value=balance_ratio(v3, v4),
            n=round(min(one.n for one in both)),
            age=max(0.0, now - max(one.newest for one in both)),
        )
