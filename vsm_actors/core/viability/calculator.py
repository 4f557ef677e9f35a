"""Viability: what the monitors concluded, rolled up to health, viability index and recursion depth.

A part of a system's health is not applicable (by structure or configuration), present, or stale.
Weights renormalise over what is not applicable only; a required part that is stale makes the
health absent, and is named. No last value is held: what falls silent must not raise a figure.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from immutables import Map

from vsm_actors.core.messages import Concluded
from vsm_actors.core.naming import SYSTEMS
from vsm_actors.core.reading import Reading
from vsm_actors.core.state.bounded import Bounded, bounded
from vsm_actors.core.variety.requisite import ratios
from vsm_actors.core.viability.health import Health, HealthModel
from vsm_actors.core.viability.parts import Key, Quality, geometric, qualities
from vsm_actors.core.viability.recursion import Structure, structure
from vsm_actors.core.window.view import View

Pairs: TypeAlias = Mapping[tuple[str, str], float]
"""min(1, ratio) by path and pair."""

_INPUTS = len(SYSTEMS) + 1
"""Of the viability index: five healths, and the requisite ratios."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one monitor concluded last, as far as roll-ups need it.

    Attributes:
        tick: Unix seconds of the window that it answered.
        qualities: by path and part.
        pairs: min(1, ratio) by path and pair.
    """

    tick: float
    qualities: Mapping[Key, Quality]
    pairs: Pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class ViabilityState:
    """What ViabilityCalculator remembers.

    Attributes:
        answers: of each monitor.
        structure: who reported, and which units there are.
        pairs: Unix seconds at which a pair had data last, by path and pair.
    """

    answers: Map[str, Answer]
    structure: Structure
    pairs: Bounded[tuple[str, str], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Viability:
    """The roll-ups, as a fold over what monitors conclude.

    Attributes:
        model: which parts make the healths.
        answered: seconds after which a monitor's answer is stale: two windows of the bulk lane.
        pair_memory: seconds for which a pair that fell silent is still required: the hour over
            which variety is counted.
        limit: reporters, units and pairs at most, each.
    """

    model: HealthModel = field(default_factory=HealthModel)
    answered: float = 2.0
    pair_memory: float = 3600.0
    limit: int = 20_000

    def initial(self) -> ViabilityState:
        """Return the state of one that was told nothing."""
        return ViabilityState(
            answers=Map(),
            structure=structure(self.model.windows, self.limit),
            pairs=bounded(self.limit),
        )

    def observe(self, state: ViabilityState, view: View) -> ViabilityState:
        """Return `state` with the systems and units that reported in a window."""
        return replace(state, structure=state.structure.observe(view))

    def answer(self, state: ViabilityState, concluded: Concluded) -> ViabilityState:
        """Return `state` with a monitor's answer in place of its last one."""
        answer = Answer(
            tick=concluded.tick,
            qualities=qualities(concluded.readings),
            pairs=ratios(concluded.readings),
        )
        return replace(state, answers=state.answers.set(concluded.monitor, answer))

    def roll_up(
        self, state: ViabilityState, now: float
    ) -> tuple[ViabilityState, tuple[Reading, ...]]:
        """Return health, viability and recursion depth of every path, as far as they are known."""
        state = replace(state, structure=state.structure.advance(now))
        by_path, pairs = self._current(state, now)
        state = replace(state, pairs=self._seen(state, pairs, now))
        required: defaultdict[str, list[str]] = defaultdict(list)
        for path, pair in state.pairs.cells:
            required[path].append(pair)
        units = state.structure.unit_counts()
        readings: list[Reading] = []
        for path in {*by_path, *state.structure.paths()}:
            healths = self.model.healths(path, by_path.get(path, {}), units.get(path, 0))
            for system, health in healths.items():
                readings += health.readings(path, system)
            least = [pairs.get((path, pair)) for pair in required[path]]
            readings += _of_index(path, healths, least, units.get(path, 0))
        for path, depth in state.structure.depths().items():
            labels = {"path": path}
            readings.append(
                Reading(family="vsm_recursion_depth", labels=labels, value=float(depth), n=1)
            )
        return state, tuple(readings)

    def refused(self, state: ViabilityState) -> int:
        """Return how many reporters, units and pairs the bounds have refused."""
        held = state.structure
        return held.reports.refused + held.units.refused + state.pairs.refused

    def _current(
        self, state: ViabilityState, now: float
    ) -> tuple[Mapping[str, Mapping[str, Quality]], Pairs]:
        """Return what the monitors that still answer say, by path and part."""
        by_path: defaultdict[str, dict[str, Quality]] = defaultdict(dict)
        pairs: dict[tuple[str, str], float] = {}
        for answer in state.answers.values():
            # Either way: after the system's clock was set back, an answer lies in the future.
            if abs(now - answer.tick) <= self.answered:
                pairs.update(answer.pairs)
                for (path, part), quality in answer.qualities.items():
                    by_path[path][part] = quality
        return by_path, pairs

    def _seen(
        self, state: ViabilityState, pairs: Pairs, now: float
    ) -> Bounded[tuple[str, str], float]:
        seen = state.pairs
        for key in pairs:
            seen = seen.put(key, now)
        old = [key for key, when in seen.items() if now - when > self.pair_memory]
        return seen.without(*old)


def _of_index(
    path: str, healths: Mapping[int, Health], least: list[float | None], units: int
) -> Iterator[Reading]:
    """Yield the viability index with what limits it, or why there is none."""
    known = {system: health.value for system, health in healths.items() if health.value is not None}
    held = [ratio for ratio in least if ratio is not None]
    reasons = [f"system-{system}" for system in SYSTEMS if system not in known]
    if not least or len(held) < len(least):
        reasons.append("variety")
    labels = {"path": path}
    for reason in ["leaf"] if units == 0 else reasons:
        yield Reading(
            family="vsm_viability_absent", labels={**labels, "reason": reason}, value=1.0, n=0
        )
    covered = (len(known) + (len(held) / len(least) if least else 0.0)) / _INPUTS
    for family, value in (
        ("vsm_viability_index_coverage_ratio", covered),
        *(() if reasons or units == 0 else _index(known, held)),
    ):
        yield Reading(family=family, labels=labels, value=value, n=len(known), coverage=covered)


def _index(known: Mapping[int, float], ratios: list[float]) -> Iterator[tuple[str, float]]:
    # The mean of figures that are all 100 must not come out as 100.00000000000004.
    yield "vsm_viability_index", min(100.0, geometric(list(known.values()))) * min(ratios)
    limiting = min(known, key=lambda system: (known[system], system))
    yield "vsm_viability_limiting_system", float(limiting)
