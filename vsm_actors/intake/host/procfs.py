"""What Linux says about processes and control groups, parsed. Pure."""

import re
from typing import NamedTuple

from vsm_actors.core.naming import segment_of

STATES = {
    b"R": "running",
    b"S": "sleeping",
    b"D": "disk-sleep",
    b"T": "stopped",
    b"t": "tracing-stop",
    b"Z": "zombie",
    b"X": "dead",
    b"x": "dead",
    b"K": "wake-kill",
    b"W": "waking",
    b"I": "idle",
    b"P": "parked",
}
"""The letters of proc(5), in psutil's words."""

KERNEL = "kernel"
"""The unit of the kernel's own threads."""

_KERNEL_THREAD = 0x00200000  # PF_KTHREAD of linux/sched.h
_FIELDS = 22  # through rss, counted from the state
_CONTAINER = re.compile(r"[0-9a-f]{64}")
_SHORT_ID = 12  # as container engines abbreviate their ids
_UNIT_KINDS = (".service", ".scope")


class Stat(NamedTuple):
    """What ``/proc/<pid>/stat`` says.

    Attributes:
        name: of the program, at most 15 characters.
        state: in psutil's words.
        kernel: whether it is a thread of the kernel.
        ticks: clock ticks of CPU used, its own.
        started: clock ticks from the boot to its start.
        pages: pages resident.
    """

    name: str
    state: str
    kernel: bool
    ticks: int
    started: int
    pages: int


class Place(NamedTuple):
    """Where a process belongs: its unit, and the control group of that unit ("" without one)."""

    unit: str
    group: str


def parse_stat(text: bytes) -> Stat | None:
    """Parse ``/proc/<pid>/stat``; None when it is not one.

    The name may hold anything, parentheses and spaces too, so it ends at the last parenthesis.
    """
    left, right = text.find(b"("), text.rfind(b")")
    fields = text[right + 2 :].split(None, _FIELDS)
    if left < 0 or right < left or len(fields) < _FIELDS:
        return None
    try:
        return Stat(
            name=text[left + 1 : right].decode("utf-8", "replace"),
            state=STATES.get(fields[0], "unknown"),
            kernel=bool(int(fields[6]) & _KERNEL_THREAD),
            ticks=int(fields[11]) + int(fields[12]),
            started=int(fields[19]),
            pages=int(fields[21]),
        )
    except ValueError:
        return None


def place(name: str, *, kernel: bool, cgroup: str) -> Place:
    """Return where a process belongs.

    Args:
        name: the program's.
        kernel: whether it is a thread of the kernel.
        cgroup: the text of ``/proc/<pid>/cgroup``, "" where there is none.
    """
    if kernel:
        return Place(KERNEL, "")
    path = _group_path(cgroup)
    segments = path.split("/")
    for count in range(len(segments), 0, -1):
        if segments[count - 1].endswith(_UNIT_KINDS):
            return Place(unit_name(segments[count - 1]), "/".join(segments[:count]))
    return Place(unit_name(name), "")


def unit_name(text: str) -> str:
    """Turn `text` into what a segment of a path may hold, container ids abbreviated."""
    short = _CONTAINER.sub(lambda found: found.group()[:_SHORT_ID], text)
    return segment_of(short)


def _group_path(cgroup: str) -> str:
    """Return the path in systemd's own hierarchy, else in the unified one."""
    paths = {}
    for line in cgroup.splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        paths[controllers] = path
    return paths.get("name=systemd") or paths.get("", "")


def parse_quota(text: str) -> float | None:
    """Parse ``cpu.max``: cores, or None where it says ``max`` or nonsense."""
    quota, _, period = text.strip().partition(" ")
    return ratio(quota, period)


def ratio(quota: str, period: str) -> float | None:
    """Return the cores that a CPU quota allows in a period, None without a limit."""
    top, bottom = number(quota), number(period)
    return None if top is None or not bottom or top < 0 else top / bottom


def number(text: str) -> float | None:
    """Parse a whole number, None where it says ``max`` or nonsense."""
    try:
        return float(int(text))
    except (ValueError, OverflowError):
        return None


def parse_keyed(text: str, key: str) -> float | None:
    """Return the number after `key` in lines of ``key number``, as in ``memory.stat``."""
    for line in text.splitlines():
        name, _, value = line.partition(" ")
        if name == key:
            return number(value)
    return None
