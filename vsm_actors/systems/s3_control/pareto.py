"""The Pareto front: units that no other unit beats in every respect."""

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Mapping
from typing import TypeAlias, TypeVar

Point: TypeAlias = tuple[float, float, float]
"""Performance (more is better), cost and utilisation (less is better)."""

U = TypeVar("U", bound=Hashable)


def front(points: Mapping[U, Point]) -> frozenset[U]:
    """Return those that no other point dominates: as good in all three, better in one.

    Equal points stand or fall together. O(n log n) comparisons: points are met from the best
    performance down, so a later one never dominates an earlier one, and a staircase of (cost,
    least utilisation so far) answers whether an earlier one dominates.
    """
    stairs: list[tuple[float, float]] = []
    best: set[Point] = set()
    for point in sorted(set(points.values()), key=lambda one: (-one[0], one[1], one[2])):
        _, cost, use = point
        place = bisect_right(stairs, cost, key=_cost)
        if place and stairs[place - 1][1] <= use:
            continue
        best.add(point)
        _step(stairs, cost, use)
    return frozenset(unit for unit, point in points.items() if point in best)


def _step(stairs: list[tuple[float, float]], cost: float, use: float) -> None:
    """Put a step in, and take out those that it covers: not cheaper, and used no less."""
    first = bisect_left(stairs, cost, key=_cost)
    last = first
    while last < len(stairs) and stairs[last][1] >= use:
        last += 1
    stairs[first:last] = [(cost, use)]


def _cost(step: tuple[float, float]) -> float:
    return step[0]
