"""The machine as a whole, read on the machine that runs the tests."""

import os
from collections import Counter, namedtuple
from pathlib import Path

import psutil
import pytest

from vsm_actors.intake.gaps import attempt
from vsm_actors.intake.host.machine import (
    MOST,
    read_disks,
    read_machine,
    read_mounts,
    read_nics,
    shown,
)
from vsm_actors.intake.host.outside import count_peers, read_outside
from vsm_actors.intake.host.reading import HostReader
from vsm_actors.intake.host.sample import Budget, Outside

Part = namedtuple("Part", "device mountpoint opts")  # noqa: PYI024 - the shape of psutil's own
State = namedtuple("State", "isup speed flags")  # noqa: PYI024 - as above
Io = namedtuple("Io", "busy_time")  # noqa: PYI024 - as above
Battery = namedtuple("Battery", "power_plugged")  # noqa: PYI024 - as above


def _refuse(*_arguments: object, **_named: object) -> object:
    raise psutil.AccessDenied(0)


def _lack(*_arguments: object, **_named: object) -> object:
    raise NotImplementedError


@pytest.fixture
def gaps() -> Counter[str]:
    return Counter()


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    for name, text in {
        "loadavg": "0.10 0.20 0.30 3/456 789\n",
        "sys/fs/file-nr": "100\t0\t5000\n",
        "sys/kernel/threads-max": "900\n",
        "sys/kernel/pid_max": "800\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_what_is_refused_or_lacking_is_none_and_counted(gaps: Counter[str]) -> None:
    assert attempt(_refuse, gaps) is None
    assert attempt(_lack, gaps) is None
    assert gaps == {"denied": 1, "unsupported": 1}


def test_machine_is_read_from_its_own_tables(proc: Path, gaps: Counter[str]) -> None:
    found = read_machine(proc, Budget(), gaps)
    assert (found.files_used, found.files) == (100.0, 5000.0)
    assert (found.tasks_used, found.tasks, found.runnable) == (456.0, 800.0, 3.0)
    assert found.cores == psutil.cpu_count()
    assert found.memory == psutil.virtual_memory().total
    assert found.memory_used is not None
    assert 0 < found.memory_used < found.memory
    assert not gaps


def test_tables_that_are_not_there_are_none(tmp_path: Path, gaps: Counter[str]) -> None:
    found = read_machine(tmp_path, Budget(), gaps)
    absent = (found.files, found.files_used, found.tasks, found.tasks_used, found.runnable)
    assert absent == (None,) * 5


def test_bound_that_is_none_in_truth_is_no_capacity(proc: Path, gaps: Counter[str]) -> None:
    (proc / "sys/fs/file-nr").write_text("100\t0\t9223372036854775807\n")
    found = read_machine(proc, Budget(), gaps)
    assert (found.files, found.files_used) == (None, 100.0)


def test_limits_of_the_container_stand_for_the_machine(proc: Path, gaps: Counter[str]) -> None:
    budget = Budget(cores=0.5, memory=4096.0, cpu_seconds=7.0, memory_used=1024.0)
    found = read_machine(proc, budget, gaps)
    assert (found.cores, found.cpu_seconds) == (0.5, 7.0)
    assert (found.memory, found.memory_used) == (4096.0, 1024.0)
    assert (found.runnable, found.load) == (None, None)


def test_limits_larger_than_the_machine_are_none(proc: Path, gaps: Counter[str]) -> None:
    found = read_machine(proc, Budget(cores=1e6, memory=1e18, cpu_seconds=7.0), gaps)
    assert found.cores == psutil.cpu_count()
    assert found.memory == psutil.virtual_memory().total
    assert found.cpu_seconds != 7.0


def test_machine_that_refuses_everything_is_blank(
    proc: Path, gaps: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("virtual_memory", "swap_memory", "cpu_count", "cpu_times", "getloadavg"):
        monkeypatch.setattr(psutil, name, _refuse)
    found = read_machine(proc, Budget(), gaps)
    assert (found.memory, found.swap, found.cores, found.cpu_seconds, found.load) == (None,) * 5
    assert gaps == {"denied": 5}


def test_mounts_are_those_that_can_be_written_once_each(
    gaps: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = [
        Part("/dev/a", "/", "rw,noatime"),
        Part("/dev/a", "/srv/bind", "rw"),
        Part("/dev/loop1", "/snap/x", "ro,nodev"),
        Part("/dev/b", "/nowhere/at/all", "rw"),
    ]
    monkeypatch.setattr(psutil, "disk_partitions", lambda: parts)
    mounts = read_mounts(gaps)
    assert [mount.point for mount in mounts] == ["/"]
    usage = os.statvfs("/")
    assert mounts[0].capacity == pytest.approx(
        (usage.f_blocks - usage.f_bfree + usage.f_bavail) * usage.f_frsize, rel=0.01
    )
    assert +gaps == {"unsupported": 1}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("/srv/a b", "/srv/a b"),
        ("/m\n\x1b[31m\udcff", "/m__[31m_"),
        ("/" + "x" * 300, "/" + "x" * 199),
    ],
)
def test_names_are_shown_without_what_no_terminal_should_get(name: str, expected: str) -> None:
    assert shown(name) == expected


def test_mounts_past_the_bound_are_counted(
    gaps: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = [Part(f"/dev/{n}", "/", "rw") for n in range(MOST + 3)]
    monkeypatch.setattr(psutil, "disk_partitions", lambda: parts)
    assert len(read_mounts(gaps)) == MOST
    assert gaps["mount_limit"] == 3


def test_disks_are_whole_devices_with_a_busy_time(
    tmp_path: Path, gaps: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("sda", "loop0", "sdb"):
        (tmp_path / name).mkdir()
    counters = {"sda": Io(1500), "sda1": Io(1500), "loop0": Io(1), "sdb": object()}
    monkeypatch.setattr(psutil, "disk_io_counters", lambda perdisk: counters if perdisk else None)
    assert [(one.name, one.busy) for one in read_disks(tmp_path, gaps)] == [("sda", 1.5)]


def test_nics_are_those_with_a_device_behind_them(
    tmp_path: Path, gaps: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    states = {
        "lo": State(isup=True, speed=0, flags="up,loopback,running"),
        "eth0": State(isup=True, speed=1000, flags="up,broadcast"),
        "veth1": State(isup=True, speed=10000, flags="up"),
    }
    monkeypatch.setattr(psutil, "net_if_stats", lambda: states)
    monkeypatch.setattr(psutil, "net_io_counters", lambda pernic: {} if pernic else None)
    assert [nic.name for nic in read_nics(tmp_path, gaps)] == ["eth0", "veth1"]
    (tmp_path / "eth0" / "device").mkdir(parents=True)
    nics = read_nics(tmp_path, gaps)
    assert [(nic.name, nic.up, nic.speed) for nic in nics] == [("eth0", True, 125_000_000.0)]


def test_real_interfaces_count_packets(gaps: Counter[str]) -> None:
    counters = psutil.net_io_counters(pernic=True)
    for nic in read_nics(Path("/sys/class/net"), gaps):
        assert nic.speed is None or nic.speed > 0
        if nic.name in counters:
            assert nic.received >= counters[nic.name].packets_recv


def test_peers_are_counted_by_port_and_direction() -> None:
    inbound, outbound = count_peers(
        [
            ("0.0.0.0", 443, "", 0),  # noqa: S104 - a row of a table, nothing is bound
            ("127.0.0.1", 9000, "", 0),
            ("10.0.0.1", 443, "192.0.2.7", 50_000),
            ("10.0.0.1", 443, "192.0.2.7", 50_001),
            ("10.0.0.1", 443, "192.0.2.8", 50_000),
            ("10.0.0.1", 40_000, "192.0.2.9", 5432),
            ("127.0.0.1", 40_001, "127.0.0.1", 9000),
            ("10.0.0.1", 40_002, "10.0.0.1", 443),
        ]
    )
    assert inbound == {443: 2}
    assert outbound == {5432: 1}


def test_listener_without_peers_has_none() -> None:
    assert count_peers([("::", 22, "", 0)]) == ({22: 0}, {})


def test_connections_that_may_not_be_seen_are_left_out(
    gaps: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(psutil, "net_connections", _refuse)
    monkeypatch.setattr(psutil, "sensors_battery", lambda: Battery(power_plugged=False))
    assert read_outside(gaps) == Outside(mains=False)
    assert gaps == {"denied": 1}


def test_battery_that_does_not_know_says_nothing(
    gaps: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(psutil, "sensors_battery", lambda: Battery(power_plugged=None))
    assert read_outside(gaps).mains is None


def test_sample_of_this_host_is_whole() -> None:
    sample = HostReader().read(1.0, 2.0, outside=True)
    assert (sample.time, sample.monotonic) == (1.0, 2.0)
    assert os.getpid() in {one.pid for one in sample.processes}
    assert sample.outside is not None
    assert all(count > 0 for count in sample.gaps.values())


def test_narrow_sample_leaves_the_outside_out() -> None:
    reader = HostReader(linux=False)
    assert reader.read(1.0, 2.0, outside=False).outside is None
