from vsm_actors.core.coverage import coverage_of
from vsm_actors.core.reading import Reading


def reading(unit: str, coverage: float, age: float, n: int) -> Reading:
    labels = {"path": "acme", "unit": unit}
    return Reading(
        family="vsm_error_ratio", labels=labels, value=0.5, n=n, coverage=coverage, age=age
    )


def test_the_weakest_reading_speaks_for_its_unit() -> None:
    found = coverage_of(
        "PerformanceTracker",
        1,
        [reading("a", 0.9, 2.0, 30), reading("a", 0.4, 1.0, 90), reading("b", 1.0, 0.0, 5)],
    )
    figures = {(one.family, one.labels["unit"]): (one.value, one.n) for one in found}
    assert figures == {
        ("vsm_reading_coverage_ratio", "a"): (0.4, 30),
        ("vsm_reading_age_seconds", "a"): (2.0, 30),
        ("vsm_reading_coverage_ratio", "b"): (1.0, 5),
        ("vsm_reading_age_seconds", "b"): (0.0, 5),
    }
    assert found[0].labels == {
        "path": "acme",
        "unit": "a",
        "system": "1",
        "monitor": "PerformanceTracker",
    }


def test_no_readings_have_no_coverage() -> None:
    assert coverage_of("PerformanceTracker", 1, []) == ()
