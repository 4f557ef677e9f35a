"""CoordinationMonitor: conflicts, waiting for each other, and oscillation between units."""

from dataclasses import dataclass, field, replace

from vsm_actors.core.reading import Reading
from vsm_actors.core.record import Event
from vsm_actors.core.window.view import View
from vsm_actors.systems.s2_coordination.conflicts import Conflicts, Rules, no_conflicts
from vsm_actors.systems.s2_coordination.exchanges import Exchanges, no_exchanges
from vsm_actors.systems.s2_coordination.rhythm import Rhythm, no_rhythm


@dataclass(frozen=True, slots=True, kw_only=True)
class CoordinationState:
    """What CoordinationMonitor remembers."""

    conflicts: Conflicts
    exchanges: Exchanges
    rhythm: Rhythm


@dataclass(frozen=True, slots=True, kw_only=True)
class CoordinationMonitor:
    """What System 2 is for: that units do not get into each other's way, nor swing.

    Attributes:
        rules: what counts as what about conflicts.
        patience: seconds that a request waits for its reply.
        messages: exchanges at most: 300 s of 333 requests a second.
        step: seconds between the samples of a series.
        length: samples of a full window, an hour by default.
        minimum: samples under which oscillation is not judged: white noise then has its crossings.
        batch: series judged a tick at most.
        limit: series at most: the cap on the series of one metric.
    """

    rules: Rules = field(default_factory=Rules)
    patience: float = 300.0
    messages: int = 100_000
    step: float = 15.0
    length: int = 240
    minimum: int = 60
    batch: int = 150
    limit: int = 20_000
    name: str = field(default="CoordinationMonitor", init=False)
    system: int = field(default=2, init=False)

    def initial(self) -> CoordinationState:
        """Return the state of one that has seen nothing."""
        return CoordinationState(
            conflicts=no_conflicts(self.rules),
            exchanges=no_exchanges(self.patience, self.messages),
            rhythm=no_rhythm(
                step=self.step,
                length=self.length,
                minimum=self.minimum,
                batch=self.batch,
                limit=self.limit,
            ),
        )

    def fold(self, state: CoordinationState, event: Event) -> CoordinationState:
        """Return `state` with a conflict or a message folded in."""
        match event.name:
            case "conflict.detected":
                return replace(state, conflicts=state.conflicts.detected(event))
            case "conflict.resolved":
                return replace(state, conflicts=state.conflicts.resolved(event))
            case _:
                return replace(state, exchanges=state.exchanges.heard(event))

    def observe(self, state: CoordinationState, view: View) -> CoordinationState:
        """Return `state` with one window of the units' series."""
        return replace(state, rhythm=state.rhythm.observe(view))

    def conclude(
        self, state: CoordinationState, now: float
    ) -> tuple[CoordinationState, tuple[Reading, ...]]:
        """Return what can be said of conflicts, lags and oscillation."""
        kept = CoordinationState(
            conflicts=state.conflicts.advance(now),
            exchanges=state.exchanges.advance(now),
            rhythm=state.rhythm.advance(now),
        )
        readings = (
            *kept.conflicts.readings(now),
            *state.exchanges.readings(now),
            *kept.rhythm.readings(now),
        )
        return kept, readings

    def refused(self, state: CoordinationState) -> int:
        """Return how often a bound refused a conflict, a message or a series."""
        return state.conflicts.refused + state.exchanges.refused + state.rhythm.beats.refused
