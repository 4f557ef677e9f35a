"""Limits of control groups."""

from pathlib import Path

from vsm_actors.intake.host.budgets import read_budget
from vsm_actors.intake.host.sample import Budget


def _write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_version_2_gives_limits_and_use(tmp_path: Path) -> None:
    _write(
        tmp_path,
        {
            "cpu.max": "50000 100000\n",
            "cpu.stat": "usage_usec 2500000\nuser_usec 1\n",
            "memory.max": "1000\n",
            "memory.current": "700\n",
            "memory.stat": "anon 1\ninactive_file 200\n",
        },
    )
    expected = Budget(cores=0.5, memory=1000.0, cpu_seconds=2.5, memory_used=500.0)
    assert read_budget(tmp_path) == expected


def test_version_1_is_read_at_the_root(tmp_path: Path) -> None:
    _write(
        tmp_path,
        {
            "cpu/cpu.cfs_quota_us": "200000\n",
            "cpu/cpu.cfs_period_us": "100000\n",
            "cpuacct/cpuacct.usage": "3000000000\n",
            "memory/memory.limit_in_bytes": "4096\n",
            "memory/memory.usage_in_bytes": "1000\n",
            "memory/memory.stat": "total_inactive_file 2000\n",
        },
    )
    expected = Budget(cores=2.0, memory=4096.0, cpu_seconds=3.0, memory_used=0.0)
    assert read_budget(tmp_path) == expected


def test_version_1_without_limits_has_none(tmp_path: Path) -> None:
    _write(
        tmp_path,
        {
            "cpu/cpu.cfs_quota_us": "-1\n",
            "cpu/cpu.cfs_period_us": "100000\n",
            "memory/memory.limit_in_bytes": "9223372036854771712\n",
        },
    )
    assert read_budget(tmp_path) == Budget()


def test_group_below_the_root_has_its_own(tmp_path: Path) -> None:
    _write(tmp_path, {"system.slice/a.service/memory.max": "42\n", "memory.max": "7\n"})
    assert read_budget(tmp_path, "/system.slice/a.service") == Budget(memory=42.0)


def test_group_that_is_gone_has_no_limit(tmp_path: Path) -> None:
    _write(tmp_path, {"memory/memory.limit_in_bytes": "4096\n"})
    assert read_budget(tmp_path, "/gone.service") == Budget()
