"""Reads what the daemon's process holds, and what it lives in. Thin: nothing is decided here."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import psutil

from vsm_actors.intake.own.look import Surroundings

T = TypeVar("T")

_UNBOUNDED = 1 << 60  # larger than any real limit: no limit at all


class OwnReader:
    """Reads this process. Whatever cannot be read is left out and counted, never guessed."""

    def __init__(self, data: Path) -> None:
        """Look at the room where the data of the daemon lie, too."""
        self._data = str(data)
        self._process = psutil.Process()
        self._gaps: Counter[str] = Counter()

    def __call__(self) -> Surroundings:
        """Return how it is now."""
        self._gaps.clear()
        memory = self._attempt(psutil.virtual_memory)
        spent = self._attempt(self._process.cpu_times)
        held = self._attempt(self._process.memory_info)
        room = self._attempt(lambda: psutil.disk_usage(self._data))
        load = self._attempt(psutil.getloadavg)
        files = self._attempt(self._limit)
        return Surroundings(
            cores=self._attempt(self._cores),
            cpu_seconds=None if spent is None else spent.user + spent.system,
            memory=None if memory is None else float(memory.total),
            memory_free=None if memory is None else float(memory.available),
            resident=None if held is None else float(held.rss),
            files=None if files is None or not 0 < files < _UNBOUNDED else float(files),
            files_open=self._attempt(lambda: float(self._process.num_fds())),
            disk=None if room is None else float(room.used + room.free),
            disk_used=None if room is None else float(room.used),
            load=None if load is None else load[0],
            gaps=dict(self._gaps),
        )

    def _limit(self) -> int:
        return self._process.rlimit(psutil.RLIMIT_NOFILE)[0]

    def _cores(self) -> float:
        return float(len(self._process.cpu_affinity() or ()))

    def _attempt(self, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except (psutil.AccessDenied, PermissionError):
            self._gaps["denied"] += 1
        except (psutil.Error, OSError, AttributeError, NotImplementedError):
            self._gaps["unsupported"] += 1  # psutil raises these where a platform lacks something
        return None
