from collections.abc import Callable
from typing import Any

import pytest

from vsm_actors.core.messages import Concluded
from vsm_actors.core.reading import Reading
from vsm_actors.core.viability import Viability, ViabilityState
from vsm_actors.core.viability.parts import PARTS, Folding

Viewed = Callable[..., Any]

INDEX = "vsm_viability_index"
ABSENT = "vsm_viability_absent"
COVERAGE = "vsm_viability_index_coverage_ratio"

# So many samples that smoothing does not show.
MANY = 10**12


def readings(family: str, value: float, **labels: str) -> Reading:
    return Reading(family=family, labels={"path": "acme", **labels}, value=value, n=MANY)


def whole(system: int, quality: float = 1.0, *, without: str = "") -> tuple[Reading, ...]:
    """Readings of all parts of a system, each worth `quality`."""
    raw = {
        "success": 1.0 - quality,
        "delivery": 1.0 - quality,
        "agreement": 1.0 - quality,
        "familiarity": 1.0 - quality,
        "headroom": 1.0 - 0.2 * quality,
        "skill": 1.0 / quality - 1.0,
        "steadiness": 0.0,
    }
    return tuple(
        readings(part.family, raw.get(part.name, quality), unit=str(n))
        for part in PARTS
        if part.system == system and part.name != without
        for n in range(50 if part.name == "steadiness" else 1)
        if part.folding is not Folding.COUNTED or part.only != "unit"
    ) + tuple(
        readings(part.family, raw.get(part.name, quality), unit="")
        for part in PARTS
        if part.system == system and part.only == "unit" and part.name != without
    )


def ratio(value: float, pair: str = "3:1") -> Reading:
    return readings("vsm_variety_ratio", value, pair=pair, derived="true")


def told(
    viability: Viability, state: ViabilityState, tick: float, **answers: tuple[Reading, ...]
) -> ViabilityState:
    for monitor, said in answers.items():
        concluded = Concluded(monitor=monitor, system=1, tick=tick, readings=said)
        state = viability.answer(state, concluded)
    return state


def two_units(viability: Viability, viewed: Viewed) -> ViabilityState:
    rows = [
        ("vsm_operations_total", ("acme", "1", unit, "o", "ok"), 1.0) for unit in ("press", "saw")
    ]
    return viability.observe(viability.initial(), viewed(*rows, end=0.0))


def values(found: tuple[Reading, ...], family: str) -> dict[tuple[str, ...], float]:
    return {tuple(one.labels.values()): one.value for one in found if one.family == family}


def five(**worth: float) -> dict[str, tuple[Reading, ...]]:
    """Answers in which all systems are whole, system 4 (say) worth `s4`."""
    return {f"m{n}": whole(n, worth.get(f"s{n}", 1.0)) for n in range(1, 6)}


def test_the_index_is_the_fifth_root_of_the_healths_times_the_least_ratio(viewed: Viewed) -> None:
    viability = Viability()
    state = told(
        viability,
        two_units(viability, viewed),
        1.0,
        **five(s4=0.5),
        variety=(ratio(0.8), ratio(3.0, "4:env"), ratio(0.1, "3:4")),
    )
    _, found = viability.roll_up(state, 1.0)
    assert values(found, "vsm_system_health")["acme", "4"] == pytest.approx(50.0)
    steady = 100 * (50.5 / 51) ** (1 / 3)
    assert values(found, "vsm_system_health")["acme", "2"] == pytest.approx(steady)
    expected = (100.0**3 * 50.0 * steady) ** 0.2 * 0.8
    assert values(found, INDEX) == {("acme",): pytest.approx(expected)}
    assert values(found, "vsm_viability_limiting_system") == {("acme",): 4.0}
    assert values(found, COVERAGE) == {("acme",): 1.0}
    assert values(found, ABSENT) == {}


def test_a_system_without_health_makes_the_index_absent_and_is_named(viewed: Viewed) -> None:
    viability = Viability()
    answers = {**five(), "m5": whole(5, without="balance")}
    state = told(viability, two_units(viability, viewed), 1.0, **answers, variety=(ratio(1.0),))
    _, found = viability.roll_up(state, 1.0)
    assert values(found, INDEX) == {}
    assert values(found, ABSENT) == {("acme", "system-5"): 1.0}
    assert values(found, COVERAGE) == {("acme",): pytest.approx(5 / 6)}
    assert values(found, "vsm_system_health_part_stale") == {("acme", "5", "balance"): 1.0}


def test_without_any_pair_the_index_is_incomplete(viewed: Viewed) -> None:
    viability = Viability()
    state = told(viability, two_units(viability, viewed), 1.0, **five())
    _, found = viability.roll_up(state, 1.0)
    assert values(found, INDEX) == {}
    assert values(found, ABSENT) == {("acme", "variety"): 1.0}


def test_a_pair_that_falls_silent_does_not_raise_the_index(viewed: Viewed) -> None:
    viability = Viability(pair_memory=100.0)
    state = two_units(viability, viewed)
    both = (ratio(0.2), ratio(1.0, "4:env"))
    state = told(viability, state, 1.0, **five(), variety=both)
    state, found = viability.roll_up(state, 1.0)
    assert values(found, INDEX)["acme",] < 21.0
    state = told(viability, state, 2.0, **five(), variety=both[1:])
    state, found = viability.roll_up(state, 2.0)
    assert values(found, INDEX) == {}
    assert values(found, COVERAGE) == {("acme",): pytest.approx(5.5 / 6)}
    state = told(viability, state, 150.0, **five(), variety=both[1:])
    _, found = viability.roll_up(state, 150.0)
    assert values(found, INDEX)["acme",] > 99.0


def test_a_leaf_has_no_index_and_says_so(viewed: Viewed) -> None:
    viability = Viability()
    row = ("vsm_operations_total", ("acme", "1", "", "o", "ok"), 1.0)
    state = viability.observe(viability.initial(), viewed(row, end=0.0))
    state = told(viability, state, 1.0, **five(), variety=(ratio(1.0),))
    _, found = viability.roll_up(state, 1.0)
    assert values(found, ABSENT) == {("acme", "leaf"): 1.0}
    assert values(found, INDEX) == {}
    assert ("acme", "2") not in values(found, "vsm_system_health")


def test_an_answer_counts_for_two_windows(viewed: Viewed) -> None:
    viability = Viability()
    state = told(viability, two_units(viability, viewed), 10.0, m1=whole(1))
    for now, known in ((10.0, True), (12.0, True), (12.5, False), (8.0, True)):
        _, found = viability.roll_up(state, now)
        assert (("acme", "1") in values(found, "vsm_system_health")) is known


def test_an_answer_takes_the_place_of_the_last_one_whole(viewed: Viewed) -> None:
    viability = Viability()
    state = told(viability, two_units(viability, viewed), 10.0, m1=whole(1))
    state = told(viability, state, 11.0, m1=())
    _, found = viability.roll_up(state, 11.0)
    assert values(found, "vsm_system_health") == {}


def test_recursion_depth_is_said_for_every_path_that_reported(viewed: Viewed) -> None:
    viability = Viability()
    _, found = viability.roll_up(two_units(viability, viewed), 1.0)
    assert values(found, "vsm_recursion_depth") == {("acme",): 0.0}


def test_nothing_is_said_of_nobody() -> None:
    viability = Viability()
    assert viability.roll_up(viability.initial(), 1.0)[1] == ()


def test_what_the_bounds_refuse_is_counted(viewed: Viewed) -> None:
    viability = Viability(limit=1)
    assert viability.refused(two_units(viability, viewed)) == 1
