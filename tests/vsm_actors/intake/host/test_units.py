"""Processes grouped as units."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from vsm_actors.intake.host.sample import Machine, Memory, Process, Sample
from vsm_actors.intake.host.units import OTHER, Unit, group


def _process(pid: int, unit: str, cpu: float = 0.0, memory: float = 1.0) -> Process:
    return Process(pid=pid, started=1.0, unit=unit, state="sleeping", cpu=cpu, memory=memory)


def _sample(monotonic: float, *processes: Process) -> Sample:
    machine = Machine(cores=2.0, memory=1_000.0)
    return Sample(time=monotonic, monotonic=monotonic, machine=machine, processes=processes)


def _remember(sample: Sample) -> Memory:
    units = frozenset(one.unit for one in sample.processes)
    return Memory(sample=sample, outside=None, units=units)


def test_first_look_names_all_and_knows_no_cpu() -> None:
    units = group(None, _sample(0.0, _process(1, "a", 9.0), _process(2, "a"), _process(3, "b")))
    assert units.folded == 0
    assert units.named == {
        "a": Unit(cores=None, memory=2.0, states={"sleeping": 2}),
        "b": Unit(cores=None, memory=1.0, states={"sleeping": 1}),
    }


def test_cpu_is_what_was_used_between_the_looks() -> None:
    before = _sample(10.0, _process(1, "a", 5.0), _process(2, "a", 1.0))
    now = _sample(15.0, _process(1, "a", 7.5), _process(2, "a", 1.0), _process(3, "a", 2.5))
    unit = group(_remember(before), now).named["a"]
    assert unit.cores == 1.0
    assert (unit.born, unit.ended) == (1, 0)


def test_number_that_is_used_again_is_another_process() -> None:
    before = _sample(10.0, _process(1, "a", 100.0))
    again = _process(1, "a", 2.0)._replace(started=2.0)
    unit = group(_remember(before), _sample(12.0, again)).named["a"]
    assert (unit.cores, unit.born, unit.ended) == (1.0, 1, 1)


def test_unit_that_ended_is_said_to_use_nothing_once() -> None:
    memory = _remember(_sample(10.0, _process(1, "a"), _process(2, "b")))
    now = _sample(15.0, _process(2, "b"))
    assert group(memory, now).named["a"] == Unit(cores=0.0, memory=0.0, states={}, ended=1)
    assert "a" not in group(_remember(now), _sample(20.0, _process(2, "b"))).named


def test_program_that_was_not_there_before_is_named_at_its_second_look() -> None:
    first = _sample(10.0, _process(1, "a"))
    second = _sample(15.0, _process(1, "a"), _process(2, "cc"), _process(3, "as"))
    units = group(_remember(first), second)
    assert units.named.keys() == {"a", OTHER}
    assert units.named[OTHER].born == 2
    assert units.folded == 0
    third = _sample(20.0, _process(1, "a"), _process(2, "cc"))
    assert group(_remember(second), third).named.keys() == {"a", "cc", "as"}


def test_smallest_units_are_folded_into_other_and_counted() -> None:
    sample = _sample(0.0, *(_process(n, f"u{n}", memory=float(n)) for n in range(10)))
    units = group(None, sample, most=4)
    assert units.named.keys() == {"u9", "u8", "u7", OTHER}
    assert units.folded == 7
    assert units.named[OTHER].memory == sum(range(7))


def test_program_called_other_is_other() -> None:
    sample = _sample(0.0, _process(1, OTHER, memory=50.0), _process(2, "a"), _process(3, "b"))
    units = group(None, sample, most=2)
    assert units.named[OTHER].memory == 51.0
    assert units.folded == 1


def test_looks_at_the_same_moment_know_no_rate() -> None:
    sample = _sample(10.0, _process(1, "a"))
    assert group(_remember(sample), sample).named["a"].cores is None


_PROCESSES = st.lists(
    st.builds(
        Process,
        pid=st.integers(1, 30),
        started=st.integers(1, 3).map(float),
        unit=st.sampled_from(["a", "b", "c", "d", "e", OTHER]),
        state=st.sampled_from(["running", "sleeping"]),
        cpu=st.floats(0.0, 100.0),
        memory=st.floats(0.0, 1e9),
    ),
    unique_by=lambda one: (one.pid, one.started),
    max_size=25,
)


@given(before=_PROCESSES, now=_PROCESSES, most=st.integers(1, 8))
def test_grouping_loses_no_process_and_keeps_to_its_bound(
    before: list[Process], now: list[Process], most: int
) -> None:
    sample = _sample(15.0, *now)
    units = group(_remember(_sample(10.0, *before)), sample, most)
    assert len(units.named) <= most
    states: Counter[str] = Counter()
    for unit in units.named.values():
        states.update(unit.states)
    assert states == Counter(one.state for one in now)
    kept = {(one.pid, one.started) for one in before} & {(one.pid, one.started) for one in now}
    assert sum(unit.born for unit in units.named.values()) == len(now) - len(kept)
    assert sum(unit.ended for unit in units.named.values()) == len(before) - len(kept)
