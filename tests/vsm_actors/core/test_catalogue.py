import pytest

from vsm_actors.core.events import CATALOGUE, EventType
from vsm_actors.core.events.model import Lane
from vsm_actors.core.families import FAMILIES, Family, Kind, Origin
from vsm_actors.core.variety.streams import PAIRS

ENVELOPE = {"event", "path", "system", "unit"}
EVENTS = pytest.mark.parametrize("event", CATALOGUE.values(), ids=CATALOGUE)
EVERY_FAMILY = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)


@EVENTS
def test_an_event_counts_only_what_it_carries(event: EventType) -> None:
    words = {attribute.name for attribute in event.attributes}
    numbers = {measurement.name for measurement in event.measurements}
    for count in event.counts:
        labels = FAMILIES[count.family].labels
        assert set(count.labels) <= set(labels)
        assert {label for label in labels if label not in count.labels} <= ENVELOPE | words
        sources = {source for sources in count.labels.values() for source in sources}
        assert {source for source in sources if not source.startswith("=")} <= words
        assert count.value is None or count.value in numbers


@EVENTS
def test_an_event_counts_into_families_of_sources_only(event: EventType) -> None:
    assert {FAMILIES[count.family].origin for count in event.counts} <= {Origin.SOURCE}


@EVENTS
def test_an_event_counts_ones_or_deltas_into_counters_and_figures_elsewhere(
    event: EventType,
) -> None:
    for count in event.counts:
        assert count.value is not None or FAMILIES[count.family].kind is Kind.COUNTER


@EVENTS
def test_an_event_on_the_event_lane_concerns_a_monitor(event: EventType) -> None:
    assert bool(event.lanes & (Lane.EVENT | Lane.ALGEDONIC)) == bool(event.monitors)


@EVENTS
def test_an_event_says_who_may_report_it_and_what_it_is(event: EventType) -> None:
    assert set(event.systems) <= {1, 2, 3, 4, 5}
    assert event.help.endswith(".")
    assert event.counts


@EVERY_FAMILY
def test_a_family_is_named_as_prometheus_wants_it(family: Family) -> None:
    assert family.name.startswith("vsm_")
    assert family.name.endswith("_total") == (family.kind is Kind.COUNTER)
    assert not family.unit or family.name.removesuffix("_total").endswith(f"_{family.unit}")
    assert family.help.endswith(".")


@EVERY_FAMILY
def test_a_family_has_a_closed_label_set_without_ids(family: Family) -> None:
    assert len(set(family.labels)) == len(family.labels)
    assert not {"id", "le", "quantile"} & set(family.labels)


@EVERY_FAMILY
def test_only_histograms_have_buckets(family: Family) -> None:
    in_the_core = family.origin is not Origin.SELF
    assert not family.buckets or family.kind is Kind.HISTOGRAM
    assert bool(family.buckets) == (family.kind is Kind.HISTOGRAM) or not in_the_core
    assert list(family.buckets) == sorted(family.buckets)


@EVENTS
def test_an_event_without_what_makes_its_state_counts_none(event: EventType) -> None:
    required = {attribute.name for attribute in event.attributes if attribute.required}
    for count in event.counts:
        if "state" in FAMILIES[count.family].labels:
            made_of = set(count.labels.get("state", ("state",)))
            optional = {"state"} if event.name == "environment.scanned" else set()
            assert made_of - optional <= required | set(count.present)


@pytest.mark.parametrize(
    ("family", "words"),
    [
        ("vsm_variety_ratio", tuple(PAIRS)),
        ("vsm_system_health_part_ratio", ("(x+1/2)/(n+1)",)),
        ("vsm_run_mailbox_load", ("points", "records", "bytes", "1,000")),
    ],
)
def test_what_a_figure_is_made_of_is_in_its_help(family: str, words: tuple[str, ...]) -> None:
    assert all(word in FAMILIES[family].help for word in words)
