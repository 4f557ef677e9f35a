"""Two successive looks at the machine become facts about a viable system. Pure.

The host is System 1 with its services as units, seen from outside: nobody reports how its work
went, so no operation is said to have completed, and no message between units is made up from the
connections that exist between them. What a reading needs and a look cannot give is left out.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from vsm_actors.intake.facts import Fact, Teller
from vsm_actors.intake.host.environment import environment
from vsm_actors.intake.host.sample import Machine, Memory, Nic, Sample
from vsm_actors.intake.host.units import MOST_UNITS, Unit, group

WHOLE = ""
"""The unit of facts about the host as a whole."""

_LOADS = ((0.1, "idle"), (0.5, "light"), (1.0, "busy"))
"""The alphabet of the stream ``load``: the average of tasks running or waiting, per core, below
each figure; from one task a core on, someone waits: ``overloaded``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What one look says.

    Attributes:
        facts: in no particular order.
        folded: units that went into the unit ``other`` for want of room.
        memory: what the next look is to be compared with.
    """

    facts: tuple[Fact, ...]
    folded: int
    memory: Memory


def observe(
    memory: Memory | None, sample: Sample, path: str, most: int = MOST_UNITS
) -> Observation:
    """Return what `sample` says after what is in `memory`, about the viable system at `path`.

    Args:
        memory: of the look before; without one, whatever is a rate or a change is left out.
        sample: this look.
        path: where the host stands in the model.
        most: units that are named.
    """
    tell = Teller(path, sample.time)
    before = memory.outside if memory is not None else None
    units = group(memory, sample, most)
    facts: list[Fact] = []
    for name, unit in units.named.items():
        facts += _unit(tell, name, unit, sample)
    facts += _machine(tell, sample.machine)
    facts += (
        tell.resource(WHOLE, f"disk:{one.point}", one.used, one.capacity)
        for one in sample.mounts
        if one.capacity
    )
    facts += environment(tell, before, sample)
    if memory is not None and sample.monotonic > memory.sample.monotonic:
        facts += _rates(tell, memory.sample, sample)
    kept = Memory(
        sample=sample,
        outside=sample.outside or before,
        units=frozenset(one.unit for one in sample.processes),
    )
    return Observation(facts=tuple(facts), folded=units.folded, memory=kept)


def _unit(tell: Teller, name: str, unit: Unit, sample: Sample) -> Iterator[Fact]:
    budget = sample.budgets.get(name)
    cores = _least(sample.machine.cores, budget.cores if budget else None)
    memory = _least(sample.machine.memory, budget.memory if budget else None)
    if unit.cores is not None and cores is not None:
        yield tell.resource(name, "cpu", unit.cores, cores)
    if memory is not None:
        yield tell.resource(name, "memory", unit.memory, memory)
    for state, count in unit.states.items():
        yield tell.state(name, "processes", state, count)
    if unit.born:
        yield tell.started(name, "process", unit.born)
        yield tell.state(name, "process.life", "began", unit.born)
    if unit.ended:
        yield tell.state(name, "process.life", "ended", unit.ended)


def _machine(tell: Teller, machine: Machine) -> Iterator[Fact]:
    for name, used, capacity in (
        ("memory", machine.memory_used, machine.memory),
        ("swap", machine.swap_used, machine.swap),
        ("open_files", machine.files_used, machine.files),
        ("tasks", machine.tasks_used, machine.tasks),
    ):
        if used is not None and capacity:
            yield tell.resource(WHOLE, name, used, capacity)
    if machine.load is not None and machine.cores:
        yield tell.state(WHOLE, "load", _load(machine.load / machine.cores))


def _load(average: float) -> str:
    return next((name for bound, name in _LOADS if average < bound), "overloaded")


def _rates(tell: Teller, previous: Sample, sample: Sample) -> Iterator[Fact]:
    elapsed = sample.monotonic - previous.monotonic
    yield from _cpu(tell, previous.machine, sample.machine, elapsed)
    busy = {one.name: one.busy for one in previous.disks}
    for disk in sample.disks:
        if disk.name in busy:
            used = max(0.0, disk.busy - busy[disk.name]) / elapsed
            yield tell.resource(WHOLE, f"disk-time:{disk.name}", min(1.0, used), 1.0)
    before = {one.name: one for one in previous.nics}
    for nic in sample.nics:
        if nic.name in before:
            yield from _nic(tell, before[nic.name], nic, elapsed)


def _cpu(tell: Teller, before: Machine, machine: Machine, elapsed: float) -> Iterator[Fact]:
    if before.cpu_seconds is None or machine.cpu_seconds is None or machine.cores is None:
        return
    used = max(0.0, machine.cpu_seconds - before.cpu_seconds) / elapsed
    queued = None if machine.runnable is None else max(0.0, machine.runnable - machine.cores)
    yield tell.resource(WHOLE, "cpu", used, machine.cores, queued)


def _nic(tell: Teller, before: Nic, nic: Nic, elapsed: float) -> Iterator[Fact]:
    if nic.speed is not None:
        for way, then, now in (
            ("sent", before.bytes_sent, nic.bytes_sent),
            ("received", before.bytes_received, nic.bytes_received),
        ):
            rate = max(0.0, now - then) / elapsed
            yield tell.resource(WHOLE, f"network:{nic.name}:{way}", rate, nic.speed)
    sent, given_up = nic.sent - before.sent, nic.dropped_out - before.dropped_out
    taken, lost = nic.received - before.received, nic.dropped_in - before.dropped_in
    yield from _messages(
        tell, ("1", "env", nic.name), {"sent": sent + given_up, "dropped": given_up}
    )
    yield from _messages(
        tell,
        ("env", "1", nic.name),
        {"sent": taken + lost, "received": taken, "dropped": lost},
    )


def _messages(tell: Teller, edge: tuple[str, str, str], counts: dict[str, float]) -> Iterable[Fact]:
    """Word packets; what reached the interface and was given up there had been sent as well."""
    return (tell.message(verb, edge, WHOLE, n) for verb, n in counts.items() if n > 0)


def _least(capacity: float | None, limit: float | None) -> float | None:
    known = [one for one in (capacity, limit) if one is not None]
    return min(known, default=None)
