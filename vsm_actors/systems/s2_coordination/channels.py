"""Variety on its way through channels: what goes in, what comes out.

States are counted by series, all channels side by side in one array, because there are many.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import msgspec
import numpy as np

from vsm_actors.core.reading import Reading
from vsm_actors.core.state.bounded import Bounded, bounded
from vsm_actors.core.state.rolling import Rolling
from vsm_actors.core.statistics.entropy import entropies
from vsm_actors.core.variety.requisite import NO_VARIETY
from vsm_actors.core.window import Cells
from vsm_actors.core.window.cells import NO_CELLS, cells_of, merged_cells
from vsm_actors.core.window.view import Row, View
from vsm_actors.systems.s2_coordination.edges import Edge, edge_labels

End: TypeAlias = tuple[Edge, str]
"""An edge and ``in`` (states sent) or ``out`` (states received)."""

_RESULTS = {"sent": "in", "received": "out"}


class Variety(msgspec.Struct, frozen=True, gc=False):
    """The entropy at one end of a channel.

    Attributes:
        bits: None while it is withheld.
        n: samples.
    """

    bits: float | None
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Channels:
    """All channels that carry states.

    Attributes:
        counts: states by series, over the window.
        total: what they came to when the varieties were judged last.
        series: which end each series belongs to, by its id.
        newest: Unix seconds of the latest state at each end.
        varieties: at each end.
        touched: ends with new states since the last tick.
    """

    counts: Rolling[Cells]
    total: Cells = NO_CELLS
    series: Bounded[int, End]
    newest: Bounded[End, float]
    varieties: Mapping[End, Variety] = field(default_factory=dict)
    touched: frozenset[End] = frozenset()

    def observe(self, view: View) -> "Channels":
        """Return this with the states that the messages of one window carried."""
        rows = [row for row in view.rows("vsm_message_states_total") if _counts(row)]
        if not rows:
            return self
        series = self.series.update(
            {row.series.id: _end(row) for row in rows if row.series.id not in self.series}
        )
        kept = [row for row in rows if row.series.id in series]
        newest: dict[End, float] = {}
        for row in kept:
            end = series.cells[row.series.id]
            newest[end] = max(row.time, newest.get(end) or self.newest.get(end) or row.time)
        return replace(
            self,
            counts=self.counts.add(view.start, _cells(kept)),
            series=series,
            newest=self.newest.update(newest),
            touched=self.touched | newest.keys(),
        )

    def advance(self, now: float) -> "Channels":
        """Return this without what left the window, and with every variety judged."""
        counts = self.counts.at(now)
        if counts is self.counts and not self.touched:
            return self
        total = counts.total(now)
        varieties = _varieties(total, self.series)
        alive = set(total.series.tolist())
        gone = [one for one, _ in self.series.items() if one not in alive]
        quiet = [end for end, _ in self.newest.items() if end not in varieties]
        return replace(
            self,
            counts=counts,
            total=total,
            series=self.series.without(*gone),
            newest=self.newest.without(*quiet),
            varieties=varieties,
        )

    def told(self) -> "Channels":
        """Return this with nothing new, once its readings were taken."""
        return replace(self, touched=frozenset()) if self.touched else self

    def readings(self, now: float) -> Iterator[Reading]:
        """Yield the variety of each end, and what each channel attenuates and absorbs."""
        for (edge, direction), variety in self.varieties.items():
            if variety.bits is None:
                continue
            labels = edge_labels(edge)
            age = max(0.0, now - (self.newest.get((edge, direction)) or now))
            yield Reading(
                family="vsm_channel_variety_bits",
                labels={**labels, "direction": direction},
                value=variety.bits,
                n=variety.n,
                age=age,
            )
            out = self.varieties.get((edge, "out"))
            if direction == "in" and out is not None and out.bits is not None:
                n = min(variety.n, out.n)
                for family, value in self._between(edge, variety.bits, out.bits):
                    yield Reading(family=family, labels=labels, value=value, n=n, age=age)

    def _between(self, edge: Edge, into: float, out: float) -> Iterator[tuple[str, float]]:
        if into >= NO_VARIETY:
            yield "vsm_attenuation_ratio", 1 - out / into
        if (edge, "in") in self.touched or (edge, "out") in self.touched:
            yield "vsm_variety_absorbed_bits", into - out


def no_channels(window: float, limit: int) -> Channels:
    """Return the state before any message: `limit` series at most, over `window` seconds."""
    counts = Rolling(window, NO_CELLS, _merge, NO_CELLS)
    return Channels(counts=counts, series=bounded(limit), newest=bounded(limit))


def _merge(older: Cells, newer: Cells) -> Cells:
    return merged_cells((older, newer))


def _counts(row: Row) -> bool:
    return row.sum > 0 and row.series.labels[4] in _RESULTS


def _end(row: Row) -> End:
    path, origin, target, channel, result, _ = row.series.labels
    return (path, origin, target, channel), _RESULTS[result]


def _cells(rows: list[Row]) -> Cells:
    series = np.array([row.series.id for row in rows], dtype=np.int32)
    return cells_of(series, np.zeros_like(series), np.array([row.sum for row in rows]))


def _varieties(total: Cells, series: Bounded[int, End]) -> dict[End, Variety]:
    places: dict[End, int] = {}
    stream = [places.setdefault(series.cells[one], len(places)) for one in total.series.tolist()]
    found = entropies(total.count, np.array(stream, dtype=np.intp), len(places))
    figures = zip(found.withheld.tolist(), found.bits.tolist(), found.n.tolist(), strict=True)
    return {
        end: Variety(None if withheld else bits, int(n))
        for end, (withheld, bits, n) in zip(places, figures, strict=True)
    }
