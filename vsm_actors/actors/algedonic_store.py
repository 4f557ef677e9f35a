"""Where alerts are durable: one SQLite file, written with ``synchronous=FULL``.

Only the AlgedonicChannel's thread uses a store. A group of changes is one transaction.
"""

import contextlib
import itertools
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import msgspec
import structlog

from vsm_actors.actors.errors import DamagedRowError, StoreError
from vsm_actors.core.algedonic import Alert, is_sound

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
        self._identity: tuple[int, int] | None = None

    @property
    def is_open(self) -> bool:
        """Whether alerts can be saved; a file that turns out damaged or gone is closed."""
        return self._connection is not None

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
        except (sqlite3.DatabaseError, msgspec.DecodeError, DamagedRowError) as error:
            self._set_aside(now, error)
        return self.load(now)

    def save(self, alerts: Iterable[Alert], forgotten: Iterable[str] = ()) -> None:
        """Write alerts and remove forgotten ones, durably, in one transaction.

        Raises:
            StoreError: nothing of it is durable. The store is closed if only a new `load` helps.
        """
        connection = self._in_place()
        rows = [(alert.id, msgspec.json.encode(alert)) for alert in alerts]
        try:
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany("INSERT OR REPLACE INTO alert VALUES (?, ?)", rows)
                connection.executemany(
                    "DELETE FROM alert WHERE id = ?", [(one,) for one in forgotten]
                )
        except sqlite3.Error as error:
            if type(error) is sqlite3.DatabaseError:  # malformed, or no database any more
                self.close()
            raise StoreError(str(self.path), str(error)) from error

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _in_place(self) -> sqlite3.Connection:
        """Return the connection; a file that was deleted would take commits, and keep none."""
        if self._connection is not None and _identity(self.path) != self._identity:
            self.close()
            raise StoreError(str(self.path), "it was moved or deleted")
        if self._connection is None:
            raise StoreError(str(self.path), "not open")
        return self._connection

    def _read(self) -> tuple[Alert, ...]:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._connection = sqlite3.connect(
            self.path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute(_SCHEMA)
        self._identity = _identity(self.path)
        rows = self._connection.execute("SELECT id, body FROM alert").fetchall()
        return tuple(_alert(name, body) for name, body in rows)

    def _set_aside(self, now: float, cause: Exception) -> None:
        self.close()
        aside = _free_name(self.path.with_name(f"{self.path.name}.damaged-{int(now)}"))
        _log.error("algedonic_store.damaged", file=str(self.path), aside=str(aside), exc_info=cause)
        try:
            self.path.rename(aside)
            for suffix in ("-wal", "-shm"):
                with contextlib.suppress(FileNotFoundError):
                    beside = self.path.with_name(self.path.name + suffix)
                    beside.rename(aside.with_name(aside.name + suffix))
        except OSError as error:
            raise StoreError(str(self.path), str(error)) from error


def _free_name(wanted: Path) -> Path:
    """Return `wanted`, numbered where that name is taken: what was set aside stays."""
    names = (wanted.with_name(f"{wanted.name}-{number}") for number in itertools.count(2))
    return next(name for name in itertools.chain((wanted,), names) if not name.exists())


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _alert(name: object, body: object) -> Alert:
    if not isinstance(body, bytes | str):
        raise DamagedRowError(name)
    alert = msgspec.json.decode(body, type=Alert)
    if alert.id != name or not is_sound(alert):
        raise DamagedRowError(name)
    return alert
