"""Viability: what the monitors concluded, rolled up to health, viability index and recursion depth.

A part of a system's health is not applicable (by structure or configuration), present, or stale.
Weights renormalise over what is not applicable only; a required part that is stale makes the
health absent, and is named. No last value is held: what falls silent must not raise a figure.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import TypeAlias

from immutables import Map

from vsm_actors.core.bounded import Bounded, bounded
from vsm_actors.core.health import PARTS, Key, Part, Quality, geometric, qualities
from vsm_actors.core.messages import Concluded
from vsm_actors.core.reading import Reading
from vsm_actors.core.recursion import WINDOWS, Structure, structure
from vsm_actors.core.requisite import ratios
from vsm_actors.core.view import View

Pairs: TypeAlias = Mapping[tuple[str, str], float]
"""min(1, ratio) by path and pair."""

_SYSTEMS = (1, 2, 3, 4, 5)
_INPUTS = len(_SYSTEMS) + 1
"""Of the viability index: five healths, and the requisite ratios."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """A part that the configuration calls not applicable.

    Attributes:
        path: a glob over paths.
        system: 1 to 5.
        part: its name, or "*" for all of the system's.
    """

    path: str
    system: int
    part: str


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
class Health:
    """The health of one system of one path.

    Attributes:
        value: 0 to 100, None where a required part is stale or no part applies.
        coverage: weight of the parts present, of those that apply.
        stale: required parts that are not there.
        present: what each part is worth.
    """

    value: float | None
    coverage: float
    stale: tuple[str, ...]
    present: tuple[tuple[Part, Quality], ...]


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
        weights: of the parts, by name; 1 where not said.
        exclusions: parts that are not applicable by configuration.
        scanned: paths that expect to hear from sources; elsewhere freshness does not apply.
        windows: seconds over which each system is looked at; data older than two of them is stale.
        answered: seconds after which a monitor's answer is stale: two windows of the bulk lane.
        pair_memory: seconds for which a pair that fell silent is still required: the hour over
            which variety is counted.
        limit: reporters, units and pairs at most, each.
    """

    weights: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    exclusions: tuple[Exclusion, ...] = ()
    scanned: frozenset[str] = frozenset()
    windows: Mapping[int, float] = WINDOWS
    answered: float = 2.0
    pair_memory: float = 3600.0
    limit: int = 20_000

    def initial(self) -> ViabilityState:
        """Return the state of one that was told nothing."""
        return ViabilityState(
            answers=Map(),
            structure=structure(self.windows, self.limit),
            pairs=bounded(self.limit),
        )

    def observe(self, state: ViabilityState, view: View) -> ViabilityState:
        """Return `state` with the systems and units that reported in a window."""
        return replace(state, structure=state.structure.observe(view))

    def answer(self, state: ViabilityState, concluded: Concluded) -> ViabilityState:
        """Return `state` with a monitor's answer in place of its last one, unless it is older."""
        known = state.answers.get(concluded.monitor)
        if known is not None and known.tick > concluded.tick:
            return state
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
            healths = self._healths(path, by_path.get(path, {}), units.get(path, 0))
            for system, health in healths.items():
                readings += _of_health(path, system, health)
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
            if now - answer.tick <= self.answered:
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

    def _healths(
        self, path: str, present: Mapping[str, Quality], units: int
    ) -> Mapping[int, Health]:
        excluded = [one for one in self.exclusions if fnmatchcase(path, one.path)]
        healths: dict[int, Health] = {}
        for system in _SYSTEMS:
            parts = [
                part
                for part in PARTS
                if part.system == system and self._applies(part, path, units, excluded)
            ]
            if parts:
                healths[system] = self._health(parts, present)
        return healths

    def _applies(self, part: Part, path: str, units: int, excluded: list[Exclusion]) -> bool:
        if part.system == 2 and units < 2:  # noqa: PLR2004 - System 2 coordinates two units or more
            return False
        if part.name == "freshness" and path not in self.scanned:
            return False
        return not any(
            one.system == part.system and one.part in {part.name, "*"} for one in excluded
        )

    def _health(self, parts: list[Part], qualities: Mapping[str, Quality]) -> Health:
        weights = {part.name: self.weights.get(part.name, 1.0) for part in parts}
        present = [
            (part, qualities[part.name])
            for part in parts
            if part.name in qualities and qualities[part.name].age <= 2 * self.windows[part.system]
        ]
        named = {part.name for part, _ in present}
        stale = tuple(name for name in weights if name not in named)
        value = None
        if not stale:
            values = [quality.value for _, quality in present]
            value = 100.0 * geometric(values, [weights[part.name] for part, _ in present])
        weight = math.fsum(weights[name] for name in named)
        return Health(
            value=value,
            coverage=min(1.0, weight / math.fsum(weights.values())),
            stale=stale,
            present=tuple(present),
        )


def _of_health(path: str, system: int, health: Health) -> Iterator[Reading]:
    labels = {"path": path, "system": str(system)}
    age = max((quality.age for _, quality in health.present), default=0.0)
    n = len(health.present)
    if health.value is not None:
        yield Reading(family="vsm_system_health", labels=labels, value=health.value, n=n, age=age)
    yield Reading(
        family="vsm_system_health_coverage_ratio",
        labels=labels,
        value=health.coverage,
        n=n,
        age=age,
    )
    for part, quality in health.present:
        yield Reading(
            family="vsm_system_health_part_ratio",
            labels={**labels, "part": part.name},
            value=quality.value,
            n=quality.n,
            age=quality.age,
        )
    for name in health.stale:
        yield Reading(
            family="vsm_system_health_part_stale", labels={**labels, "part": name}, value=1.0, n=0
        )


def _of_index(
    path: str, healths: Mapping[int, Health], least: list[float | None], units: int
) -> Iterator[Reading]:
    """Yield the viability index with what limits it, or why there is none."""
    known = {system: health.value for system, health in healths.items() if health.value is not None}
    held = [ratio for ratio in least if ratio is not None]
    reasons = [f"system-{system}" for system in _SYSTEMS if system not in known]
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
    yield "vsm_viability_index", geometric(list(known.values())) * min(ratios)
    limiting = min(known, key=lambda system: (known[system], system))
    yield "vsm_viability_limiting_system", float(limiting)
