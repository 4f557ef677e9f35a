"""Processes, as the system tells of them."""

import os
from collections import Counter
from pathlib import Path

import psutil
import pytest

from vsm_actors.intake.host.processes import ProcReader, PsutilReader
from vsm_actors.intake.host.sample import Budget, Process

_STAT = "{pid} ({name}) {state} 1 1 1 0 -1 {flags} 0 0 0 0 {user} 0 0 0 20 0 1 0 {start} 0 {pages}"


class Proc:
    """A ``/proc`` and a tree of control groups that a test fills."""

    def __init__(self, root: Path) -> None:
        self.root = root / "proc"
        self.cgroups = root / "cgroup"
        self.root.mkdir()
        (self.root / "self").mkdir()

    def add(self, pid: int, name: str, *, cgroup: str = "0::/", start: int = 5) -> None:
        folder = self.root / str(pid)
        folder.mkdir(exist_ok=True)
        line = _STAT.format(pid=pid, name=name, state="S", flags=0, user=100, start=start, pages=3)
        (folder / "stat").write_text(line)
        (folder / "cgroup").write_text(cgroup)

    def limit(self, group: str, name: str, text: str) -> None:
        folder = self.cgroups / group.lstrip("/")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)

    def reader(self) -> ProcReader:
        return ProcReader(self.root, self.cgroups)


@pytest.fixture
def proc(tmp_path: Path) -> Proc:
    return Proc(tmp_path)


def test_every_process_is_read_with_its_unit(proc: Proc) -> None:
    proc.add(10, "nginx", cgroup="0::/system.slice/nginx.service")
    proc.add(11, "tmux")
    gaps: Counter[str] = Counter()
    found = sorted(proc.reader().read(gaps))
    second = 1.0 / os.sysconf("SC_CLK_TCK")
    page = os.sysconf("SC_PAGE_SIZE")
    assert found == [
        Process(10, 5.0, "nginx.service", "sleeping", 100 * second, 3.0 * page),
        Process(11, 5.0, "tmux", "sleeping", 100 * second, 3.0 * page),
    ]
    assert not gaps


def test_process_that_vanishes_while_it_is_read_is_counted(proc: Proc) -> None:
    (proc.root / "12").mkdir()
    gaps: Counter[str] = Counter()
    assert proc.reader().read(gaps) == ()
    assert gaps == {"vanished": 1}


def test_process_that_may_not_be_read_is_counted(
    proc: Proc, monkeypatch: pytest.MonkeyPatch
) -> None:
    proc.add(12, "secret")

    def refuse(path: str, _flags: int) -> int:
        raise PermissionError(path)

    monkeypatch.setattr(os, "open", refuse)  # root may read everything, so no real file refuses
    gaps: Counter[str] = Counter()
    assert proc.reader().read(gaps) == ()
    assert gaps == {"denied": 1}


def test_stat_that_is_none_is_counted(proc: Proc) -> None:
    proc.add(12, "x")
    (proc.root / "12" / "stat").write_text("")
    gaps: Counter[str] = Counter()
    assert proc.reader().read(gaps) == ()
    assert gaps == {"unreadable": 1}


def test_place_is_read_once_in_the_life_of_a_process(proc: Proc) -> None:
    reader = proc.reader()
    proc.add(10, "a", cgroup="0::/a.service")
    reader.read(Counter())
    proc.add(10, "a", cgroup="0::/b.service")
    assert [one.unit for one in reader.read(Counter())] == ["a.service"]
    proc.add(10, "a", cgroup="0::/b.service", start=6)
    assert [one.unit for one in reader.read(Counter())] == ["b.service"]


def test_limits_of_units_are_read_again_after_a_minute(proc: Proc) -> None:
    reader = proc.reader()
    proc.add(10, "a", cgroup="0::/a.service")
    proc.add(11, "b", cgroup="0::/b.service")
    proc.limit("/a.service", "memory.max", "100")
    proc.limit("/b.service", "memory.max", "max")
    reader.read(Counter())
    assert reader.budgets(1_000.0) == {"a.service": Budget(memory=100.0)}
    proc.limit("/a.service", "memory.max", "200")
    assert reader.budgets(1_059.0) == {"a.service": Budget(memory=100.0)}
    assert reader.budgets(1_060.0) == {"a.service": Budget(memory=200.0)}


@pytest.mark.skipif(not psutil.LINUX, reason="reads Linux's /proc")
def test_this_process_is_found_in_the_real_proc() -> None:
    reader = ProcReader(Path("/proc"), Path("/sys/fs/cgroup"))
    mine = next(one for one in reader.read(Counter()) if one.pid == os.getpid())
    assert mine.memory > 1_000_000
    assert mine.state in {"running", "sleeping", "disk-sleep"}


def test_psutil_finds_this_process_wherever_it_runs() -> None:
    reader = PsutilReader()
    gaps: Counter[str] = Counter()
    mine = next(one for one in reader.read(gaps) if one.pid == os.getpid())
    assert mine.memory > 1_000_000
    assert reader.budgets(0.0) == {}


def test_process_that_psutil_may_not_read_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: psutil.Process) -> None:
        raise psutil.AccessDenied(0)

    monkeypatch.setattr(psutil.Process, "create_time", refuse)
    gaps: Counter[str] = Counter()
    assert PsutilReader().read(gaps) == ()
    assert gaps["denied"] > 0
