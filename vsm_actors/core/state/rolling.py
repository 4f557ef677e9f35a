"""Rolling aggregates over a window of time, immutable, without ever subtracting.

Two-stack sliding-window aggregation (Tangwongsan, Hirzel, Schneider and Wu, 2015) over time
buckets: what leaves the window is dropped, not subtracted, so that no rounding is left behind and
any associative `combine` will do. An add is O(1); expiry is amortised O(1) a bucket.
"""

from collections.abc import Callable
from operator import add
from typing import Generic, TypeAlias, TypeVar

import msgspec

V = TypeVar("V")

Sums: TypeAlias = tuple[float, ...]
"""Several sums side by side; their places are named by whoever keeps them."""

BUCKETS = 60
"""Buckets a window: its edge is sharp to 1/60 of it, and a cell stays below 10 KB."""


class _Link(msgspec.Struct, Generic[V], frozen=True, gc=False):
    """A bucket and those under it: sharing tails is what makes the stacks cheap to keep."""

    number: int
    value: V
    rest: "_Link[V] | None"


class Rolling(msgspec.Struct, Generic[V], frozen=True, gc=False):
    """An aggregate of what was added within the last `span` seconds.

    Time moves forward only: what is added late goes into the newest bucket.

    Attributes:
        span: seconds; what is older is dropped, a whole bucket at a time.
        zero: the aggregate of nothing.
        combine: associative, with `zero` as its neutral element; the older value comes first.
        newest: number of the newest bucket.
        oldest: number of the oldest bucket on the back stack.
        back: buckets by value, the newest on top.
        back_total: their aggregate.
        front: buckets by the aggregate of themselves and all newer ones of this stack, the
            oldest on top.
    """

    span: float
    zero: V
    combine: Callable[[V, V], V]
    back_total: V
    newest: int = 0
    oldest: int = 0
    back: _Link[V] | None = None
    front: _Link[V] | None = None

    def add(self, now: float, value: V) -> "Rolling[V]":
        """Return this with `value` added at `now`, Unix seconds, and the old dropped."""
        number = max(self._number(now), self.newest)
        fresh = self._expired(number)
        back = fresh.back
        if back is None:
            link, oldest = _Link(number, value, None), number
        elif back.number == number:
            link, oldest = _Link(number, fresh.combine(back.value, value), back.rest), fresh.oldest
        else:
            link, oldest = _Link(number, value, back), fresh.oldest
        total = fresh.combine(fresh.back_total, value)
        return Rolling(self.span, self.zero, self.combine, total, number, oldest, link, fresh.front)

    def total(self, now: float) -> V:
        """Return the aggregate over the window that ends at `now`."""
        fresh = self.at(now)
        if fresh.front is None:
            return fresh.back_total
        return fresh.combine(fresh.front.value, fresh.back_total)

    def at(self, now: float) -> "Rolling[V]":
        """Return this with everything dropped that is too old at `now`; itself if nothing is."""
        return self._expired(self._number(now))

    def covered(self, now: float) -> float:
        """Return the seconds before `now` that `total` looks back on: 59/60 to 60/60 of `span`."""
        return now - (self._number(now) - BUCKETS + 1) * self.span / BUCKETS

    @property
    def empty(self) -> bool:
        """Whether nothing is left; certain only after `at`."""
        return self.back is None and self.front is None

    def _number(self, now: float) -> int:
        return int(now * BUCKETS // self.span)

    def _expired(self, number: int) -> "Rolling[V]":
        horizon = number - BUCKETS
        front = _drop(self.front, horizon)
        if front is None and self.back is not None and self.oldest <= horizon:
            front = _drop(self._flipped(), horizon)
            return self._with(zero=True, front=front)
        return self if front is self.front else self._with(zero=False, front=front)

    def _with(self, *, zero: bool, front: _Link[V] | None) -> "Rolling[V]":
        back, total = (None, self.zero) if zero else (self.back, self.back_total)
        return Rolling(
            self.span, self.zero, self.combine, total, self.newest, self.oldest, back, front
        )

    def _flipped(self) -> _Link[V] | None:
        link, front, total = self.back, None, self.zero
        while link is not None:
            total = self.combine(link.value, total)
            front = _Link(link.number, total, front)
            link = link.rest
        return front


def _drop(link: _Link[V] | None, horizon: int) -> _Link[V] | None:
    while link is not None and link.number <= horizon:
        link = link.rest
    return link


def add_sums(older: Sums, newer: Sums) -> Sums:
    """Return the sums of both, place by place."""
    return tuple(map(add, older, newer))


def rolling_sums(span: float, width: int) -> Rolling[Sums]:
    """Return an empty window of `span` seconds over `width` sums."""
    zero = (0.0,) * width
    return Rolling(span, zero, add_sums, zero)
