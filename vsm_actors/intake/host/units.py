"""Processes grouped as the units of the host, bounded in number. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vsm_actors.intake.host.sample import Memory, Process, Sample

OTHER = "other"
"""The unit that the smallest are folded into."""

MOST_UNITS = 200
"""Units that are named, `OTHER` among them: two hundred gives some 1,500 points a look, one series
cap of a label (1,000) is never reached by a host alone, and nobody reads more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What the processes of one unit do.

    Attributes:
        cores: CPU in use since the previous look, cores; None at the first look.
        memory: bytes resident.
        states: processes by state.
        born: processes that are new since the previous look.
        ended: processes of the previous look that are gone.
    """

    cores: float | None
    memory: float
    states: Mapping[str, int]
    born: int = 0
    ended: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """All units of one look.

    Attributes:
        named: by name.
        folded: how many went into `OTHER`.
    """

    named: Mapping[str, Unit]
    folded: int


def group(memory: Memory | None, sample: Sample, most: int = MOST_UNITS) -> Units:
    """Group the processes of `sample` into at most `most` units, the biggest by CPU and memory.

    A program is named once one of its processes lives through two looks: those that come and go
    are `OTHER`, or a host that compiles would name hundreds in a minute. A process that begins and
    ends between two looks is not seen, nor is the CPU that one uses after its last look.
    """
    lasting, units = _add_up(memory, sample)
    brief = units.keys() - lasting
    ranked = sorted(lasting - {OTHER}, key=lambda name: (-_size(units[name], sample), name))
    all_named = not brief and len(units) <= most
    kept = ranked if all_named else ranked[: most - 1]
    rest = units.keys() - set(kept)
    named = {name: units[name] for name in kept}
    if rest:
        named[OTHER] = _merge(units[name] for name in rest)
    return Units(named=named, folded=len(ranked) - len(kept))


def _add_up(memory: Memory | None, sample: Sample) -> tuple[set[str], dict[str, Unit]]:
    """Return the names that last, and what the processes of every name do."""
    before = {} if memory is None else {_identity(one): one for one in memory.sample.processes}
    lasting = set() if memory is None else set(memory.units)
    tallies: defaultdict[str, _Tally] = defaultdict(_Tally)
    for one in sample.processes:
        earlier = before.pop(_identity(one), None)
        if earlier is not None or memory is None:
            lasting.add(one.unit)
        tallies[one.unit].take(one, earlier)
    for gone in before.values():
        tallies[gone.unit].ended += 1
    elapsed = None if memory is None else sample.monotonic - memory.sample.monotonic
    return lasting & tallies.keys(), {name: tally.unit(elapsed) for name, tally in tallies.items()}


class _Tally:
    """A unit as it is added up, process by process."""

    __slots__ = ("born", "ended", "memory", "spent", "states")

    def __init__(self) -> None:
        self.spent = 0.0
        self.memory = 0.0
        self.states: Counter[str] = Counter()
        self.born = 0
        self.ended = 0

    def take(self, process: Process, earlier: Process | None) -> None:
        self.spent += max(0.0, process.cpu - (earlier.cpu if earlier else 0.0))
        self.memory += process.memory
        self.states[process.state] += 1
        self.born += earlier is None

    def unit(self, elapsed: float | None) -> Unit:
        return Unit(
            cores=self.spent / elapsed if elapsed else None,
            memory=self.memory,
            states=self.states,
            born=0 if elapsed is None else self.born,
            ended=self.ended,
        )


def _identity(process: Process) -> tuple[int, float]:
    return process.pid, process.started


def _size(unit: Unit, sample: Sample) -> float:
    """Return a unit's share of the machine, CPU and memory alike."""
    cores, memory = sample.machine.cores or 1.0, sample.machine.memory or float("inf")
    return (unit.cores or 0.0) / cores + unit.memory / memory


def _merge(units: Iterable[Unit]) -> Unit:
    gathered = tuple(units)
    states: Counter[str] = Counter()
    for unit in gathered:
        states.update(unit.states)
    cores = [unit.cores for unit in gathered if unit.cores is not None]
    return Unit(
        cores=sum(cores) if cores else None,
        memory=sum(unit.memory for unit in gathered),
        states=states,
        born=sum(unit.born for unit in gathered),
        ended=sum(unit.ended for unit in gathered),
    )
