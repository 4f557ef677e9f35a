"""How many messages pass each edge: losses where there are no ids, and silence."""

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

import msgspec
from msgspec import structs

from vsm_actors.core.state.bounded import Bounded, bounded
from vsm_actors.core.state.rolling import Rolling, Sums, rolling_sums
from vsm_actors.core.window.view import View
from vsm_actors.systems.s2_coordination.edges import Edge

_PLACES = {"sent": 0, "received": 1, "dropped": 2}

INTERVALS = 10
"""Fewer intervals say too little about what is usual."""


class Pulse(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """When an edge is heard, by the clock of arrival.

    Attributes:
        first: Unix seconds at which it began to be listened to.
        counts: messages over the window of silence.
        last: Unix seconds of the latest message.
        usual: mean interval at that moment, seconds; None under ten intervals.
    """

    first: float
    counts: Rolling[Sums]
    last: float
    usual: float | None = None

    def beat(self, view: View, count: float) -> "Pulse":
        """Return this with `count` messages in a view."""
        counts = self.counts.add(view.start, (count,))
        n = counts.total(view.end)[0]
        seconds = min(view.end - self.first, counts.covered(view.end))
        usual = seconds / n if n > INTERVALS else None
        return Pulse(first=self.first, counts=counts, last=view.end, usual=usual)

    def phi(self, now: float) -> float | None:
        """Return -log10 of the chance that so long a pause is usual, were pauses exponential.

        Source: Hayashibara et al. (2004), The phi accrual failure detector.
        """
        if self.usual is None:
            return None
        return max(0.0, now - self.last) / (self.usual * math.log(10))


class Flow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What passes one edge.

    Attributes:
        began: Unix seconds at which it was first seen.
        newest: Unix seconds of the latest message, by its sender's clock.
        counts: messages sent, received and dropped over the window.
        deficit: sent less received, its least value of the last minute: what is on its way
            does not count as missing until it has been missing for so long.
        heard: whether its receiver ever reported.
        pulse: of what is received, or of what is sent while nothing ever was received.
    """

    began: float
    newest: float
    counts: Rolling[Sums]
    deficit: Rolling[float]
    heard: bool
    pulse: Pulse


@dataclass(frozen=True, slots=True, kw_only=True)
class Flows:
    """All edges.

    Attributes:
        window: seconds that counts cover.
        patience: seconds that a deficit must last to be a loss.
        memory: seconds over which the usual interval is taken.
        held: seconds after which a silent edge is forgotten.
        edges: what passes, by edge.
    """

    window: float
    patience: float
    memory: float
    held: float
    edges: Bounded[Edge, Flow]

    def observe(self, view: View) -> "Flows":
        """Return this with the messages of one window."""
        touched: dict[Edge, Flow] = {}
        for edge, (counts, newest) in _passed(view).items():
            flow = self.edges.get(edge) or self._fresh(view, newest)
            touched[edge] = self._with(flow, view, counts, newest)
        return replace(self, edges=self.edges.update(touched))

    def advance(self, now: float) -> "Flows":
        """Return this with the deficits as of `now`, and without what is long silent."""
        silent: list[Edge] = []
        judged: dict[Edge, Flow] = {}
        for edge, flow in self.edges.items():
            if now - flow.pulse.last > self.held:
                silent.append(edge)
            elif flow.heard and not flow.counts.at(now).empty:
                sent, received, _ = flow.counts.total(now)
                deficit = flow.deficit.add(now, sent - received)
                judged[edge] = structs.replace(flow, deficit=deficit)
        return replace(self, edges=self.edges.update(judged).without(*silent))

    def losses(self, now: float) -> Iterator[tuple[Edge, float, float]]:
        """Yield edge, messages, and those lost, as far as it can be told.

        In a steady flow what is on its way cancels between the window's ends. A drop is one of the
        missing, unless more were dropped than are missing: then they were not counted as sent.
        Where the receiver never reports, drops alone are known.
        """
        for edge, flow in self.edges.items():
            sent, _, dropped = flow.counts.total(now)
            told = flow.heard and now - flow.began >= self.patience
            if dropped or (told and sent):
                least = flow.deficit.total(now) if told else 0.0
                missing = min(max(0.0, least), sent)
                unsent = max(0.0, dropped - missing)
                n = sent + unsent if flow.heard else max(sent, dropped)
                yield edge, n, missing + unsent

    def _fresh(self, view: View, newest: float) -> Flow:
        return Flow(
            began=view.start,
            newest=newest,
            counts=rolling_sums(self.window, 3),
            deficit=Rolling(self.patience, math.inf, min, math.inf),
            heard=False,
            pulse=self._listening(view),
        )

    def _listening(self, view: View) -> Pulse:
        return Pulse(first=view.start, counts=rolling_sums(self.memory, 1), last=view.end)

    def _with(self, flow: Flow, view: View, counts: Sums, newest: float) -> Flow:
        sent, received, _ = counts
        if received and not flow.heard:
            flow = self._answered(flow, view, newest)
        beats = received if flow.heard else sent
        return structs.replace(
            flow,
            newest=max(newest, flow.newest),
            counts=flow.counts.add(view.start, counts),
            pulse=flow.pulse.beat(view, beats) if beats else flow.pulse,
        )

    def _answered(self, flow: Flow, view: View, newest: float) -> Flow:
        """Return a flow whose receiver reports for the first time.

        What was sent long before that was not lost, there was only nobody who told.
        """
        late = view.start - flow.began > self.patience
        kept = self._fresh(view, newest) if late else flow
        return structs.replace(kept, heard=True, pulse=self._listening(view))


def no_flows(*, window: float, patience: float, memory: float, held: float, limit: int) -> Flows:
    """Return the state before any message."""
    return Flows(window=window, patience=patience, memory=memory, held=held, edges=bounded(limit))


def _passed(view: View) -> dict[Edge, tuple[Sums, float]]:
    found: defaultdict[Edge, tuple[Sums, float]] = defaultdict(lambda: ((0.0, 0.0, 0.0), 0.0))
    for row in view.rows("vsm_messages_total"):
        path, origin, target, channel, result = row.series.labels
        place = _PLACES.get(result)
        if place is not None and row.sum > 0:
            edge = path, origin, target, channel
            counts, newest = found[edge]
            more = (*counts[:place], counts[place] + row.sum, *counts[place + 1 :])
            found[edge] = more, max(newest, row.time)
    return found
