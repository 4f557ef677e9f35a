"""ChannelMonitor: whether channels deliver, whether they can carry what is sent, and are alive."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from vsm_actors.core.reading import Reading
from vsm_actors.core.record import Event
from vsm_actors.core.window.view import View
from vsm_actors.systems.s2_coordination.capacity import Capacity, Sources, no_sources
from vsm_actors.systems.s2_coordination.delivery import Delivery, no_delivery
from vsm_actors.systems.s2_coordination.edges import Edge, edge_labels
from vsm_actors.systems.s2_coordination.flow import Flows, no_flows


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelState:
    """What ChannelMonitor remembers."""

    delivery: Delivery
    flows: Flows
    sources: Sources


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelMonitor:
    """Loss, use of capacity and silence of every edge.

    Attributes:
        capacities: those that the configuration declares.
        window: seconds that losses and rates cover.
        memory: seconds that entropies and usual intervals cover.
        patience: seconds after which a message that was not received is lost.
        held: seconds after which a silent edge is forgotten.
        minimum: messages under which no share of them is said.
        cap: states of a channel at most; further ones are counted as one.
        messages: ids that are followed at most: 60 s of 1,666 messages a second.
        limit: edges at most: the cap on the series of one metric.
    """

    capacities: tuple[Capacity, ...] = ()
    window: float = 300.0
    memory: float = 3600.0
    patience: float = 60.0
    held: float = 86400.0
    minimum: int = 20
    cap: int = 256
    messages: int = 100_000
    limit: int = 20_000
    name: str = field(default="ChannelMonitor", init=False)
    system: int = field(default=2, init=False)

    def initial(self) -> ChannelState:
        """Return the state of one that has seen nothing."""
        return ChannelState(
            delivery=no_delivery(
                window=self.window,
                patience=self.patience,
                messages=self.messages,
                limit=self.limit,
            ),
            flows=no_flows(
                window=self.window,
                patience=self.patience,
                memory=self.memory,
                held=self.held,
                limit=self.limit,
            ),
            sources=no_sources(
                self.capacities,
                window=self.window,
                memory=self.memory,
                cap=self.cap,
                limit=self.limit,
            ),
        )

    def fold(self, state: ChannelState, event: Event) -> ChannelState:
        """Return `state` with a message that has an id."""
        delivery = state.delivery.heard(event)
        return ChannelState(delivery=delivery, flows=state.flows, sources=state.sources)

    def observe(self, state: ChannelState, view: View) -> ChannelState:
        """Return `state` with the messages of one window counted."""
        return ChannelState(
            delivery=state.delivery,
            flows=state.flows.observe(view),
            sources=state.sources.observe(view),
        )

    def conclude(self, state: ChannelState, now: float) -> tuple[ChannelState, tuple[Reading, ...]]:
        """Return what can be said of every edge."""
        kept = ChannelState(
            delivery=state.delivery.advance(now),
            flows=state.flows.advance(now),
            sources=state.sources.advance(now),
        )
        readings = (
            *self._losses(kept, now),
            *_silences(kept.flows, now),
            *kept.sources.readings(now),
        )
        return kept, readings

    def refused(self, state: ChannelState) -> int:
        """Return how often a bound refused a message or an edge."""
        counted = state.flows.edges.refused + state.sources.edges.refused
        return state.delivery.refused + counted

    def _losses(self, state: ChannelState, now: float) -> Iterator[Reading]:
        """Yield the loss of each edge: by ids where enough have them, else by counts."""
        known: set[Edge] = set()
        for edge, fate in state.delivery.fates.items():
            n, lost = fate.judged.total(now)
            if fate.heard and n >= self.minimum:
                known.add(edge)
                yield _loss(edge, n, lost, now - fate.newest)
        for edge, n, lost in state.flows.losses(now):
            if edge not in known and n >= self.minimum:
                flow = state.flows.edges.cells[edge]
                yield _loss(edge, n, lost, now - flow.newest)


def _loss(edge: Edge, n: float, lost: float, age: float) -> Reading:
    return Reading(
        family="vsm_channel_loss_ratio",
        labels=edge_labels(edge),
        value=lost / n,
        n=int(n),
        age=max(0.0, age),
    )


def _silences(flows: Flows, now: float) -> Iterator[Reading]:
    for edge, flow in flows.edges.items():
        phi = flow.pulse.phi(now)
        if phi is not None:
            yield Reading(
                family="vsm_channel_silence_phi",
                labels=edge_labels(edge),
                value=phi,
                n=int(flow.pulse.counts.total(now)[0]),
                age=max(0.0, now - flow.pulse.last),
            )
