import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsm_actors.core.families import FAMILIES, Origin
from vsm_actors.core.reading import Reading
from vsm_actors.core.viability.health import Exclusion, Health, HealthModel
from vsm_actors.core.viability.parts import BY_FAMILY, PARTS, Quality, geometric, qualities

FRESH = Quality(value=1.0, n=1, age=0.0)


def reading(family: str, value: float, n: int = 1, age: float = 0.0, **labels: str) -> Reading:
    return Reading(family=family, labels={"path": "acme", **labels}, value=value, n=n, age=age)


def all_of(system: int, value: float = 1.0) -> dict[str, Quality]:
    return {
        part.name: Quality(value=value, n=1, age=0.0) for part in PARTS if part.system == system
    }


def health(model: HealthModel, system: int, present: dict[str, Quality], units: int = 2) -> Health:
    return model.healths("acme", present, units)[system]


def test_every_part_is_made_of_a_reading_family_of_its_own() -> None:
    assert len(BY_FAMILY) == len(PARTS) == 15
    assert all(FAMILIES[part.family].origin is Origin.READING for part in PARTS)


def test_counted_shares_add_up_and_are_smoothed() -> None:
    """Two units: 1 of 10 and 0 of 9 failed; (18 + 1/2) / (19 + 1)."""
    found = qualities(
        [
            reading("vsm_error_ratio", 0.1, 10, 5.0, unit="a"),
            reading("vsm_error_ratio", 0.0, 9, 3.0, unit="b"),
        ]
    )
    success = found["acme", "success"]
    assert success.value == pytest.approx(0.925)
    assert (success.n, success.age) == (19, 3.0)


def test_indices_meet_in_their_geometric_mean_and_none_counts_above_one() -> None:
    found = qualities(
        [
            reading("vsm_productivity_ratio", 4.0, unit="a", index="x"),
            reading("vsm_productivity_ratio", 0.25, unit="b", index="x"),
        ]
    )
    assert found["acme", "productivity"].value == pytest.approx(0.5)


@pytest.mark.parametrize(("used", "worth"), [(0.5, 1.0), (0.9, 0.5), (1.0, 0.0), (1.5, 0.0)])
def test_headroom_is_that_of_the_tightest_resource(used: float, worth: float) -> None:
    family = "vsm_resource_utilization_ratio"
    found = qualities([reading(family, 0.1, resource="a"), reading(family, used, resource="b")])
    assert found["acme", "headroom"].value == pytest.approx(worth)


def test_a_series_oscillates_or_it_does_not() -> None:
    """Two of three are steady: (2 + 1/2) / (3 + 1)."""
    family = "vsm_oscillation_index"
    found = qualities([reading(family, value, 240, unit=str(value)) for value in (0.0, 1.0, 1.1)])
    assert found["acme", "steadiness"] == Quality(value=0.625, n=3, age=0.0)


def test_skill_falls_from_one_as_the_scaled_error_grows() -> None:
    found = qualities([reading("vsm_forecast_mase", 1.0, series="demand")])
    assert found["acme", "skill"].value == 0.5


def test_what_speaks_for_the_whole_path_is_taken_where_there_is_such_a_reading() -> None:
    family = "vsm_directive_compliance_ratio"
    found = qualities([reading(family, 1.0, 1, unit="a"), reading(family, 0.5, 3, unit="")])
    assert found["acme", "compliance"] == Quality(value=0.5, n=3, age=0.0)


def test_what_is_undefined_or_no_part_is_left_out() -> None:
    assert qualities([reading("vsm_forecast_mase", math.nan), reading("vsm_risk", 0.5)]) == {}


def test_health_is_the_weighted_geometric_mean_of_its_parts() -> None:
    present = {**all_of(1), "success": Quality(value=0.25, n=9, age=1.0)}
    even = health(HealthModel(), 1, present)
    assert even.value == pytest.approx(100 * 0.25 ** (1 / 3))
    assert (even.coverage, even.stale) == (1.0, ())
    heavy = health(HealthModel(weights={"success": 2.0}), 1, present)
    assert heavy.value == pytest.approx(50.0)


