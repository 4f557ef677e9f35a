"""One look at the machine, as plain data. What could not be read is None, or absent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Process(NamedTuple):
    """One process (a named tuple: hundreds of them are made at every look).

    Attributes:
        pid: its number, which the system uses again.
        started: when it began, in the system's own clock; with `pid` it is an identity.
        unit: the service or program that it belongs to.
        state: running, sleeping, disk-sleep, zombie ... in psutil's words.
        cpu: seconds of CPU that it has used since it began.
        memory: bytes resident; pages that it shares count in full.
    """

    pid: int
    started: float
    unit: str
    state: str
    cpu: float
    memory: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a control group may use, and uses. None: no limit, or not told.

    Attributes:
        cores: CPU limit, cores.
        memory: memory limit, bytes.
        cpu_seconds: CPU used since the group began.
        memory_used: bytes in use, without what the kernel can reclaim at once.
    """

    cores: float | None = None
    memory: float | None = None
    cpu_seconds: float | None = None
    memory_used: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The machine as a whole, or the container where the daemon runs in a limited one.

    Attributes:
        cores: CPUs that can be used.
        cpu_seconds: CPU time used since the boot, of all cores.
        memory: bytes there are.
        memory_used: bytes that are not available.
        swap: bytes of swap there are.
        swap_used: bytes of swap in use.
        files: file handles that may be open; None where the system sets no real bound.
        files_used: file handles open.
        tasks: processes and threads that there may be.
        tasks_used: processes and threads.
        runnable: tasks that run or want to; not told in a container with a CPU limit.
        load: average number of tasks running or waiting over a minute; likewise.
    """

    cores: float | None = None
    cpu_seconds: float | None = None
    memory: float | None = None
    memory_used: float | None = None
    swap: float | None = None
    swap_used: float | None = None
    files: float | None = None
    files_used: float | None = None
    tasks: float | None = None
    tasks_used: float | None = None
    runnable: float | None = None
    load: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """A file system: where, bytes used, and bytes that there are for ordinary users."""

    point: str
    used: float
    capacity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """A block device: its name, and the seconds that it was busy since the boot."""

    name: str
    busy: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Nic:
    """A network interface towards the outside; the counts are running totals.

    Attributes:
        name: as the system calls it.
        up: whether the link is up.
        speed: bytes a second that the link can carry in each direction, None if not known.
        bytes_sent: bytes.
        bytes_received: bytes.
        sent: packets handed to the link.
        received: packets taken from it.
        dropped_out: packets given up before the link took them, for want of room or by an error.
        dropped_in: packets that arrived and were given up, for want of room or by an error.
    """

    name: str
    up: bool
    speed: float | None = None
    bytes_sent: float = 0.0
    bytes_received: float = 0.0
    sent: float = 0.0
    received: float = 0.0
    dropped_out: float = 0.0
    dropped_in: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """The rarer, dearer look at the environment.

    Attributes:
        inbound: remote addresses connected to each port that the host listens on.
        outbound: remote addresses that the host is connected to, by their port.
        mains: whether mains power is there, None where nothing tells.
    """

    inbound: Mapping[int, int] | None = None
    outbound: Mapping[int, int] | None = None
    mains: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """All of one look.

    Attributes:
        time: Unix seconds.
        monotonic: monotonic seconds.
        machine: the whole.
        processes: all that could be read.
        budgets: limits of units that have some of their own.
        mounts: file systems.
        disks: block devices.
        nics: network interfaces towards the outside.
        outside: the environment, None where this look left it out.
        gaps: what could not be read, counted by reason.
    """

    time: float
    monotonic: float
    machine: Machine
    processes: tuple[Process, ...] = ()
    budgets: Mapping[str, Budget] = field(default_factory=dict)
    mounts: tuple[Mount, ...] = ()
    disks: tuple[Disk, ...] = ()
    nics: tuple[Nic, ...] = ()
    outside: Outside | None = None
    gaps: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What the next look is compared with.

    Attributes:
        sample: the look before.
        outside: the newest look at the environment.
        units: names of the units that had a process at the look before.
    """

    sample: Sample
    outside: Outside | None
    units: frozenset[str]
