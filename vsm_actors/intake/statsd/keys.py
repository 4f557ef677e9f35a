"""The raw-key cache: the bytes of ``name:|type|@rate|#tags`` to a slot, without reading them again.

It is bounded to twice the series limit and in bytes. What a cap sent to an overflow series is not
cached, nor read further: a flood of new labels costs two look-ups a line and no memory.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np

from vsm_actors.core.batch import Ids
from vsm_actors.core.families import Family
from vsm_actors.core.series import SeriesTable
from vsm_actors.intake.statsd.columns import Places
from vsm_actors.intake.statsd.custom import Metrics
from vsm_actors.intake.statsd.errors import Reason, RejectedError
from vsm_actors.intake.statsd.grammar import (
    MetricType,
    Tail,
    read_event,
    read_name,
    read_tail,
)
from vsm_actors.intake.statsd.index import MISS, Index
from vsm_actors.intake.statsd.place import Placer
from vsm_actors.intake.statsd.prints import Prints
from vsm_actors.intake.statsd.rules import Rule, Rules
from vsm_actors.intake.statsd.slots import Slots
from vsm_actors.intake.statsd.target import Placed, at_rate

MAX_KEY = 1024
"""Bytes of a key that is cached; longer ones are read each time."""

MAX_BYTES = 128 * 1024 * 1024
"""Bytes of all cached keys: 200,000 series of 150 bytes with twofold spelling, twice over."""

MAX_OVER = 4096
"""Spellings of metrics at their cap whose overflow slot is remembered."""

MAX_REFUSED = 16_384
"""Refused keys that are remembered, so that a client that errs steadily stays cheap."""

_REASONS = tuple(Reason)


def refusal(reason: Reason) -> int:
    """Return the code below `MISS` that stands for a refused key."""
    return MISS - 1 - _REASONS.index(reason)


def reason_of(code: int) -> Reason:
    """Return the reason that a code below `MISS` stands for."""
    return _REASONS[MISS - 1 - code]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Over:
    """Where the further keys of a metric at its cap go.

    Attributes:
        slot: of the overflow series, at the rate of the spelling.
        plain: the spelling without a rate: what series made before the cap are cached by.
        family: of the overflow series.
        cap: which one.
    """

    slot: int
    plain: bytes
    family: Family
    cap: str


class Keys:
    """Every key known, over the series table. Made once, outside any incarnation of the intake.

    It only ever gains whole entries, so a crash in the middle of a batch leaves it right.
    """

    def __init__(
        self,
        table: SeriesTable,
        lock: AbstractContextManager[object],
        *,
        default_path: str,
        rules: Sequence[Rule] = (),
    ) -> None:
        """Make an empty cache.

        Args:
            table: the series table that points are interned in.
            lock: entered by every miss; a `threading.Lock`, since a fenced incarnation may linger.
            default_path: where points belong that neither a tag nor a rule places.
            rules: mapping rules, in their order.

        Raises:
            InvalidPathError: `default_path` does not follow the grammar.
            RuleError: a rule that cannot work.
        """
        self.slots = Slots()
        self.cache: dict[bytes, int] = {}
        """Slots, or codes below `MISS`, by raw key."""
        self.index = Index()
        """The same by array."""
        self._table = table
        self._lock = lock
        self._limit = 2 * table.limits.series
        self._metrics = Metrics(limit=table.limits.metric_series)
        self._placer = Placer(table, self._metrics, Rules(rules), default_path)
        self._over: dict[bytes, _Over] = {}
        self._temporary: list[int] = []
        self._retired = table.retired
        self._bytes = 0
        self._refused = 0

    def resolve(self, key: bytes, line: bytes, *, admit: bool) -> int:
        """Return the slot of a key that the cache did not hold a moment ago.

        Args:
            key: the line without its value.
            line: all of it, for events and service checks.
            admit: False when the value is bad, so that nothing is made for it.

        Returns:
            a slot, good until the next `refresh`; `MISS` when not admitted; or a reason's code.
        """
        with self._lock:
            found = self.cache.get(key, MISS)
            if found != MISS:
                return found
            found = self._find_over(key)
            if found != MISS:
                return found
            try:
                return self._resolve(key, line, admit=admit)
            except RejectedError as refused:
                return self._refuse(key, refused.reason)

    def learn(self, found: Prints, places: Places, slots: Ids) -> None:
        """Let the index find what the cache has just learned.

        Args:
            found: the keys of lines.
            places: int64[m], which of them are new in the cache, each key once.
            slots: of all the lines.
        """
        if len(places):
            with self._lock:
                self.index.add(found, places, slots[places])

    def refresh(self) -> None:
        """Between two batches: forget what was not cached, and the keys of retired series."""
        if not self._temporary and self._table.retired == self._retired and self._room(0):
            return
        with self._lock:
            for slot in self._temporary:
                self.slots.drop(slot)
            self._temporary.clear()
            if self._table.retired != self._retired:
                self._retired = self._table.retired
                self._purge()
            if not (self._room(0) or self._table.full or self._metrics.capped(self._table.cap)):
                self._clear()

    def _resolve(self, key: bytes, line: bytes, *, admit: bool) -> int:
        if line.startswith((b"_e{", b"_sc|")):
            return self._add(self._placer.occurrence(*read_event(line.removesuffix(b"\r"))))
        raw, _, rest = key.removesuffix(b"\r").partition(b":|")
        if not rest or b"|" in raw:
            raise RejectedError(Reason.MALFORMED)
        name, tail = read_name(raw), read_tail(rest)
        base = _spelled(raw, tail, rated=False)
        found, over = self._base(base, name, tail, admit=admit)
        if found < 0:
            return found
        found = self._rated(_spelled(raw, tail, rated=True), tail, found)
        if over is not None:
            self._learn_over(key, raw + b":|" + tail.kind.value, found, over)
        if not tail.transient and found not in self._temporary[-2:]:
            self._keep(key, found)
        return found

    def _find_over(self, key: bytes) -> int:
        """The overflow slot of a metric at its cap, the tags unread; `MISS` if it is not at one."""
        head, mark, tags = key.partition(b"|#")
        over = self._over.get(head)
        if over is None or not mark or b"|" in tags or over.plain + mark + tags in self.cache:
            return MISS
        self._table.overflow(over.family, over.cap)
        return over.slot

    def _learn_over(self, key: bytes, plain: bytes, slot: int, over: tuple[Family, str]) -> None:
        head = key.partition(b"|#")[0]
        if len(self._over) < MAX_OVER and head not in self._over:
            kept = self.slots.add(self.slots.targets(slot))
            self._over[head] = _Over(slot=kept, plain=plain, family=over[0], cap=over[1])

    def _base(
        self, base: bytes, name: str, tail: Tail, *, admit: bool
    ) -> tuple[int, tuple[Family, str] | None]:
        """The slot of a key at full rate, without what does not tell series apart."""
        found = self.cache.get(base, MISS)
        if found != MISS:
            return found, None
        placed = self._placer.place(name, tail, admit=admit)
        if placed is None:
            return MISS, None
        return self._add(placed, b"" if placed.capped else base), placed.over

    def _rated(self, rated: bytes, tail: Tail, base: int) -> int:
        """The slot of a key at its own rate, on the series of the slot `base`."""
        if tail.rate == 1 or tail.kind in (MetricType.GAUGE, MetricType.SET):
            return base
        found = self.cache.get(rated, MISS)
        if found != MISS:
            return found
        targets = tuple(at_rate(target, tail) for target in self.slots.targets(base))
        return self._add(Placed(targets=targets), b"" if base in self._temporary[-1:] else rated)

    def _add(self, placed: Placed, key: bytes = b"") -> int:
        slot = self.slots.add(placed.targets)
        if not (key and self._keep(key, slot)):
            self._temporary.append(slot)
        return slot

    def _keep(self, key: bytes, slot: int) -> bool:
        if key in self.cache:
            return True
        if len(key) > MAX_KEY or not self._room(len(key)):
            return False
        self.cache[key] = slot
        self._bytes += len(key)
        return True

    def _refuse(self, key: bytes, reason: Reason) -> int:
        code = refusal(reason)
        if self._refused < MAX_REFUSED and self._keep(key, code):
            self._refused += 1
        return code

    def _room(self, size: int) -> bool:
        return len(self.cache) < self._limit and self._bytes + size < MAX_BYTES

    def _purge(self) -> None:
        used = {slot for slot in self.cache.values() if slot >= 0}
        dead = {slot for slot in used if not self._alive(slot)}
        self.cache = {key: slot for key, slot in self.cache.items() if slot not in dead}
        self._bytes = sum(map(len, self.cache))
        alive = np.ones(len(self.slots.series), dtype=np.bool_)
        alive[list(dead)] = False
        self.index.keep(alive)
        for slot in (*dead, *(over.slot for over in self._over.values())):
            self.slots.drop(slot)
        self._over.clear()

    def _alive(self, slot: int) -> bool:
        return all(self._table.is_alive(target.series) for target in self.slots.targets(slot))

    def _clear(self) -> None:
        self.cache = {}
        self.index = Index()
        self.slots = Slots()
        self._over.clear()
        self._bytes = self._refused = 0


def _spelled(raw: bytes, tail: Tail, *, rated: bool) -> bytes:
    rate = b"|@%r" % tail.rate if rated else b""
    tags = b"|#" + tail.tags if tail.tags else b""
    return raw + b":|" + tail.kind.value + rate + tags
