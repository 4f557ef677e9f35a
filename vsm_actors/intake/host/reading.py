"""Takes one sample of the machine."""

from collections import Counter
from pathlib import Path
from typing import Protocol

import psutil

from vsm_actors.intake.host.budgets import read_budget
from vsm_actors.intake.host.machine import read_disks, read_machine, read_mounts, read_nics
from vsm_actors.intake.host.outside import read_outside
from vsm_actors.intake.host.processes import ProcReader, PsutilReader
from vsm_actors.intake.host.sample import Sample


class Reader(Protocol):
    """What takes samples."""

    def read(self, time: float, monotonic: float, *, outside: bool) -> Sample:
        """Return how the machine is.

        Args:
            time: Unix seconds now.
            monotonic: monotonic seconds now.
            outside: whether to look at the environment too, which costs more.
        """
        ...


class HostReader:
    """Reads this machine. Whatever cannot be read is left out and counted, never guessed."""

    def __init__(
        self, proc: Path = Path("/proc"), sysfs: Path = Path("/sys"), *, linux: bool = psutil.LINUX
    ) -> None:
        """Read from these places; elsewhere than on Linux psutil alone tells."""
        self._proc = proc
        self._sysfs = sysfs
        self._cgroups = sysfs / "fs" / "cgroup"
        self._processes = ProcReader(proc, self._cgroups) if linux else PsutilReader()

    def read(self, time: float, monotonic: float, *, outside: bool) -> Sample:
        """Return how the machine is, as `Reader` says."""
        gaps: Counter[str] = Counter()
        processes = self._processes.read(gaps)
        machine = read_machine(self._proc, read_budget(self._cgroups), gaps)
        return Sample(
            time=time,
            monotonic=monotonic,
            machine=machine,
            processes=processes,
            budgets=self._processes.budgets(monotonic),
            mounts=read_mounts(gaps),
            disks=read_disks(self._sysfs / "block", gaps),
            nics=read_nics(self._sysfs / "class" / "net", gaps),
            outside=read_outside(gaps) if outside else None,
            gaps={reason: count for reason, count in gaps.items() if count},
        )
