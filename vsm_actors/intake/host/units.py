"""Processes grouped as the units of the host, bounded in number. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vsm_actors.intake.host.sample import Process, Sample

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


def group(previous: Sample | None, sample: Sample, most: int = MOST_UNITS) -> Units:
    """Group the processes of `sample` into at most `most` units, the biggest by CPU and memory.

    A process that began and ended between two looks is not seen, nor is the CPU that one used
    after the last look before its end.
    """
    all_units = _add_up(previous, sample)
    if len(all_units) <= most:
        return Units(named=all_units, folded=0)
    ranked = sorted(all_units, key=lambda name: (-_size(all_units[name], sample), name))
    kept = [name for name in ranked if name != OTHER][: most - 1]
    rest = all_units.keys() - set(kept)
    named = {name: all_units[name] for name in kept}
    named[OTHER] = _merge(all_units[name] for name in rest)
    return Units(named=named, folded=len(rest - {OTHER}))


def _add_up(previous: Sample | None, sample: Sample) -> dict[str, Unit]:
    before = {} if previous is None else {_identity(one): one for one in previous.processes}
    spent: defaultdict[str, float] = defaultdict(float)
    memory: defaultdict[str, float] = defaultdict(float)
    born: Counter[str] = Counter()
    states: dict[str, Counter[str]] = {}
    for one in sample.processes:
        earlier = before.pop(_identity(one), None)
        spent[one.unit] += max(0.0, one.cpu - (earlier.cpu if earlier else 0.0))
        memory[one.unit] += one.memory
        born[one.unit] += earlier is None
        states.setdefault(one.unit, Counter())[one.state] += 1
    ended = Counter(one.unit for one in before.values())
    elapsed = 0.0 if previous is None else sample.monotonic - previous.monotonic
    return {
        name: Unit(
            cores=spent[name] / elapsed if elapsed > 0 else None,
            memory=memory[name],
            states=states.get(name, {}),
            born=0 if previous is None else born[name],
            ended=ended[name],
        )
        for name in states.keys() | ended.keys()
    }


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
