"""VarietyManager: what channels do to variety, and what the answers to conflicts regulate."""

from dataclasses import dataclass, field, replace

from vsm_actors.core.reading import Reading
from vsm_actors.core.record import Event
from vsm_actors.core.window.view import View
from vsm_actors.systems.s2_coordination.channels import Channels, no_channels
from vsm_actors.systems.s2_coordination.regulation import Regulation, no_regulation


@dataclass(frozen=True, slots=True, kw_only=True)
class VarietyManagerState:
    """What VarietyManager remembers."""

    channels: Channels
    regulation: Regulation


@dataclass(frozen=True, slots=True, kw_only=True)
class VarietyManager:
    """Variety in and out of channels, attenuation and absorption; regulation of conflicts.

    Attributes:
        window: seconds that entropies cover.
        cap: pairs of conflict and answer at most; further ones are counted as one. States of
            messages are capped by their series.
        patience: seconds that a conflict waits for its answer.
        limit: series of states, conflicts, and paths, at most: the cap on the series of one metric.
    """

    window: float = 3600.0
    cap: int = 256
    patience: float = 86400.0
    limit: int = 20_000
    name: str = field(default="VarietyManager", init=False)
    system: int = field(default=2, init=False)

    def initial(self) -> VarietyManagerState:
        """Return the state of one that has seen nothing."""
        return VarietyManagerState(
            channels=no_channels(self.window, self.limit),
            regulation=no_regulation(self.window, self.cap, self.patience, self.limit),
        )

    def fold(self, state: VarietyManagerState, event: Event) -> VarietyManagerState:
        """Return `state` with a conflict, or the answer to one, folded in."""
        regulation = state.regulation
        detected = event.name == "conflict.detected"
        folded = regulation.detected(event) if detected else regulation.resolved(event)
        return replace(state, regulation=folded)

    def observe(self, state: VarietyManagerState, view: View) -> VarietyManagerState:
        """Return `state` with the states that the messages of one window carried."""
        return replace(state, channels=state.channels.observe(view))

    def conclude(
        self, state: VarietyManagerState, now: float
    ) -> tuple[VarietyManagerState, tuple[Reading, ...]]:
        """Return what can be said of channels and conflicts."""
        channels, regulation = state.channels.advance(now), state.regulation.advance(now)
        readings = (*channels.readings(now), *regulation.readings(now))
        return VarietyManagerState(channels=channels.told(), regulation=regulation), readings

    def refused(self, state: VarietyManagerState) -> int:
        """Return how often a bound refused a series, a conflict or a path."""
        return state.channels.series.refused + state.regulation.refused
