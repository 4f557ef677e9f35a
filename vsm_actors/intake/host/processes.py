"""Reads all processes: from ``/proc`` where there is one, else by psutil.

psutil takes five times as long on Linux, because it opens several files a process; three hundred
processes cost 33 ms there, and 5 ms here.
"""

import os
from collections import Counter
from pathlib import Path

import psutil

from vsm_actors.intake.host.budgets import read_budget
from vsm_actors.intake.host.procfs import Place, Stat, parse_stat, place, unit_name
from vsm_actors.intake.host.sample import Budget, Process

_STAT_BYTES = 4096  # a line of stat is some 350 bytes
_PSUTIL = ["name", "status", "cpu_times", "memory_info", "create_time"]
_REFRESH = 60.0
"""Seconds between looks at the limits of a unit: people change them, but rarely."""

_Identity = tuple[int, float]


class ProcReader:
    """Reads Linux's ``/proc``. Remembers where each process belongs, which does not change."""

    def __init__(self, proc: Path, cgroups: Path) -> None:
        """Read from `proc`, and limits of units from `cgroups`."""
        self._proc = str(proc)
        self._cgroups = cgroups
        self._places: dict[_Identity, Place] = {}
        self._budgets: dict[str, tuple[float, Budget]] = {}
        self._second = 1.0 / os.sysconf("SC_CLK_TCK")
        self._page = float(os.sysconf("SC_PAGE_SIZE"))

    def read(self, gaps: Counter[str]) -> tuple[Process, ...]:
        """Return every process that can be read; count in `gaps` those that cannot."""
        known: dict[_Identity, Place] = {}
        found = []
        for entry in os.listdir(self._proc):  # noqa: PTH208 - half the time of Path.iterdir
            if entry.isdecimal():
                process = self._one(int(entry), known, gaps)
                if process is not None:
                    found.append(process)
        self._places = known
        return tuple(found)

    def budgets(self, monotonic: float) -> dict[str, Budget]:
        """Return the limits of the units that have some, at monotonic seconds."""
        groups = {where.unit: where.group for where in self._places.values() if where.group}
        kept = {}
        for unit, group in groups.items():
            read, budget = self._budgets.get(unit, (-_REFRESH, Budget()))
            if monotonic - read >= _REFRESH:
                read, budget = monotonic, read_budget(self._cgroups, group)
            kept[unit] = (read, budget)
        self._budgets = kept
        return {
            unit: budget
            for unit, (_, budget) in kept.items()
            if budget.cores is not None or budget.memory is not None
        }

    def _one(self, pid: int, known: dict[_Identity, Place], gaps: Counter[str]) -> Process | None:
        try:
            stat = parse_stat(_read(f"{self._proc}/{pid}/stat"))
            if stat is None:
                gaps["unreadable"] += 1
                return None
            identity = (pid, float(stat.started))
            where = self._places.get(identity) or self._place(pid, stat)
        except PermissionError:
            gaps["denied"] += 1
            return None
        except OSError:
            gaps["vanished"] += 1
            return None
        known[identity] = where
        return Process(
            pid=pid,
            started=identity[1],
            unit=where.unit,
            state=stat.state,
            cpu=stat.ticks * self._second,
            memory=stat.pages * self._page,
        )

    def _place(self, pid: int, stat: Stat) -> Place:
        text = "" if stat.kernel else _read(f"{self._proc}/{pid}/cgroup").decode("utf-8", "replace")
        return place(stat.name, kernel=stat.kernel, cgroup=text)


class PsutilReader:
    """Reads processes by psutil, wherever that runs."""

    def read(self, gaps: Counter[str]) -> tuple[Process, ...]:
        """Return every process that can be read; count in `gaps` those that cannot."""
        found = []
        for one in psutil.process_iter(_PSUTIL):
            facts = one.info
            if any(facts[name] is None for name in _PSUTIL):
                gaps["denied"] += 1
                continue
            found.append(
                Process(
                    pid=one.pid,
                    started=facts["create_time"],
                    unit=unit_name(facts["name"]),
                    state=facts["status"],
                    cpu=facts["cpu_times"].user + facts["cpu_times"].system,
                    memory=float(facts["memory_info"].rss),
                )
            )
        return tuple(found)

    def budgets(self, monotonic: float) -> dict[str, Budget]:  # noqa: ARG002 - as ProcReader
        """Return nothing: only Linux has control groups."""
        return {}


def _read(path: str) -> bytes:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(handle, _STAT_BYTES)
    finally:
        os.close(handle)
