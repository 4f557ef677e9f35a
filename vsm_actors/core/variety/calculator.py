"""VarietyCalculator: the entropy of every stream, and the ratios of the pairs that face each other.

Each tick costs what was touched: entropies are computed again for the streams whose counts
changed, all of them in one array, and verdicts for the paths of those.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
from immutables import Map

from vsm_actors.core.reading import Reading
from vsm_actors.core.record import Event
from vsm_actors.core.state.bounded import Bounded, bounded
from vsm_actors.core.state.tally import Tally
from vsm_actors.core.statistics.entropy import entropies
from vsm_actors.core.variety.counted import Counted
from vsm_actors.core.variety.requisite import Pair, Variety, Verdict, verdicts
from vsm_actors.core.variety.streams import Stream, sampled
from vsm_actors.core.window.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class VarietyState:
    """What VarietyCalculator remembers.

    Attributes:
        streams: by path, system and name.
        paths: the streams of each path.
        verdicts: of the pairs of each path, as of the last tick.
    """

    streams: Bounded[Stream, Counted]
    paths: Map[str, frozenset[Stream]]
    verdicts: Map[str, tuple[Verdict, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class VarietyCalculator:
    """Shannon entropy per stream, Miller-Madow corrected, and requisite variety per pair.

    It is a monitor of no single system (0), and is hosted like one.

    Attributes:
        pairs: those that the configuration says, beside the default ones.
        window: seconds over which states are counted.
        cap: states of a stream at most; later ones are counted as one.
        limit: streams at most, as many as series of one metric.
    """

    pairs: tuple[Pair, ...] = ()
    window: float = 3600.0
    cap: int = 256
    limit: int = 20_000
    name: str = "VarietyCalculator"
    system: int = 0

    def initial(self) -> VarietyState:
        """Return the state of one that has seen no stream."""
        return VarietyState(streams=bounded(self.limit), paths=Map(), verdicts=Map())

    def fold(self, state: VarietyState, event: Event) -> VarietyState:  # noqa: ARG002 - the protocol's
        """Return `state`: states are counted on the bulk lane only."""
        return state

    def observe(self, state: VarietyState, view: View) -> VarietyState:
        """Return `state` with the states that a window saw."""
        empty = Counted(tally=Tally(window=self.window, cap=self.cap))
        touched = {
            stream: Counted(
                tally=(state.streams.get(stream) or empty).tally.add(states.items(), view.end)
            )
            for stream, states in sampled(view).items()
        }
        streams, paths = state.streams.update(touched), state.paths
        for stream in touched:
            if stream not in state.streams and stream in streams:
                path = stream[0]
                paths = paths.set(path, paths.get(path, frozenset()) | {stream})
        return replace(state, streams=streams, paths=paths)

    def conclude(self, state: VarietyState, now: float) -> tuple[VarietyState, tuple[Reading, ...]]:
        """Return the variety of every stream, and the verdict of every pair that has data."""
        state = self._judge(*_advance(state, now))
        readings = [*_of_streams(state.streams, now)]
        for of_path in state.verdicts.values():
            readings += chain.from_iterable(verdict.readings(now) for verdict in of_path)
        return state, tuple(readings)

    def refused(self, state: VarietyState) -> int:
        """Return how many streams the bound has refused."""
        return state.streams.refused

    def _judge(self, state: VarietyState, changed: frozenset[str]) -> VarietyState:
        """Return `state` with the verdicts of the paths whose streams changed."""
        configured: defaultdict[str, dict[str, Pair]] = defaultdict(dict)
        for pair in self.pairs:
            configured[pair.path][pair.pair] = pair

        def variety(stream: Stream) -> Variety | None:
            counted = state.streams.get(stream)
            return None if counted is None else counted.variety

        judged = state.verdicts
        for path in changed:
            held = state.paths.get(path, frozenset())
            found = tuple(verdicts(path, held, variety, configured.get(path, {})))
            if found:
                judged = judged.set(path, found)
            elif path in judged:
                judged = judged.delete(path)
        return replace(state, verdicts=judged)


def _advance(state: VarietyState, now: float) -> tuple[VarietyState, frozenset[str]]:
    """Return `state` at `now` with all entropies known, and the paths whose streams changed."""
    gone: list[Stream] = []
    fresh: dict[Stream, Tally] = {}
    for stream, counted in state.streams.items():
        tally = counted.tally.advance(now)
        if tally.empty:
            gone.append(stream)
        elif tally is not counted.tally or counted.variety is None:
            fresh[stream] = tally
    known = {
        stream: Counted(tally=fresh[stream], variety=variety)
        for stream, variety in _varieties(fresh).items()
    }
    streams, paths = state.streams.without(*gone).update(known), state.paths
    for stream in gone:
        left = paths[stream[0]] - {stream}
        paths = paths.set(stream[0], left) if left else paths.delete(stream[0])
    changed = frozenset(stream[0] for stream in (*gone, *fresh))
    return replace(state, streams=streams, paths=paths), changed


def _varieties(tallies: Mapping[Stream, Tally]) -> dict[Stream, Variety]:
    """Return the entropies of many streams, from one array."""
    sizes = [len(tally.counts) for tally in tallies.values()]
    counts = chain.from_iterable(tally.counts.values() for tally in tallies.values())
    found = entropies(
        np.fromiter(counts, dtype=np.float64, count=sum(sizes)),
        np.repeat(np.arange(len(sizes)), sizes),
        len(sizes),
    )
    withheld, bits = found.withheld.tolist(), found.bits.tolist()
    return {
        stream: Variety(
            bits=None if withheld[place] else bits[place], n=tally.n, newest=tally.newest
        )
        for place, (stream, tally) in enumerate(tallies.items())
    }


def _of_streams(streams: Bounded[Stream, Counted], now: float) -> Iterator[Reading]:
    for (path, system, stream), counted in streams.items():
        tally, variety = counted.tally, counted.variety
        labels = {"path": path, "system": system, "stream": stream}
        n, old = round(tally.n), max(0.0, now - tally.newest)
        if variety is not None and variety.bits is not None:
            yield Reading(
                family="vsm_variety_bits", labels=labels, value=variety.bits, n=n, age=old
            )
        if tally.overflow:
            share = min(1.0, tally.overflow / tally.n)
            yield Reading(
                family="vsm_variety_overflow_ratio", labels=labels, value=share, n=n, age=old
            )
