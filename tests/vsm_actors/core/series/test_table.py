import threading

import numpy as np
import pytest

from vsm_actors.core.errors import UnknownFamilyError, WrongLabelsError
from vsm_actors.core.families import Family, Kind, Origin, family
from vsm_actors.core.naming import OVERFLOW, SELF_PATH
from vsm_actors.core.series import Limits, SeriesTable

OPERATIONS = family("vsm_operations_started_total")


def table(**limits: int) -> SeriesTable:
    return SeriesTable(Limits(**limits), threading.Lock())


def started(path: str = "acme", unit: str = "u", operation: str = "stamp") -> tuple[str, ...]:
    return path, "1", unit, operation


def test_the_same_labels_are_the_same_series() -> None:
    one = table()
    assert one.intern(OPERATIONS, started()) == one.intern(OPERATIONS, started()) == 0
    assert one.intern(OPERATIONS, started(unit="v")) == 1
    assert (len(one), one.alive) == (2, 2)
    assert [series.label("unit") for series in one] == ["u", "v"]
    assert one[0].label("unheard") == ""


def test_the_number_of_labels_must_fit() -> None:
    with pytest.raises(WrongLabelsError, match="takes 4 labels") as caught:
        table().intern(OPERATIONS, ("acme",))
    assert (caught.value.family, caught.value.given) == (OPERATIONS.name, 1)
    assert caught.value.expected == OPERATIONS.labels


def test_a_label_over_its_cap_becomes_the_overflow_value_alone() -> None:
    one = table(label_values=2)
    for unit in "abcd":
        one.intern(OPERATIONS, started(unit=unit))
    assert [series.labels for series in one][-1] == started(unit=OVERFLOW)
    assert len(one) == 3
    assert one.overflows["label"] == 2
    assert one.intern(OPERATIONS, started(unit="a")) == 0


def test_a_metric_over_its_cap_goes_to_one_overflow_series() -> None:
    one = table(metric_series=2)
    ids = [one.intern(OPERATIONS, started(unit=unit)) for unit in "abcd"]
    assert ids == [0, 1, 2, 2]
    assert one[2].labels == (OVERFLOW,) * 4
    assert one.overflows["metric"] == 2


def test_all_series_together_are_capped_too() -> None:
    one = table(series=1)
    one.intern(OPERATIONS, started())
    errors = one.intern(family("vsm_errors_total"), ("acme", "1", "u", "jam"))
    assert one[errors].labels == (OVERFLOW,) * 4
    assert one.overflows["series"] == 1


def test_a_retired_series_gets_a_new_id_when_it_comes_again() -> None:
    one = table()
    first = one.intern(OPERATIONS, started())
    one.retire(first)
    one.retire(first)
    assert (one.alive, list(one), one.is_alive(first)) == (0, [], False)
    again = one.intern(OPERATIONS, started())
    assert again == 1
    assert one.is_alive(again)
    assert len(one) == 2


def test_a_retired_series_makes_room_under_the_caps() -> None:
    one = table(metric_series=1)
    one.retire(one.intern(OPERATIONS, started(unit="a")))
    assert one[one.intern(OPERATIONS, started(unit="b"))].labels == started(unit="b")


def test_kinds_are_a_column_over_all_ids() -> None:
    one = table(label_values=5_000)
    used = family("vsm_resource_used")
    ids = [one.intern(used, ("acme", "1", f"u{n}", "cpu")) for n in range(1_500)]
    counter = one.intern(OPERATIONS, started())
    assert np.all(one.kinds[ids] == Kind.GAUGE)
    assert one.kinds[counter] == Kind.COUNTER


@pytest.mark.parametrize(
    ("path", "origin"),
    [("acme", Origin.SOURCE), (SELF_PATH, Origin.SELF), ("vsm-run/x", Origin.SELF)],
)
def test_what_lies_under_the_daemons_own_path_is_its_own(path: str, origin: Origin) -> None:
    one = table()
    assert one[one.intern(OPERATIONS, started(path=path))].origin is origin


def test_a_reading_is_a_reading_wherever_it_lies() -> None:
    one = table()
    series = one.intern(family("vsm_risk"), (SELF_PATH,))
    assert one[series].origin is Origin.READING


def test_a_family_without_a_path_keeps_its_origin() -> None:
    one = table()
    plain = Family(name="vsm_plain", kind=Kind.GAUGE, help="Plain.")
    assert one[one.intern(plain, ())].origin is Origin.SOURCE


def test_an_unknown_family_says_where_families_are() -> None:
    with pytest.raises(UnknownFamilyError) as caught:
        family("vsm_unheard")
    assert str(caught.value) == "no metric family 'vsm_unheard' in the catalogue"
    assert caught.value.name == "vsm_unheard"


def test_a_set_is_shown_as_a_gauge() -> None:
    assert Kind.DISTINCT.exposed == "gauge"
    assert Kind.SUMMARY.exposed == "summary"
