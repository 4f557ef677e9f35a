"""How often each state of a stream was seen in a rolling window, under a cap on its alphabet.

The window moves in sixty steps, so that forgetting costs what expires, never what is held. Counts
are subtracted when they leave: exact for whole numbers, which samples are. Sums of real figures
belong into a `core.rolling`, which never subtracts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import msgspec

from vsm_actors.core.naming import OVERFLOW

STEPS = 60
"""Steps to a window: what is forgotten is at most 1/60 of the window too old."""

Counts: TypeAlias = Mapping[str, float]
"""Weight by state; a plain dict underneath that nobody changes once it is in a tally.

Small ones are copied faster than a persistent map is changed, and the garbage collector does not
look into dicts of strings and numbers: an hour of 100 streams as persistent maps cost 75 ms a full
collection.
"""


class Slot(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What was added during one step of the window.

    Attributes:
        number: of the step, counted from the epoch.
        counts: weight by state.
    """

    number: int
    counts: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Counts by state over a rolling window.

    Attributes:
        window: seconds.
        cap: states at most; later ones are counted as `OVERFLOW`, which is one of them.
        counts: weight by state over the window.
        n: weight of all samples in the window.
        newest: Unix seconds of the newest sample, -inf before the first.
        slots: what makes up the counts, oldest first.
    """

    window: float
    cap: int = 256
    counts: Counts = field(default_factory=dict)
    n: float = 0.0
    newest: float = float("-inf")
    slots: tuple[Slot, ...] = ()

    def __getitem__(self, state: str) -> float:
        """Return the weight of a state over the window, 0 where it was not seen."""
        return self.counts.get(state, 0.0)

    @property
    def empty(self) -> bool:
        """Whether nothing is left; certain only after `advance`."""
        return not self.slots

    @property
    def overflow(self) -> float:
        """Weight of the samples whose state came after the alphabet was full."""
        return self[OVERFLOW]

    def add(self, samples: Iterable[tuple[str, float]], now: float) -> "Tally":
        """Return a tally with samples, each a state and its weight (above 0), seen at `now`."""
        older, slot = self._open(int(now // (self.window / STEPS)))
        counts, fresh, added = dict(self.counts), dict(slot.counts), 0.0
        for state, weight in samples:
            known = state in counts or len(counts) < self.cap - 1
            kept = state if known else OVERFLOW
            counts[kept] = counts.get(kept, 0.0) + weight
            fresh[kept] = fresh.get(kept, 0.0) + weight
            added += weight
        return Tally(
            window=self.window,
            cap=self.cap,
            counts=counts,
            n=self.n + added,
            newest=max(self.newest, now),
            slots=(*older, Slot(number=slot.number, counts=fresh)),
        )

    def _open(self, number: int) -> tuple[tuple[Slot, ...], Slot]:
        """Return the older slots, and the one of step `number`; what comes late joins the last."""
        if self.slots and self.slots[-1].number >= number:
            return self.slots[:-1], self.slots[-1]
        return self.slots, Slot(number=number, counts={})

    def advance(self, now: float) -> "Tally":
        """Return a tally without what left the window by `now`; itself where nothing did."""
        first = int(now // (self.window / STEPS)) - STEPS
        if not self.slots or self.slots[0].number > first:
            return self
        gone = sum(slot.number <= first for slot in self.slots)
        if gone == len(self.slots):
            return replace(self, counts={}, n=0.0, slots=())
        counts = _subtract(self.counts, self.slots[:gone], frozenset(self._left(gone)))
        # Summed anew, so that rounding of fractional weights cannot build up over the years.
        return replace(self, counts=counts, n=sum(counts.values()), slots=self.slots[gone:])

    def _left(self, gone: int) -> Iterable[str]:
        expired = {state for slot in self.slots[:gone] for state in slot.counts}
        return (
            state for state in expired if any(state in slot.counts for slot in self.slots[gone:])
        )


def _subtract(counts: Counts, slots: tuple[Slot, ...], left: frozenset[str]) -> Counts:
    less = dict(counts)
    for slot in slots:
        for state, weight in slot.counts.items():
            if state in left:
                less[state] = less[state] - weight
            else:
                less.pop(state, None)
    return less
