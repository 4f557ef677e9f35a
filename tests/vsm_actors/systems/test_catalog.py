import pytest

from vsm_actors.core.events import CATALOGUE
from vsm_actors.systems.catalog import SYSTEMS, Factory, System


def _monitors() -> list[tuple[System, Factory]]:
    return [(system, factory) for system in SYSTEMS for factory in system.monitors]


def test_the_five_systems_stand_in_order_under_their_supervisors() -> None:
    assert [system.number for system in SYSTEMS] == [1, 2, 3, 4, 5]
    assert SYSTEMS[0].supervisor == "System1Supervisor"
    assert [system.name for system in SYSTEMS][1:3] == ["coordination", "control"]


@pytest.mark.parametrize(("system", "factory"), _monitors())
def test_every_monitor_starts_empty_and_belongs_to_its_system(
    system: System, factory: Factory
) -> None:
    monitor = factory()
    state, readings = monitor.conclude(monitor.initial(), 1000.0)

    assert monitor.system == system.number
    assert readings == ()
    assert monitor.refused(state) == 0


def test_no_two_monitors_share_a_name() -> None:
    names = [factory().name for _, factory in _monitors()]

    assert len(set(names)) == len(names)


def test_system_1_and_system_2_have_their_three_monitors_each() -> None:
    names = [[factory().name for factory in system.monitors] for system in SYSTEMS[:2]]

    assert names == [
        ["OperationalMonitor", "PerformanceTracker", "ResourceMonitor"],
        ["CoordinationMonitor", "VarietyManager", "ChannelMonitor"],
    ]


@pytest.mark.parametrize("name", ["performance.reported", "message.sent", "conflict.detected"])
def test_the_monitors_that_the_catalogue_of_events_names_exist(name: str) -> None:
    known = {factory().name for _, factory in _monitors()}

    assert known & set(CATALOGUE[name].monitors)
