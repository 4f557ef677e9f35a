"""Health of one system of one path: from its parts to a figure, or to what is missing for one."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from types import MappingProxyType

from vsm_actors.core.reading import Reading
from vsm_actors.core.viability.parts import PARTS, Part, Quality, geometric
from vsm_actors.core.viability.recursion import WINDOWS

_COORDINATION = 2
_SEVERAL = 2
"""Units below which there is nothing to coordinate."""


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
class Health:
    """The health of one system of one path.

    Attributes:
        value: 0 to 100, None where a required part is stale.
        coverage: weight of the parts present, of those that apply.
        stale: required parts that are not there.
        present: what each part is worth.
    """

    value: float | None
    coverage: float
    stale: tuple[str, ...]
    present: tuple[tuple[Part, Quality], ...]

    def readings(self, path: str, system: int) -> Iterator[Reading]:
        """Yield the health, its coverage, and its parts, present and stale."""
        labels = {"path": path, "system": str(system)}
        age = max((quality.age for _, quality in self.present), default=0.0)
        for family, value in (
            ("vsm_system_health", self.value),
            ("vsm_system_health_coverage_ratio", self.coverage),
        ):
            if value is not None:
                n, cover = len(self.present), self.coverage
                yield Reading(
                    family=family, labels=labels, value=value, n=n, coverage=cover, age=age
                )
        for part, quality in self.present:
            yield Reading(
                family="vsm_system_health_part_ratio",
                labels={**labels, "part": part.name},
                value=quality.value,
                n=quality.n,
                age=quality.age,
            )
        for name in self.stale:
            named = {**labels, "part": name}
            yield Reading(family="vsm_system_health_part_stale", labels=named, value=1.0, n=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthModel:
    """Which parts apply where, and what they weigh.

    Attributes:
        weights: of the parts, by name, above 0; 1 where not said.
        exclusions: parts that are not applicable by configuration.
        scanned: paths that expect to hear from sources; elsewhere freshness does not apply.
        windows: seconds over which each system is looked at; data older than two of them is stale.
    """

    weights: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    exclusions: tuple[Exclusion, ...] = ()
    scanned: frozenset[str] = frozenset()
    windows: Mapping[int, float] = field(default_factory=lambda: WINDOWS)

    def healths(
        self, path: str, present: Mapping[str, Quality], units: int
    ) -> Mapping[int, Health]:
        """Return the health of every system of a path to which some part applies.

        Args:
            path: the viable system.
            present: what its parts are worth, by name.
            units: how many it has.
        """
        excluded = [one for one in self.exclusions if fnmatchcase(path, one.path)]
        parts: dict[int, list[Part]] = {}
        for part in PARTS:
            if self._applies(part, path, units, excluded):
                parts.setdefault(part.system, []).append(part)
        return {system: self._health(some, present) for system, some in parts.items()}

    def _applies(self, part: Part, path: str, units: int, excluded: list[Exclusion]) -> bool:
        if part.system == _COORDINATION and units < _SEVERAL:
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
