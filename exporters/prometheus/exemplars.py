"""Exemplars of histogram buckets: the newest trace of each bucket, bounded."""

from collections import OrderedDict
from collections.abc import Iterator

from exporters.prometheus.lettering import label_pairs
from exporters.prometheus.numbers import number
from vsm_actors.core.batch import Exemplar

LIMIT = 10_000
"""Buckets that keep one: about 2 MB; past it the one that waited longest gives way."""


class Exemplars:
    """By series and bucket; OpenMetrics only."""

    def __init__(self, limit: int = LIMIT) -> None:
        """Make an empty collection of at most `limit`."""
        self._limit = limit
        self._tails: OrderedDict[tuple[int, int], bytes] = OrderedDict()

    def put(self, exemplar: Exemplar, bucket: int) -> None:
        """Keep the newest exemplar of a bucket."""
        pairs = label_pairs(("trace_id", "span_id"), (exemplar.trace, exemplar.span))
        tail = f" # {{{pairs}}} {number(exemplar.value)} {exemplar.time:.3f}"
        key = (exemplar.series, bucket)
        self._tails[key] = tail.encode()
        self._tails.move_to_end(key)
        if len(self._tails) > self._limit:
            self._tails.popitem(last=False)

    def forget(self, series: set[int]) -> None:
        """Drop those of series that are gone."""
        for key in [key for key in self._tails if key[0] in series]:
            del self._tails[key]

    def __iter__(self) -> Iterator[tuple[int, int, bytes]]:
        """Yield series, bucket and what follows the value."""
        return ((series, bucket, tail) for (series, bucket), tail in self._tails.items())
