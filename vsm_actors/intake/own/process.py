"""Reads what the daemon's process holds, and what it lives in. Thin: nothing is decided here."""

from collections import Counter
from pathlib import Path

import psutil

from vsm_actors.intake.gaps import attempt
from vsm_actors.intake.own.look import Surroundings

_UNBOUNDED = 1 << 60  # larger than any real limit: no limit at all


class OwnReader:
    """Reads this process. Whatever cannot be read is left out and counted, never guessed."""

    def __init__(self, data: Path) -> None:
        """Look at the room where the data of the daemon lie, too."""
        self._data = str(data)
        self._process = psutil.Process()

    def __call__(self) -> Surroundings:
        """Return how it is now."""
        gaps: Counter[str] = Counter()
        memory = attempt(psutil.virtual_memory, gaps)
        spent = attempt(self._process.cpu_times, gaps)
        held = attempt(self._process.memory_info, gaps)
        room = attempt(lambda: psutil.disk_usage(self._data), gaps)
        load = attempt(psutil.getloadavg, gaps)
        files = attempt(self._limit, gaps)
        return Surroundings(
            cores=attempt(self._cores, gaps),
            cpu_seconds=None if spent is None else spent.user + spent.system,
            memory=None if memory is None else float(memory.total),
            memory_free=None if memory is None else float(memory.available),
            resident=None if held is None else float(held.rss),
            files=None if files is None or not 0 < files < _UNBOUNDED else float(files),
            files_open=attempt(lambda: float(self._process.num_fds()), gaps),
            disk=None if room is None else float(room.used + room.free),
            disk_used=None if room is None else float(room.used),
            load=None if load is None else load[0],
            gaps=dict(gaps),
        )

    def _limit(self) -> int:
        return self._process.rlimit(psutil.RLIMIT_NOFILE)[0]

    def _cores(self) -> float:
        return float(len(self._process.cpu_affinity() or ()))
