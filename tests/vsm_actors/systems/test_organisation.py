"""An organisation that reports everything: from its events to its viability index."""

from collections.abc import Callable
from typing import Any

import pytest

from vsm_actors.core.events import CATALOGUE
from vsm_actors.core.messages import Concluded
from vsm_actors.core.variety import VarietyCalculator
from vsm_actors.core.viability import Viability
from vsm_actors.core.viability.health import Exclusion, HealthModel
from vsm_actors.systems.catalog import SYSTEMS

World = Any
Values = Callable[..., dict[tuple[str, ...], float]]

NOW = 10_000.0
UNITS = ("press", "saw")


def events(world: World) -> list[Any]:
    """Two of everything that the five systems report, all of it well."""

    def at(name: str, age: float, system: int, measured: dict[str, float], **said: str) -> Any:
        return world.event(name, NOW - age, system=system, measurements=measured, **said)

    levels = {"actuality": 50.0, "capability": 100.0, "potentiality": 100.0}
    found = []
    for unit in UNITS:
        found += [
            at("performance.reported", 5, 1, levels, unit=unit, index="output"),
            at("directive.issued", 50, 3, {"due": 60.0}, id=unit, unit=unit),
            at("directive.completed", 5, 3, {}, id=unit, unit=unit),
            at(
                "resource.allocated",
                5,
                3,
                {"agreed": 1.0, "delivered": 1.0},
                unit=unit,
                resource="cpu",
            ),
            at("audit.performed", 5, 3, {"claimed": 1.0, "found": 1.0}, unit=unit, stream="s"),
            at("conflict.detected", 50, 2, {}, id=unit, between="press,saw"),
            at("conflict.resolved", 5, 2, {}, id=unit, by="press"),
            at("decision.made", 5, 5, {}, id=unit, policy="p", outcome="compliant"),
            at("algedonic.raised", 50, 1, {}, id=unit, severity="high", kind="pain"),
            at("algedonic.acknowledged", 5, 5, {}, id=unit),
        ]
    for step in range(22):
        made = {"value": 2.0 * step, "horizon": 60.0}
        age = 60.0 * (22 - step)
        found += [
            at("forecast.realised", age, 4, {"value": 2.0 * step}, series="demand", id=f"f{step}"),
            at("forecast.generated", age, 4, made, series="demand", id=f"f{step + 1}"),
            at("environment.scanned", age, 4, {"value": 1.0}, source="market", signal="price"),
        ]
    return found


def points(world: World) -> list[Any]:
    """What the same says on the bulk lane, as far as the figures of this test need it."""
    found = []
    for unit in UNITS:
        who = {"path": "acme", "system": "1", "unit": unit}
        found += [
            world.point("vsm_operations_total", 50.0, **who, operation="o", outcome="ok"),
            world.point("vsm_resource_used", 9.0, **who, resource="cpu"),
            world.point("vsm_resource_capacity", 10.0, **who, resource="cpu"),
            *(
                world.point(
                    "vsm_states_total",
                    50.0,
                    path="acme",
                    system=system,
                    stream=stream,
                    state=f"{unit}",
                )
                for system, stream in (("3", "directives.action"), ("4", "forecasts.series"))
            ),
        ]
    return found


@pytest.fixture
def readings(world: World) -> list[Concluded]:
    """Return what all monitors and the variety calculator conclude."""
    reported = events(world)
    view = world.view(*points(world), end=NOW)
    monitors = [make() for system in SYSTEMS for make in system.monitors]
    answers = []
    for monitor in (*monitors, VarietyCalculator()):
        state = monitor.observe(monitor.initial(), world.view(end=NOW - 100.0))
        for event in reported:
            if monitor.name in CATALOGUE[event.name].monitors:
                state = monitor.fold(state, event)
        _, said = monitor.conclude(monitor.observe(state, view), NOW)
        answer = Concluded(monitor=monitor.name, system=monitor.system, tick=NOW, readings=said)
        answers.append(answer)
    return answers


def test_fifteen_monitors_and_the_variety_calculator_answer(readings: list[Concluded]) -> None:
    assert len({answer.monitor for answer in readings}) == 16


def test_it_has_a_viability_index_limited_by_its_first_system(
    world: World, values: Values, readings: list[Concluded]
) -> None:
    quiet = tuple(Exclusion(path="*", system=2, part=part) for part in ("steadiness", "delivery"))
    viability = Viability(model=HealthModel(exclusions=quiet))
    state = viability.observe(viability.initial(), world.view(*points(world), end=NOW))
    for answer in readings:
        state = viability.answer(state, answer)
    _, found = viability.roll_up(state, NOW)
    parts = {
        (labels[1], labels[2]): value
        for labels, value in values(found, "vsm_system_health_part_ratio").items()
    }
    assert values(found, "vsm_system_health_part_stale") == {}
    assert values(found, "vsm_viability_absent") == {}
    assert parts["1", "productivity"] == pytest.approx(0.5)
    assert parts["1", "headroom"] == pytest.approx(0.5)
    assert parts["2", "resolution"] == pytest.approx(2.5 / 3)
    assert parts["3", "agreement"] == pytest.approx(2.5 / 3)
    assert parts["4", "skill"] == pytest.approx(0.5)
    assert parts["5", "balance"] == pytest.approx(1.0)
    assert values(found, "vsm_viability_limiting_system") == {("acme",): 1.0}
    health = values(found, "vsm_system_health")
    product = 1.0
    for figure in health.values():
        product *= figure
    assert values(found, "vsm_viability_index") == {("acme",): pytest.approx(product**0.2)}
