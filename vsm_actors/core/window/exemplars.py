"""Which exemplars a window keeps."""

from collections.abc import Iterable

from vsm_actors.core.batch import Exemplar

KEPT = 64
"""Exemplars of a window, whatever their series: enough for every bucket of a few histograms."""


def newest(parts: Iterable[tuple[Exemplar, ...]]) -> tuple[Exemplar, ...]:
    """Return the newest `KEPT` of all, newest first; in a total order, so that it merges."""
    found = [one for part in parts for one in part]
    return tuple(sorted(found, key=_age, reverse=True)[:KEPT])


def _age(one: Exemplar) -> tuple[float, int, float, str, str]:
    return one.time, one.series, one.value, one.trace, one.span
