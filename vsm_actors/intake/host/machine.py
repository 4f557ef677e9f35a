"""Reads the machine as a whole, by psutil and from ``/proc``. Thin: no decision is taken here."""

from collections import Counter
from functools import partial
from pathlib import Path

import psutil

from vsm_actors.intake.gaps import attempt
from vsm_actors.intake.host.procfs import number
from vsm_actors.intake.host.sample import Budget, Disk, Machine, Mount, Nic

_UNBOUNDED = 1 << 60  # what Linux writes as the limit of file handles where there is none
_MEGABITS = 1e6 / 8  # bytes in a second at one Mbit/s
_MILLISECONDS = 1e-3
_WHOLE_DISKS = ("loop", "ram", "zram")
_LONGEST = 200  # characters of a mount point: labels are kept for every series
MOST = 64
"""File systems, disks and interfaces looked at: a host with more counts its containers' ones."""


def shown(name: str) -> str:
    """Return a name that the system allows in a form that labels and terminals can carry.

    Mount points may hold any byte but zero; what is not valid UTF-8 comes as lone surrogates.
    """
    return "".join(one if one.isprintable() else "_" for one in name[:_LONGEST])


def read_machine(proc: Path, budget: Budget, gaps: Counter[str]) -> Machine:
    """Return the machine, or the container that `budget` limits."""
    memory = attempt(psutil.virtual_memory, gaps)
    swap = attempt(psutil.swap_memory, gaps)
    cores = attempt(psutil.cpu_count, gaps)
    total = None if memory is None else float(memory.total)
    limited = budget.memory is not None and total is not None and budget.memory < total
    used = None if memory is None else float(memory.total - memory.available)
    throttled = budget.cores is not None and budget.cores < (cores or float("inf"))
    files, files_used = _files(_words(proc / "sys/fs/file-nr"))
    tasks, runnable = _tasks(_words(proc / "loadavg"))
    load = attempt(psutil.getloadavg, gaps)
    return Machine(
        cores=budget.cores if throttled else cores,
        cpu_seconds=budget.cpu_seconds if throttled else attempt(_cpu_seconds, gaps),
        memory=budget.memory if limited else total,
        memory_used=budget.memory_used if limited else used,
        swap=None if swap is None else float(swap.total),
        swap_used=None if swap is None else float(swap.used),
        files=files,
        files_used=files_used,
        tasks=_least(proc / "sys/kernel/threads-max", proc / "sys/kernel/pid_max"),
        tasks_used=tasks,
        runnable=None if throttled else runnable,  # both are of all the machine's cores
        load=None if throttled or load is None else load[0],
    )


def read_mounts(gaps: Counter[str]) -> tuple[Mount, ...]:
    """Return the file systems on devices that can be written, each device once.

    A read-only image (a snap, a CD) is full by nature, and says nothing about the host's room.
    """
    seen: dict[str, str] = {}
    for part in attempt(psutil.disk_partitions, gaps) or ():
        if "ro" not in part.opts.split(","):
            seen.setdefault(part.device, part.mountpoint)
    points = sorted(seen.values())
    gaps["mount_limit"] += max(0, len(points) - MOST)
    found = []
    for point in points[:MOST]:
        usage = attempt(partial(psutil.disk_usage, point), gaps)
        if usage is not None:
            capacity = float(usage.used + usage.free)  # what ordinary users can have, as df says
            found.append(Mount(point=shown(point), used=float(usage.used), capacity=capacity))
    return tuple(found)


def read_disks(blocks: Path, gaps: Counter[str]) -> tuple[Disk, ...]:
    """Return the block devices whose busy time the system tells, partitions left out."""
    counters = attempt(lambda: psutil.disk_io_counters(perdisk=True), gaps) or {}
    found = [
        Disk(name=name, busy=one.busy_time * _MILLISECONDS)
        for name, one in sorted(counters.items())
        if hasattr(one, "busy_time")
        and not name.startswith(_WHOLE_DISKS)
        and (blocks / name).exists()
    ]
    gaps["disk_limit"] += max(0, len(found) - MOST)
    return tuple(found[:MOST])


def read_nics(devices: Path, gaps: Counter[str]) -> tuple[Nic, ...]:
    """Return the interfaces towards the outside.

    These are the ones with a device behind them; where none has (in a container), all but loopback.
    """
    states = attempt(psutil.net_if_stats, gaps) or {}
    counters = attempt(lambda: psutil.net_io_counters(pernic=True), gaps) or {}
    outer = [name for name, one in sorted(states.items()) if "loopback" not in one.flags]
    real = [name for name in outer if (devices / name / "device").exists()] or outer
    gaps["nic_limit"] += max(0, len(real) - MOST)
    found = []
    for name in real[:MOST]:
        state, count = states[name], counters.get(name)
        speed = state.speed * _MEGABITS if state.speed > 0 else None
        if count is None:
            found.append(Nic(name=shown(name), up=state.isup, speed=speed))
        else:
            found.append(
                Nic(
                    name=shown(name),
                    up=state.isup,
                    speed=speed,
                    bytes_sent=count.bytes_sent,
                    bytes_received=count.bytes_recv,
                    sent=count.packets_sent,
                    received=count.packets_recv,
                    dropped_out=count.dropout + count.errout,
                    dropped_in=count.dropin + count.errin,
                )
            )
    return tuple(found)


def _cpu_seconds() -> float:
    """Return the CPU time used; what a hypervisor took (steal) was not ours to use."""
    spent = psutil.cpu_times()._asdict()
    return float(sum(spent.get(name, 0.0) for name in ("user", "nice", "system", "irq", "softirq")))


def _files(words: list[str]) -> tuple[float | None, float | None]:
    if len(words) < 3:  # noqa: PLR2004 - open, unused, limit
        return None, None
    used, limit = number(words[0]), number(words[2])
    return (None if limit is None or limit >= _UNBOUNDED else limit), used


def _tasks(words: list[str]) -> tuple[float | None, float | None]:
    if len(words) < 4:  # noqa: PLR2004 - three averages, then runnable/all
        return None, None
    runnable, _, tasks = words[3].partition("/")
    return number(tasks), number(runnable)


def _least(*files: Path) -> float | None:
    found = [number("".join(_words(one))) for one in files]
    return min((one for one in found if one is not None), default=None)


def _words(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii", errors="replace").split()
    except OSError:
        return []