def test_one_dead_part_brings_the_system_to_zero() -> None:
    present = {**all_of(3), "bargain": Quality(value=0.0, n=1, age=0.0)}
    assert health(HealthModel(), 3, present).value == 0.0


def test_a_required_part_that_is_missing_makes_health_absent_and_is_named() -> None:
    present = all_of(1)
    del present["headroom"]
    found = health(HealthModel(weights={"headroom": 2.0}), 1, present)
    assert (found.value, found.stale, found.coverage) == (None, ("headroom",), 0.5)


def test_a_part_older_than_two_windows_is_stale() -> None:
    old = {**all_of(1), "success": Quality(value=1.0, n=1, age=600.1)}
    assert health(HealthModel(), 1, old).stale == ("success",)
    assert health(HealthModel(windows={1: 301.0}), 1, {**old}).stale == ()


def test_weights_renormalise_over_what_does_not_apply() -> None:
    model = HealthModel(exclusions=(Exclusion(path="ac*", system=1, part="headroom"),))
    present = all_of(1, 0.25)
    del present["headroom"]
    found = health(model, 1, present)
    assert found.value == pytest.approx(25.0)
    assert found.coverage == 1.0
    assert model.healths("other", present, 2)[1].stale == ("headroom",)


def test_a_system_can_be_excluded_as_a_whole() -> None:
    model = HealthModel(exclusions=(Exclusion(path="*", system=4, part="*"),))
    assert 4 not in model.healths("acme", {}, 2)


def test_there_is_nothing_to_coordinate_below_two_units() -> None:
    assert 2 not in HealthModel().healths("acme", {}, 1)
    assert 2 in HealthModel().healths("acme", {}, 2)


def test_freshness_applies_where_sources_are_expected() -> None:
    assert "freshness" not in health(HealthModel(), 4, {}).stale
    model = HealthModel(scanned=frozenset({"acme"}))
    assert "freshness" in health(model, 4, {}).stale


def test_health_is_said_with_its_parts() -> None:
    found = tuple(health(HealthModel(), 5, all_of(5)).readings("acme", 5))
    said = {(one.family, one.labels.get("part", "")): one.value for one in found}
    assert said == {
        ("vsm_system_health", ""): pytest.approx(100.0),
        ("vsm_system_health_coverage_ratio", ""): 1.0,
        ("vsm_system_health_part_ratio", "adherence"): 1.0,
        ("vsm_system_health_part_ratio", "balance"): 1.0,
        ("vsm_system_health_part_ratio", "response"): 1.0,
    }


def test_absent_health_is_said_with_what_is_missing() -> None:
    found = tuple(health(HealthModel(), 5, {"adherence": FRESH}).readings("acme", 5))
    said = {(one.family, one.labels.get("part", "")): one.value for one in found}
    assert said == {
        ("vsm_system_health_coverage_ratio", ""): pytest.approx(1 / 3),
        ("vsm_system_health_part_ratio", "adherence"): 1.0,
        ("vsm_system_health_part_stale", "balance"): 1.0,
        ("vsm_system_health_part_stale", "response"): 1.0,
    }


@given(st.lists(st.floats(0.0, 1.0), min_size=3, max_size=3), st.integers(0, 2))
def test_a_part_that_falls_silent_never_raises_health(values: list[float], silent: int) -> None:
    names = ("productivity", "success", "headroom")
    present = {
        name: Quality(value=value, n=1, age=0.0) for name, value in zip(names, values, strict=True)
    }
    del present[names[silent]]
    assert health(HealthModel(), 1, present).value is None


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=9))
def test_a_geometric_mean_lies_between_the_least_and_the_greatest(values: list[float]) -> None:
    found = geometric(values)
    assert min(values) - 1e-9 <= found <= max(values) + 1e-9
