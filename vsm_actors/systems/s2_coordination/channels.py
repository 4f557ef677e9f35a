"""Variety on its way through channels: what goes in, what comes out."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TypeAlias

import numpy as np

from vsm_actors.core.bounded import Bounded, bounded
from vsm_actors.core.entropy import entropies
from vsm_actors.core.reading import Reading
from vsm_actors.core.tally import Tally
from vsm_actors.core.view import View
from vsm_actors.systems.s2_coordination.edges import Edge, edge_labels

End: TypeAlias = tuple[Edge, str]
"""An edge and ``in`` (states sent) or ``out`` (states received)."""

_RESULTS = {"sent": "in", "received": "out"}

NO_VARIETY = 0.01
"""Bits under which there is nothing to attenuate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class States:
    """The states at one end of a channel.

    Attributes:
        tally: samples by state over the window.
        bits: their entropy, None while it is withheld.
        judged: whether `bits` is that of `tally`.
    """

    tally: Tally
    bits: float | None = None
    judged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Channels:
    """All channels that carry states.

    Attributes:
        window: seconds.
        cap: states at an end at most; further ones are counted as one.
        ends: states by edge and end.
        fresh: ends that were judged in the tick that ends now.
    """

    window: float
    cap: int
    ends: Bounded[End, States]
    fresh: frozenset[End] = field(default=frozenset())

    def observe(self, view: View) -> "Channels":
        """Return this with the states that the messages of one window carried."""
        ends = self.ends
        for end, samples in _carried(view).items():
            known = ends.get(end)
            tally = Tally(window=self.window, cap=self.cap) if known is None else known.tally
            ends = ends.put(end, States(tally=tally.add(samples, view.end)))
        return replace(self, ends=ends)

    def advance(self, now: float) -> "Channels":
        """Return this without what left the window, and with every end judged that changed."""
        changed: dict[End, Tally] = {}
        idle: list[End] = []
        for end, states in self.ends.items():
            tally = states.tally.advance(now)
            if not tally.slots:
                idle.append(end)
            elif tally is not states.tally or not states.judged:
                changed[end] = tally
        ends = self.ends.without(*idle)
        for end, bits in _judged(changed).items():
            ends = ends.put(end, States(tally=changed[end], bits=bits, judged=True))
        return replace(self, ends=ends, fresh=frozenset(changed))

    def readings(self, now: float) -> Iterator[Reading]:
        """Yield the variety of each end, and what each channel attenuates and absorbs."""
        for end, states in self.ends.items():
            known = _known(end, states, now)
            if known is None:
                continue
            yield known
            opposite = self.ends.get((end[0], "out"))
            if end[1] == "in" and opposite is not None and opposite.bits is not None:
                yield from self._between(end[0], known, opposite.bits, opposite.tally.n)

    def _between(self, edge: Edge, into: Reading, out: float, n: float) -> Iterator[Reading]:
        labels = edge_labels(edge)
        fewest = min(into.n, int(n))
        if into.value >= NO_VARIETY:
            yield replace(
                into,
                family="vsm_attenuation_ratio",
                labels=labels,
                value=1 - out / into.value,
                n=fewest,
            )
        if (edge, "in") in self.fresh or (edge, "out") in self.fresh:
            yield replace(
                into,
                family="vsm_variety_absorbed_bits",
                labels=labels,
                value=into.value - out,
                n=fewest,
            )


def no_channels(window: float, cap: int, limit: int) -> Channels:
    """Return the state before any message."""
    return Channels(window=window, cap=cap, ends=bounded(limit))


def _known(end: End, states: States, now: float) -> Reading | None:
    if states.bits is None:
        return None
    return Reading(
        family="vsm_channel_variety_bits",
        labels={**edge_labels(end[0]), "direction": end[1]},
        value=states.bits,
        n=int(states.tally.n),
        age=max(0.0, now - states.tally.newest),
    )


def _carried(view: View) -> Mapping[End, list[tuple[str, float]]]:
    found: defaultdict[End, list[tuple[str, float]]] = defaultdict(list)
    for row in view.rows("vsm_message_states_total"):
        path, origin, target, channel, result, state = row.series.labels
        if result in _RESULTS and row.sum > 0:
            found[(path, origin, target, channel), _RESULTS[result]].append((state, row.sum))
    return found


def _judged(tallies: Mapping[End, Tally]) -> dict[End, float | None]:
    sizes = [len(tally.counts) for tally in tallies.values()]
    counts = chain.from_iterable(tally.counts.values() for tally in tallies.values())
    found = entropies(
        np.fromiter(counts, np.float64, sum(sizes)),
        np.repeat(np.arange(len(sizes)), sizes),
        len(sizes),
    )
    verdicts = zip(found.withheld.tolist(), found.bits.tolist(), strict=True)
    return {
        end: None if withheld else bits
        for end, (withheld, bits) in zip(tallies, verdicts, strict=True)
    }
