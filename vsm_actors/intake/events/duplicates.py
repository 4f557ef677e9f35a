"""Events that came before: a retry does not count twice, and a lost first try does not count none.

An id is *claimed* while its request is in flight, and *seen* once the request was taken. What was
claimed is released when the request was not taken, so that a retry finds it new.
"""

import enum
from collections.abc import Iterable
from contextlib import AbstractContextManager

KEEP = 600.0
"""Seconds for which an id is remembered."""

LIMIT = 500_000
"""Ids remembered: about 60 MB, and ten minutes of 800 identified events a second."""


class Verdict(enum.Enum):
    """What is known of an id."""

    NEW = "new"
    REPEATED = "repeated"
    IN_FLIGHT = "in_flight"
    """Another request with it is being taken; its outcome is open."""


class Duplicates:
    """Remembers (source, event id) by their hash.

    With the memory full, an event's chance of being taken for another is below 1e-13 (64 bits).
    """

    def __init__(
        self, lock: AbstractContextManager[object], *, keep: float = KEEP, limit: int = LIMIT
    ) -> None:
        """Remember nothing yet; `lock` is entered by every operation."""
        self._lock = lock
        self._keep = keep
        self._limit = limit
        self._seen: dict[int, float] = {}
        self._flying: dict[int, Claims] = {}
        self.forgotten = 0
        """Ids forgotten before their time, for want of room."""

    def __len__(self) -> int:
        """Count the ids remembered."""
        return len(self._seen)

    def claims(self, now: float) -> "Claims":
        """Return the claims of a request that arrived at monotonic `now`."""
        return Claims(self, now)

    def claim(self, key: int, claims: "Claims") -> Verdict:
        """Claim `key` for a request if it is new."""
        with self._lock:
            owner = self._flying.get(key)
            if owner is not None:
                return Verdict.REPEATED if owner is claims else Verdict.IN_FLIGHT
            if self._seen.get(key, claims.now) > claims.now:
                return Verdict.REPEATED
            self._flying[key] = claims
            return Verdict.NEW

    def settle(self, keys: Iterable[int], now: float, *, taken: bool) -> None:
        """End claims; the ids of a request that was taken are seen from `now` on."""
        with self._lock:
            for key in keys:
                self._flying.pop(key, None)
                if taken:
                    self._seen.pop(key, None)
                    self._seen[key] = now + self._keep
            self._forget(now)

    def _forget(self, now: float) -> None:
        # Insertion is the order of expiry, so that only the front has to be looked at.
        while self._seen:
            key = next(iter(self._seen))
            expired = self._seen[key] <= now
            if not expired and len(self._seen) <= self._limit:
                return
            del self._seen[key]
            self.forgotten += not expired


class Claims:
    """The ids of one request. Settle it exactly once, whatever becomes of the request."""

    __slots__ = ("_duplicates", "_keys", "now")

    def __init__(self, duplicates: Duplicates, now: float) -> None:
        """Claim nothing yet; `now` is the request's arrival, monotonic seconds."""
        self._duplicates = duplicates
        self._keys: set[int] = set()
        self.now = now

    def claim(self, source: str, event_id: str) -> tuple[Verdict, int]:
        """Claim an id, and return what is known of it with its key."""
        key = hash((source, event_id))
        verdict = self._duplicates.claim(key, self)
        if verdict is Verdict.NEW:
            self._keys.add(key)
        return verdict, key

    def release(self, keys: Iterable[int] | None = None) -> None:
        """Give ids back, all of them by default: nothing was taken."""
        given = self._keys if keys is None else self._keys.intersection(keys)
        self._duplicates.settle(given, self.now, taken=False)
        self._keys = self._keys.difference(given)

    def commit(self) -> None:
        """Remember the ids: what they name was taken."""
        self._duplicates.settle(self._keys, self.now, taken=True)
        self._keys = set()
