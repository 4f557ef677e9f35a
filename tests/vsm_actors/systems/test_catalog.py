from typing import Any

import pytest

from vsm_actors.core.events import CATALOGUE
from vsm_actors.core.families import FAMILIES
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


@pytest.mark.parametrize(
    ("family", "monitor", "word"),
    [
        ("vsm_error_ratio", "OperationalMonitor", "operations"),
        ("vsm_error_lower_ratio", "PerformanceTracker", "operations"),
        ("vsm_error_upper_ratio", "PerformanceTracker", "operations"),
        ("vsm_response_time_quantile_seconds", "PerformanceTracker", "operations"),
        ("vsm_resource_exhaustion_seconds", "ResourceMonitor", "samples"),
        ("vsm_oscillation_index", "CoordinationMonitor", "steps"),
        ("vsm_channel_loss_ratio", "ChannelMonitor", "messages"),
        ("vsm_novelty_ratio", "EnvironmentScanner", "signals"),
        ("vsm_forecast_mase", "FutureProjector", "realised forecasts"),
        ("vsm_forecast_interval_coverage_ratio", "FutureProjector", "realised values"),
        ("vsm_identity_divergence_bits", "IdentityManager", "operations"),
    ],
)
def test_a_reading_that_wants_a_number_of_samples_says_it(
    family: str, monitor: str, word: str
) -> None:
    made: dict[str, Any] = {one.name: one for one in (make() for _, make in _monitors())}
    assert f"{made[monitor].minimum} {word}" in FAMILIES[family].help
