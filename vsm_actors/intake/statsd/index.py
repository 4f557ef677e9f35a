"""Keys found by array: what the raw-key cache holds, for many lines in a few array operations.

A key's bytes, padded with zeros, are a row of machine words. Their products with odd constants sum
to a hash, an open-addressed table gives the entry, and the entry's own bytes are compared with the
line's: a key is found exactly or not at all. What does not fit a row, or finds no place in the
table, is found in the cache's dictionary instead.
"""

import numpy as np

from vsm_actors.core.batch import Hashes, Ids
from vsm_actors.intake.statsd.columns import Flags, Places
from vsm_actors.intake.statsd.prints import NAME, TAIL, WORD, Prints, taken

MISS = -1
"""What is not known; the cache answers the same."""

_PROBES = 8
"""Places of the table that a key may take: at one key in eight places few need the third."""

_ROOM = 8
"""Places of the table for each key."""

_FIRST = 1024


class Index:
    """Slots by key, for whole columns of keys."""

    def __init__(self) -> None:
        """Make it empty."""
        self._count = 0
        self._name = np.zeros((_FIRST, NAME // WORD), dtype=np.uint64)
        self._tail = np.zeros((_FIRST, TAIL // WORD), dtype=np.uint64)
        self._hash = np.zeros(_FIRST, dtype=np.uint64)
        self._length = np.zeros(_FIRST, dtype=np.int64)
        self._slot = np.zeros(_FIRST, dtype=np.int32)
        self._clear_table(_FIRST * _ROOM)

    def __len__(self) -> int:
        """Count the keys."""
        return self._count

    def find(self, keys: Prints) -> Ids:
        """Return int32[n]: the slot of each key, `MISS` where it is not known."""
        entry = self._probe(keys.hash)
        entry = np.where(keys.fits, entry, MISS)
        known = np.flatnonzero(entry != MISS)
        if len(known) < len(entry):
            slots = np.full(len(entry), MISS, dtype=np.int32)
            slots[known] = self._confirmed(entry[known], keys, known)
            return slots
        return self._confirmed(entry, keys, None)

    def add(self, keys: Prints, places: Places, slots: Ids) -> None:
        """Learn keys that were not found.

        Args:
            keys: of many lines.
            places: int64[m], which of them are new; of equal ones, one.
            slots: int32[m].
        """
        fitting = keys.fits[places]
        places, slots = places[fitting], slots[fitting]
        first, last = self._count, self._count + len(places)
        self._make_room(last)
        self._name[first:last] = keys.name[places]
        self._tail[first:last, : keys.tail.shape[1]] = keys.tail[places]
        self._tail[first:last, keys.tail.shape[1] :] = 0
        self._hash[first:last] = keys.hash[places]
        self._length[first:last] = keys.length[places]
        self._slot[first:last] = slots
        self._count = last
        if last * _ROOM > len(self._table):
            self._clear_table(2 * last * _ROOM)
            first = 0
        self._settle(np.arange(first, last))

    def keep(self, alive: Flags) -> None:
        """Forget all keys but those of the slots for which `alive`, bool by slot, holds."""
        slots = self._slot[: self._count]
        kept = np.flatnonzero((slots < 0) | alive[slots])
        for column in (self._name, self._tail, self._hash, self._length, self._slot):
            column[: len(kept)] = column[kept]
        self._count = len(kept)
        self._clear_table(len(self._table))
        self._settle(np.arange(self._count))

    def _clear_table(self, least: int) -> None:
        bits = max(least - 1, 1).bit_length()
        self._shift = np.uint64(64 - bits)
        self._table = np.full(1 << bits, MISS, dtype=np.int32)

    def _buckets(self, hashes: Hashes) -> Places:
        return (hashes >> self._shift).astype(np.int64)

    def _probe(self, hashes: Hashes) -> Ids:
        """The entry with each hash, `MISS` where there is none."""
        bucket = self._buckets(hashes)
        entry = self._table[bucket]
        other = np.flatnonzero((self._hash[entry] != hashes) & (entry != MISS))
        for step in range(1, _PROBES):
            if len(other) == 0:
                return entry
            entry[other] = self._table[(bucket[other] + step) & (len(self._table) - 1)]
            wrong = (self._hash[entry[other]] != hashes[other]) & (entry[other] != MISS)
            other = other[wrong]
        entry[other] = MISS
        return entry

    def _confirmed(self, entry: Ids, keys: Prints, places: Places | None) -> Ids:
        """The slots of entries whose bytes are those of the lines, `MISS` for the others."""
        name, tail, length = (
            column if places is None else column[places]
            for column in (keys.name, keys.tail, keys.length)
        )
        words = tail.shape[1]
        same = (
            (taken(self._name, entry, NAME // WORD) == name).all()
            and (taken(self._tail, entry, words) == tail).all()
            and (self._length[entry] == length).all()
        )
        if same:
            return self._slot[entry]
        equal = (
            (self._name[entry] == name).all(axis=1)
            & (self._tail[entry, :words] == tail).all(axis=1)
            & (self._length[entry] == length)
        )
        return np.where(equal, self._slot[entry], np.int32(MISS))

    def _settle(self, entries: Places) -> None:
        """Give entries their places in the table; who finds none stays with the dictionary."""
        bucket = self._buckets(self._hash[entries])
        for step in range(_PROBES):
            place = (bucket + step) & (len(self._table) - 1)
            free = self._table[place] == MISS
            self._table[place[free][::-1]] = entries[free][::-1]
            homeless = self._table[place] != entries
            entries, bucket = entries[homeless], bucket[homeless]

    def _make_room(self, count: int) -> None:
        size = len(self._slot)
        if count <= size:
            return
        more = max(size, count - size)
        self._name = np.concatenate([self._name, np.zeros((more, NAME // WORD), np.uint64)])
        self._tail = np.concatenate([self._tail, np.zeros((more, TAIL // WORD), np.uint64)])
        self._hash = np.concatenate([self._hash, np.zeros(more, np.uint64)])
        self._length = np.concatenate([self._length, np.zeros(more, np.int64)])
        self._slot = np.concatenate([self._slot, np.zeros(more, np.int32)])
