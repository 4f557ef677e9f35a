"""Where alerts are durable: one SQLite file, written with ``synchronous=FULL``.

Only the AlgedonicChannel's thread uses a store. A group of changes is one transaction.
"""

import contextlib
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import msgspec
import structlog

from vsm_actors.actors.errors import StoreError
from vsm_actors.core.algedonic import Alert

_log = structlog.get_logger(__name__)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS alert (id TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID
"""
_BUSY_SECONDS = 2.0
"""How long a commit waits for another process that holds the file."""


class AlgedonicStore:
    """The alerts on disk."""

    def __init__(self, path: Path) -> None:
        """Name the file; nothing is opened before `load`."""
        self.path = path
        self._connection: sqlite3.Connection | None = None

    def load(self, now: float) -> tuple[Alert, ...]:
        """Open the file and return every alert in it.

        A file that is no database, or holds what cannot be read, is set aside under a name that
        ends in ``.damaged-<now>`` and never deleted; a new one takes its place.

        Raises:
            StoreError: the file cannot be opened or made.
        """
        try:
            return self._read()
        except (sqlite3.OperationalError, OSError) as error:
            self.close()
            raise StoreError(str(self.path), str(error)) from error
        except (sqlite3.DatabaseError, msgspec.DecodeError) as error:
            self._set_aside(now, error)
        return self.load(now)

    def save(self, alerts: Iterable[Alert], forgotten: Iterable[str] = ()) -> None:
        """Write alerts and remove forgotten ones, durably, in one transaction.

        Raises:
            StoreError: nothing of it is durable.
        """
        connection = self._connection
        if connection is None:
            raise StoreError(str(self.path), "not open")
        rows = [(alert.id, msgspec.json.encode(alert)) for alert in alerts]
        try:
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany("INSERT OR REPLACE INTO alert VALUES (?, ?)", rows)
                connection.executemany(
                    "DELETE FROM alert WHERE id = ?", [(one,) for one in forgotten]
                )
        except sqlite3.Error as error:
            raise StoreError(str(self.path), str(error)) from error

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _read(self) -> tuple[Alert, ...]:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._connection = sqlite3.connect(
            self.path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute(_SCHEMA)
        rows = self._connection.execute("SELECT body FROM alert").fetchall()
        return tuple(msgspec.json.decode(body, type=Alert) for (body,) in rows)

    def _set_aside(self, now: float, cause: Exception) -> None:
        self.close()
        aside = self.path.with_name(f"{self.path.name}.damaged-{int(now)}")
        _log.error("algedonic_store.damaged", file=str(self.path), aside=str(aside), exc_info=cause)
        try:
            self.path.rename(aside)
            for suffix in ("-wal", "-shm"):
                with contextlib.suppress(FileNotFoundError):
                    beside = self.path.with_name(self.path.name + suffix)
                    beside.rename(aside.with_name(aside.name + suffix))
        except OSError as error:
            raise StoreError(str(self.path), str(error)) from error
