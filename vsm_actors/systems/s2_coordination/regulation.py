"""How much the answers to conflicts tell about the conflicts: potential regulation (Ashby)."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from vsm_actors.core.reading import Reading
from vsm_actors.core.record import Event
from vsm_actors.core.state.bounded import Bounded, bounded
from vsm_actors.core.state.tally import Tally
from vsm_actors.core.state.waiting import Waiting
from vsm_actors.core.statistics.entropy import SAMPLES_PER_STATE, entropies
from vsm_actors.core.variety.requisite import NO_VARIETY

Key: TypeAlias = tuple[str, str]
"""Path and id of a conflict."""

PAIR = "2:1-1"
_BETWEEN = "\x1f"
"""ASCII's unit separator, which no attribute has a use for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Regulation:
    """Conflicts and how they were answered.

    Attributes:
        window: seconds over which pairs count.
        cap: different pairs of a path at most; further ones are counted as one.
        patience: seconds that a conflict waits for its answer.
        open: who is in conflict, by path and id.
        pairs: samples of (disturbance, response) by path.
    """

    window: float
    cap: int
    patience: float
    open: Waiting[Key, str]
    pairs: Bounded[str, Tally]

    @property
    def refused(self) -> int:
        """How often a bound refused a conflict or a path."""
        return self.open.refused + self.pairs.refused

    def detected(self, event: Event) -> "Regulation":
        """Return this with a disturbance, if it is said between whom."""
        units = sorted(unit.strip() for unit in event.attribute("between").split(","))
        if units == [""]:
            return self
        key = event.path, event.attribute("id")
        return replace(
            self, open=self.open.put(key, ",".join(units), event.arrival + self.patience)
        )

    def resolved(self, event: Event) -> "Regulation":
        """Return this with the response to a known disturbance, if it is said what was done."""
        key = event.path, event.attribute("id")
        disturbance, response = self.open.get(key), event.attribute("action")
        if disturbance is None or not response:
            return self
        known = self.pairs.get(event.path) or Tally(window=self.window, cap=self.cap)
        tally = known.add([(disturbance + _BETWEEN + response, 1.0)], event.arrival)
        return replace(self, open=self.open.take(key), pairs=self.pairs.put(event.path, tally))

    def advance(self, now: float) -> "Regulation":
        """Return this without what is too old."""
        pairs = self.pairs
        for path, tally in self.pairs.items():
            fresh = tally.advance(now)
            if not fresh.slots:
                pairs = pairs.without(path)
            elif fresh is not tally:
                pairs = pairs.put(path, fresh)
        _, waiting = self.open.due(now)
        if pairs is self.pairs and waiting is self.open:
            return self
        return replace(self, open=waiting, pairs=pairs)

    def readings(self, now: float) -> Iterator[Reading]:
        """Yield I(R;D) / H(D) of every path with five samples a pair, and variety to regulate."""
        for path, tally in self.pairs.items():
            if tally.n < SAMPLES_PER_STATE * len(tally.counts):
                continue
            value = _potential(tally)
            if value is not None:
                yield Reading(
                    family="vsm_variety_regulation_ratio",
                    labels={"path": path, "pair": PAIR, "derived": "true"},
                    value=value,
                    n=int(tally.n),
                    age=max(0.0, now - tally.newest),
                )


def no_regulation(window: float, cap: int, patience: float, limit: int) -> Regulation:
    """Return the state before any conflict."""
    return Regulation(
        window=window,
        cap=cap,
        patience=patience,
        open=Waiting(limit=limit),
        pairs=bounded(limit),
    )


def _potential(tally: Tally) -> float | None:
    disturbances: defaultdict[str, float] = defaultdict(float)
    responses: defaultdict[str, float] = defaultdict(float)
    for pair, weight in tally.counts.items():
        disturbance, _, response = pair.partition(_BETWEEN)
        disturbances[disturbance] += weight
        responses[response] += weight
    streams = (disturbances, responses, tally.counts)
    sizes = [len(stream) for stream in streams]
    count = np.array([weight for stream in streams for weight in stream.values()])
    found = entropies(count, np.repeat(np.arange(3), sizes), 3).bits
    disturbed, responded, joint = found.tolist()
    if disturbed < NO_VARIETY:
        return None
    shared = max(0.0, disturbed + responded - joint)
    # Each entropy is corrected by itself, so that their difference can pass what it is a part of.
    return float(min(1.0, shared / disturbed))
