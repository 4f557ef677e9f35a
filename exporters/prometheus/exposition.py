"""What `/metrics` shows: the latest absolute value of every series, and how it is written."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

import numpy as np
from prometheus_client import CollectorRegistry

from exporters.prometheus.block import Block
from exporters.prometheus.exemplars import Exemplars
from exporters.prometheus.metadata import Metadata, header
from exporters.prometheus.negotiation import Format
from exporters.prometheus.own import own_metrics
from exporters.prometheus.recent import Recent, of_series
from vsm_actors.core.batch import Exemplar, Floats, Ids
from vsm_actors.core.families import QUANTILES, Family, Kind
from vsm_actors.core.series import Series, SeriesTable
from vsm_actors.core.window import Cells, Frame, Window
from vsm_actors.core.window.sketch import quantiles

_FIRST = 1024
_NONE = 0
"""The number of no block: series of a name whose kind was another one first."""


@dataclass(frozen=True, slots=True)
class _Written:
    """The sample lines of a block as last written; a summary's with a version of the sketches."""

    version: int
    body: bytes


class Exposition:
    """Dense columns by series id, and a block for every name. One thread uses it.

    Applying a frame twice is the same as once; a full frame makes everything whole.
    """

    def __init__(self, table: SeriesTable, recent: Recent | None = None) -> None:
        """Know nothing but, maybe, the last five minutes' sketches.

        Args:
            table: of the ids in frames and windows; read only.
            recent: what an incarnation before this one has gathered.
        """
        self.recent = recent or Recent()
        self._table = table
        self._exemplars = Exemplars()
        self._names: dict[str, int] = {}
        self._blocks: list[Block | None] = [None]
        self._written: list[_Written | None] = [None]
        self._quantiles: tuple[int, Ids, Floats] | None = None
        # By series id: which block, which row in it, and the figures.
        self._block: Ids = np.full(_FIRST, -1, dtype=np.int32)
        self._row: Ids = np.zeros(_FIRST, dtype=np.int32)
        self._count, self._sum, self._last = np.zeros((3, _FIRST))

    def apply(self, frame: Frame) -> None:
        """Take over the totals of a frame; what it leaves behind is shown no longer."""
        ids = frame.series
        self._forget(self._left_out(ids) if frame.full else frame.gone)
        if len(ids):
            self._reserve(int(ids[-1]) + 1)
            for series in ids[self._block[ids] < 0].tolist():
                self._admit(self._table[series])
            self._count[ids], self._sum[ids] = frame.count, frame.sum
            self._last[ids] = frame.last
            for number in np.unique(self._block[ids]).tolist():
                self._written[number] = None
            self._fill(frame.buckets)
        for exemplar in frame.exemplars:
            self._exemplify(exemplar)

    def observe(self, window: Window) -> None:
        """Take over the summaries' sketches of a window."""
        summaries = self._table.kinds == Kind.SUMMARY
        self.recent = self.recent.with_window(of_series(window.sketch, summaries))

    def render(self, form: Format, own: CollectorRegistry) -> bytes:
        """Return the whole exposition.

        Args:
            form: the format.
            own: the daemon's own metrics.
        """
        mine = tuple(own_metrics(own))
        names = self._names.keys() | {about.name for about, _ in mine}
        parts = {about.name: (about, body) for about, body in (*self._parts(form), *mine)}
        pieces: list[bytes] = []
        for name in sorted(parts):
            about, body = parts[name]
            pieces += (header(about, form, names), body, b"\n")
        if form is Format.OPENMETRICS:
            pieces.append(b"# EOF\n")
        return b"".join(pieces)

    def _parts(self, form: Format) -> Iterator[tuple[Metadata, bytes]]:
        for number, block in self._present():
            body = self._body(number, block, form)
            if body:
                yield _about(block.family), body

    def _admit(self, series: Series) -> None:
        number = self._number(series.family)
        block = self._blocks[number]
        self._block[series.id] = number
        if block is not None:
            self._row[series.id] = block.admit(series)

    def _number(self, family: Family) -> int:
        number = self._names.get(family.name)
        if number is None:
            number = self._names[family.name] = len(self._blocks)
            self._blocks.append(Block(family))
            self._written.append(None)
        block = self._blocks[number]
        # One name has one type in an exposition; intake counts the other one as a type conflict.
        return _NONE if block is None or block.family.kind is not family.kind else number

    def _reserve(self, length: int) -> None:
        while length > len(self._block):
            self._block = np.concatenate([self._block, np.full_like(self._block, -1)])
            self._row = np.concatenate([self._row, np.zeros_like(self._row)])
            self._count, self._sum, self._last = (
                np.concatenate([column, np.zeros_like(column)])
                for column in (self._count, self._sum, self._last)
            )

    def _fill(self, cells: Cells) -> None:
        numbers = self._block[cells.series]
        for number in np.unique(numbers).tolist():
            block = self._blocks[number]
            if block is not None:
                mine = numbers == number
                rows = self._row[cells.series[mine]]
                block.fill(rows, cells.index[mine], cells.count[mine])

    def _exemplify(self, exemplar: Exemplar) -> None:
        known = exemplar.series < len(self._block) and self._block[exemplar.series] > _NONE
        block = self._blocks[self._block[exemplar.series]] if known else None
        if block is not None and block.family.kind is Kind.HISTOGRAM:
            bucket = int(np.searchsorted(block.family.buckets, exemplar.value))
            self._exemplars.put(exemplar, bucket)

    def _body(self, number: int, block: Block, form: Format) -> bytes:
        tails = self._tails(number, block) if form is Format.OPENMETRICS else {}
        if tails:
            return block.text(self._values(block), tails)
        version = self.recent.version if block.family.kind is Kind.SUMMARY else 0
        written = self._written[number]
        if written is None or written.version != version:
            body = block.text(self._values(block), tails)
            written = self._written[number] = _Written(version, body)
        return written.body

    def _tails(self, number: int, block: Block) -> dict[int, bytes]:
        if block.family.kind is not Kind.HISTOGRAM:
            return {}
        return {
            int(self._row[series]) * block.lines + bucket: tail
            for series, bucket, tail in self._exemplars
            if self._block[series] == number
        }

    def _values(self, block: Block) -> Floats:
        ids = block.ids
        match block.family.kind:
            case Kind.COUNTER:
                return self._sum[ids][:, None]
            case Kind.GAUGE | Kind.DISTINCT:
                return self._last[ids][:, None]
            case Kind.HISTOGRAM:
                running = block.cumulative()
                return np.column_stack([running, self._sum[ids], running[:, -1]])
            case Kind.SUMMARY:
                return np.column_stack([self._levels(ids), self._sum[ids], self._count[ids]])
            case _ as never:
                assert_never(never)

    def _levels(self, ids: Ids) -> Floats:
        """float64[len(ids), quantiles], NaN where the five minutes hold no observation."""
        version = self.recent.version
        if self._quantiles is None or self._quantiles[0] != version:
            self._quantiles = (version, *quantiles(self.recent.merged(), QUANTILES))
        _, known, levels = self._quantiles
        out = np.full((len(ids), len(QUANTILES)), np.nan)
        place = np.searchsorted(known, ids)
        found = place < len(known)
        found[found] = known[place[found]] == ids[found]
        out[found] = levels[place[found]]
        return out

    def _left_out(self, ids: Ids) -> Ids:
        return np.setdiff1d(np.flatnonzero(self._block >= 0), ids).astype(np.int32)

    def _forget(self, gone: Ids) -> None:
        known = gone[gone < len(self._block)]
        numbers = self._block[known]
        for number in np.unique(numbers[numbers > _NONE]).tolist():
            block = self._blocks[number]
            if block is not None:
                leaving = known[numbers == number]
                self._exemplars.forget(set(leaving.tolist()))
                block.keep(~np.isin(block.ids, leaving))
                self._row[block.ids] = np.arange(len(block))
                self._written[number] = None
        self._block[known] = -1

    def _present(self) -> Iterator[tuple[int, Block]]:
        return ((number, block) for number, block in enumerate(self._blocks) if block is not None)


def _about(family: Family) -> Metadata:
    return Metadata(name=family.name, type=family.kind.exposed, help=family.help, unit=family.unit)
