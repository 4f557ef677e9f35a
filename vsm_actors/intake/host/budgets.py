"""Limits of control groups, read from the file system: version 2, and version 1 at its root."""

from pathlib import Path

from vsm_actors.intake.host.procfs import number, parse_keyed, parse_quota, ratio
from vsm_actors.intake.host.sample import Budget

_UNLIMITED = 1 << 60  # version 1 writes about 2**63 where there is no limit
_NANOSECONDS = 1e-9
_MICROSECONDS = 1e-6


def read_budget(root: Path, group: str = "") -> Budget:
    """Return what the control group `group` below `root` may use, and uses.

    At the root of a container's view this is the container's own limit; on a plain host the root
    has no such files, so there is no limit. Limits of groups above `group` are not looked at.
    """
    folder = root / group.lstrip("/")
    version_2 = _version_2(folder)
    return _version_1(root) if version_2 == Budget() and not group else version_2


def _version_2(folder: Path) -> Budget:
    used = _microseconds(parse_keyed(_text(folder / "cpu.stat"), "usage_usec"))
    return Budget(
        cores=parse_quota(_text(folder / "cpu.max")),
        memory=number(_text(folder / "memory.max")),
        cpu_seconds=used,
        memory_used=_held(folder / "memory.current", folder / "memory.stat", "inactive_file"),
    )


def _version_1(root: Path) -> Budget:
    limit = number(_text(root / "memory" / "memory.limit_in_bytes"))
    memory = root / "memory"
    spent = number(_text(root / "cpuacct" / "cpuacct.usage"))
    return Budget(
        cores=ratio(
            _text(root / "cpu" / "cpu.cfs_quota_us"), _text(root / "cpu" / "cpu.cfs_period_us")
        ),
        memory=None if limit is None or limit >= _UNLIMITED else limit,
        cpu_seconds=None if spent is None else spent * _NANOSECONDS,
        memory_used=_held(
            memory / "memory.usage_in_bytes", memory / "memory.stat", "total_inactive_file"
        ),
    )


def _held(usage: Path, stat: Path, reclaimable: str) -> float | None:
    used = number(_text(usage))
    if used is None:
        return None
    return max(0.0, used - (parse_keyed(_text(stat), reclaimable) or 0.0))


def _microseconds(value: float | None) -> float | None:
    return None if value is None else value * _MICROSECONDS


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
