"""Whatever valid events come, in whatever order: no monitor fails, and what it says is sound."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vsm_actors.core.events import CATALOGUE, EventType
from vsm_actors.core.record import Event
from vsm_actors.systems.catalog import SYSTEMS

Values = Callable[..., dict[tuple[str, ...], float]]

MONITORS = tuple(make() for system in SYSTEMS for make in system.monitors)


def events_of(kind: EventType) -> st.SearchStrategy[Event]:
    words = {one.name: st.sampled_from(one.choices or ("a", "b", "c")) for one in kind.attributes}
    figures = {
        one.name: st.floats(
            max(one.low, -1e308), min(one.high, 1e308), allow_nan=False, allow_infinity=False
        )
        for one in kind.measurements
    }
    needed = {one.name for one in kind.attributes if one.required}
    wanted = {one.name for one in kind.measurements if one.required}
    return st.builds(
        lambda time, late, said, measured: Event(
            name=kind.name,
            system=kind.systems[0],
            path="acme",
            unit="press",
            time=time,
            arrival=time + late,
            measurements=measured,
            attributes=said,
        ),
        st.floats(0, 10_000),
        st.floats(0, 10_000),
        some_of(words, needed),
        some_of(figures, wanted),
    )


def some_of(
    every: dict[str, st.SearchStrategy[Any]], required: set[str]
) -> st.SearchStrategy[dict[str, Any]]:
    must = {name: value for name, value in every.items() if name in required}
    may = {name: value for name, value in every.items() if name not in required}
    return st.fixed_dictionaries(must, optional=may)


@pytest.mark.slow
@pytest.mark.parametrize("monitor", MONITORS, ids=lambda one: one.name)
def test_any_valid_events_are_folded_and_what_is_said_is_sound(
    monitor: Any, values: Values
) -> None:
    kinds = [kind for kind in CATALOGUE.values() if monitor.name in kind.monitors]

    @settings(max_examples=60)
    @given(st.lists(st.one_of([events_of(kind) for kind in kinds]), max_size=25))
    def check(events: list[Event]) -> None:
        state = monitor.initial()
        for event in events:
            state = monitor.fold(state, event)
        for now in (20_000.0, 100_000.0, 5e6):
            state, readings = monitor.conclude(state, now)
            values(readings, "")
        assert monitor.refused(state) == 0

    if kinds:
        check()


def test_each_monitor_says_which_system_it_belongs_to() -> None:
    assert [one.system for one in MONITORS] == [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5]
