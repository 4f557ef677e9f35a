"""How much of their declared capacity channels use: Beer's second principle of organisation."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from vsm_actors.core.reading import Reading
from vsm_actors.core.state.bounded import Bounded, bounded
from vsm_actors.core.state.rolling import Rolling, Sums, rolling_sums
from vsm_actors.core.state.tally import Tally
from vsm_actors.core.statistics.entropy import entropy
from vsm_actors.core.window.view import View
from vsm_actors.systems.s2_coordination.edges import Edge, edge_labels

_SYSTEMS = frozenset(("1", "2", "3", "4", "5", "env"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """What a channel is declared to carry.

    Attributes:
        path: where.
        origin: the sender: 1 to 5, env, 1/<unit>, or the unit's name alone.
        to: the receiver, written so too.
        bits: a second, above 0.
        channel: which channel, "" for all between the two together.
    """

    path: str
    origin: str
    to: str
    bits: float
    channel: str = ""

    @property
    def edge(self) -> Edge:
        """The edge as labels name it; its channel may be ""."""
        return self.path, _end(self.origin), _end(self.to), self.channel

    def covers(self, edge: Edge) -> bool:
        """Tell whether it is said of this edge."""
        return edge[:3] == self.edge[:3] and self.channel in {"", edge[3]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The states that are sent into a channel.

    Attributes:
        tally: by state, over the window of entropies.
        counts: how many, over the window of rates.
        began: Unix seconds at which the first window that saw it began.
        bits: entropy of a state, None while it is withheld.
        judged: whether `bits` is that of `tally`.
    """

    tally: Tally
    counts: Rolling[Sums]
    began: float
    bits: float | None = None
    judged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What is sent into the channels whose capacity is declared.

    Attributes:
        capacities: the declared ones.
        window: seconds that rates cover.
        memory: seconds that entropies cover.
        cap: states of a channel at most; further ones are counted as one.
        edges: states by edge.
    """

    capacities: tuple[Capacity, ...]
    window: float
    memory: float
    cap: int
    edges: Bounded[Edge, Source]

    def observe(self, view: View) -> "Sources":
        """Return this with the states sent in one window."""
        edges = self.edges
        for edge, samples in self._sent(view).items():
            source = edges.get(edge) or self._fresh(view.start)
            count = sum(weight for _, weight in samples)
            tally = source.tally.add(samples, view.end)
            counts = source.counts.add(view.start, (count,))
            edges = edges.put(edge, Source(tally=tally, counts=counts, began=source.began))
        return replace(self, edges=edges)

    def advance(self, now: float) -> "Sources":
        """Return this without what left its window, every entropy known."""
        edges = self.edges
        for edge, source in self.edges.items():
            tally = source.tally.advance(now)
            if not tally.slots:
                edges = edges.without(edge)
            elif tally is not source.tally or not source.judged:
                bits = entropy(tally.counts.values())
                edges = edges.put(edge, replace(source, tally=tally, bits=bits, judged=True))
        return replace(self, edges=edges)

    def readings(self, now: float) -> Iterator[Reading]:
        """Yield the use of each capacity that states are sent under.

        Several channels under one capacity add up, an upper bound; one whose entropy is withheld
        withholds the sum.
        """
        for capacity in self.capacities:
            sources = [one for edge, one in self.edges.items() if capacity.covers(edge)]
            rates = [_rate(source, now) for source in sources]
            known = [rate for rate in rates if rate is not None]
            if known and len(known) == len(rates):
                newest = max(source.tally.newest for source in sources)
                yield Reading(
                    family="vsm_channel_capacity_use_ratio",
                    labels=edge_labels(capacity.edge),
                    value=sum(known) / capacity.bits,
                    n=int(sum(source.tally.n for source in sources)),
                    age=max(0.0, now - newest),
                )

    def _sent(self, view: View) -> dict[Edge, list[tuple[str, float]]]:
        found: defaultdict[Edge, list[tuple[str, float]]] = defaultdict(list)
        declared = {capacity.edge[:3] for capacity in self.capacities}
        for row in view.rows("vsm_message_states_total") if declared else ():
            path, origin, target, channel, result, state = row.series.labels
            if result == "sent" and (path, origin, target) in declared and row.sum > 0:
                found[path, origin, target, channel].append((state, row.sum))
        return found

    def _fresh(self, began: float) -> Source:
        return Source(
            tally=Tally(window=self.memory, cap=self.cap),
            counts=rolling_sums(self.window, 1),
            began=began,
        )


def no_sources(
    capacities: tuple[Capacity, ...], *, window: float, memory: float, cap: int, limit: int
) -> Sources:
    """Return the state before any message."""
    return Sources(
        capacities=capacities, window=window, memory=memory, cap=cap, edges=bounded(limit)
    )


def _rate(source: Source, now: float) -> float | None:
    """Return the bits a second that a source sends: entropy times states a second."""
    seconds = min(source.counts.covered(now), now - source.began)
    if source.bits is None or seconds <= 0:
        return None
    return source.bits * source.counts.total(now)[0] / seconds


def _end(name: str) -> str:
    return name if name in _SYSTEMS or name.startswith("1/") else f"1/{name}"
