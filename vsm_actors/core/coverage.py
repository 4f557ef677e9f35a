"""How good a monitor's readings are: coverage and age, as readings themselves."""

from collections.abc import Iterable

from vsm_actors.core.reading import Reading


def coverage_of(monitor: str, system: int, readings: Iterable[Reading]) -> tuple[Reading, ...]:
    """Return the coverage and the age of what a monitor concluded, by path and unit.

    The weakest reading speaks for its unit: the least coverage, the greatest age.
    """
    found: dict[tuple[str, str], list[Reading]] = {}
    for one in readings:
        key = one.labels.get("path", ""), one.labels.get("unit", "")
        found.setdefault(key, []).append(one)
    return tuple(
        reading
        for (path, unit), of in found.items()
        for reading in _pair(
            {"path": path, "unit": unit, "system": str(system), "monitor": monitor}, of
        )
    )


def _pair(labels: dict[str, str], of: list[Reading]) -> tuple[Reading, Reading]:
    n = min(one.n for one in of)
    coverage = min(one.coverage for one in of)
    age = max(one.age for one in of)
    return (
        Reading(family="vsm_reading_coverage_ratio", labels=labels, value=coverage, n=n),
        Reading(family="vsm_reading_age_seconds", labels=labels, value=age, n=n),
    )
