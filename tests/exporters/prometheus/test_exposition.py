import math
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from exporters.prometheus.exemplars import Exemplars
from exporters.prometheus.exposition import Exposition
from exporters.prometheus.lettering import shown
from exporters.prometheus.negotiation import Format
from exporters.prometheus.numbers import numbers
from vsm_actors.core.batch import Exemplar
from vsm_actors.core.families import Family, Kind, family
from vsm_actors.core.series import Limits, SeriesTable
from vsm_actors.core.window import Frame
from vsm_actors.core.window.cells import NO_CELLS
from vsm_actors.core.window.sketch import index_of

OPERATIONS = family("vsm_operations_total")
RESPONSE = family("vsm_response_time_seconds")
LAG = family("vsm_message_lag_seconds")
HEALTH = family("vsm_system_health")
USED = family("vsm_resource_used")
OPEN = tuple("" for _ in HEALTH.labels)

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]

both = pytest.mark.parametrize("form", list(Format))


def parsed(text: bytes, form: Format) -> list[Any]:
    written = text.decode()
    if form is Format.TEXT:
        return list(text_string_to_metric_families(written))
    assert written.endswith("# EOF\n")
    assert written.count("# EOF") == 1
    return list(openmetrics.text_string_to_metric_families(written))


def samples(text: bytes, form: Format) -> Samples:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for metric in parsed(text, form)
        for sample in metric.samples
    }


@pytest.fixture
def rendered(exposition: Exposition, registry: CollectorRegistry) -> Callable[..., bytes]:
    def render(form: Format = Format.TEXT) -> bytes:
        return exposition.render(form, registry)

    return render


@both
def test_counter_shows_its_running_total(
    form: Format, table: Any, exposition: Any, frame: Any, rendered: Any
) -> None:
    labels = ("acme", "1", "press-3", "stamp", "ok")
    series = table.intern(OPERATIONS, labels)
    exposition.apply(frame([series], sum=42.0))
    key = tuple(sorted(zip(OPERATIONS.labels, labels, strict=True)))
    assert samples(rendered(form), form) == {("vsm_operations_total", key): 42.0}


@both
def test_histogram_buckets_are_cumulative_and_spelled_as_floats(
    form: Format, table: Any, exposition: Any, frame: Any, rendered: Any
) -> None:
    series = table.intern(RESPONSE, ("acme", "1", ""))
    buckets = [(series, 0, 1.0), (series, 7, 2.0), (series, 11, 4.0)]
    exposition.apply(frame([series], count=7.0, sum=99.5, buckets=buckets))
    text = rendered(form)
    lines = [line for line in text.decode().splitlines() if not line.startswith("#")]
    les = [line.split('le="')[1].split('"')[0] for line in lines if "_bucket" in line]
    expected = [*map(str, RESPONSE.buckets), "+Inf"]
    assert les == expected
    assert les[7] == "1.0"
    values = [float(line.rpartition(" ")[2]) for line in lines]
    assert values == [1, 1, 1, 1, 1, 1, 1, 3, 3, 3, 3, 7, 99.5, 7]
    assert parsed(text, form)[0].type == "histogram"


@both
def test_summary_shows_quantiles_of_five_minutes_and_totals(
    form: Format, table: Any, exposition: Any, frame: Any, window: Any, rendered: Any
) -> None:
    series = table.intern(LAG, ("acme", "1", "2", "mail"))
    other = table.intern(LAG, ("acme", "1", "3", "mail"))
    exposition.apply(frame([series, other], count=100.0, sum=7.0))
    cell = int(index_of(np.array([0.25]))[0])
    exposition.observe(window([(series, cell, 100.0)]))
    found = {
        (dict(labels)["to"], dict(labels).get("quantile"), name): value
        for (name, labels), value in samples(rendered(form), form).items()
    }
    assert found["2", "0.5", "vsm_message_lag_seconds"] == pytest.approx(0.25, rel=0.01)
    assert found["2", "0.99", "vsm_message_lag_seconds"] == pytest.approx(0.25, rel=0.01)
    assert math.isnan(found["3", "0.95", "vsm_message_lag_seconds"])
    assert found["3", None, "vsm_message_lag_seconds_sum"] == 7.0
    assert found["2", None, "vsm_message_lag_seconds_count"] == 100.0


def test_quantiles_forget_what_is_older_than_five_minutes(
    table: Any, exposition: Any, frame: Any, window: Any, rendered: Any
) -> None:
    series = table.intern(LAG, ("acme", "1", "2", "mail"))
    exposition.apply(frame([series], count=1.0, sum=1.0))
    exposition.observe(window([(series, 100, 1.0)]))
    for _ in range(284):
        exposition.observe(window())
    assert b"NaN" not in rendered()
    for _ in range(15):
        exposition.observe(window())
    assert b"NaN" in rendered()


def test_sketches_of_histograms_are_not_kept(table: Any, exposition: Any, window: Any) -> None:
    series = table.intern(RESPONSE, ("acme", "1", ""))
    exposition.observe(window([(series, 100, 1.0)]))
    assert len(exposition.recent.merged().series) == 0


@both
def test_what_is_not_finite_is_spelled_as_the_formats_want(
    form: Format, table: Any, exposition: Any, frame: Any, rendered: Any
) -> None:
    series = [table.intern(USED, ("acme", "1", unit, "cpu")) for unit in "abcd"]
    exposition.apply(frame(series, last=[math.nan, math.inf, -math.inf, 1.5]))
    values = [line.rpartition(b" ")[2] for line in rendered(form).splitlines() if b"unit=" in line]
    assert values == [b"NaN", b"+Inf", b"-Inf", b"1.5"]
    parsed(rendered(form), form)


def test_frames_are_idempotent_and_the_latest_value_wins(
    table: Any, exposition: Any, frame: Any, rendered: Any
) -> None:
    series = table.intern(OPERATIONS, ("a", "1", "", "", ""))
    exposition.apply(frame([series], sum=1.0))
    rendered()
    newer = frame([series], sum=2.0)
    exposition.apply(newer)
    once = rendered()
    exposition.apply(newer)
    assert rendered() == once
    assert b" 2.0" in once


def test_series_that_are_gone_disappear_and_may_come_back(
    table: Any, exposition: Any, frame: Any, rendered: Any
) -> None:
    first = table.intern(HEALTH, ("acme", *OPEN[1:]))
    second = table.intern(HEALTH, ("acme/plant", *OPEN[1:]))
    exposition.apply(frame([first, second], last=[90.0, 80.0]))
    exposition.apply(frame([], gone=[first, 5_000]))
    assert rendered().count(b"\nvsm_system_health{") == 1
    exposition.apply(frame([], gone=[second]))
    assert rendered() == b""
    exposition.apply(frame([first], last=91.0))
    assert rendered().endswith(b'{path="acme",system=""} 91.0\n')


def test_retired_series_disappears_and_its_labels_may_come_again(
    table: Any, exposition: Any, frame: Any, rendered: Any
) -> None:
    gone = table.intern(OPERATIONS, ("a", "1", "", "", ""))
    kept = table.intern(OPERATIONS, ("b", "1", "", "", ""))
    exposition.apply(frame([gone, kept], sum=[1.0, 2.0]))
    table.retire(gone)
    again = table.intern(OPERATIONS, ("a", "1", "", "", ""))
    exposition.apply(frame([again], sum=7.0, gone=[gone]))
    exposition.apply(frame([kept], sum=3.0))
    values = [line.rpartition(b" ")[2] for line in rendered().splitlines()[2:]]
    assert values == [b"3.0", b"7.0"]


def test_full_frame_shows_what_it_holds_and_nothing_else(
    table: Any, exposition: Any, frame: Any, rendered: Any
) -> None:
    series = [table.intern(USED, ("acme", "1", unit, "cpu")) for unit in "abc"]
    exposition.apply(frame(series, last=1.0))
    exposition.apply(frame(series[1:2], last=2.0, full=True))
    assert rendered().count(b"\nvsm_resource_used{") == 1
    assert b'unit="b",resource="cpu"} 2.0\n' in rendered()


def test_retired_histogram_leaves_the_others_buckets_in_place(
    table: Any, exposition: Any, frame: Any, rendered: Any, now: float
) -> None:
    all_of_them = [table.intern(RESPONSE, ("acme", "1", str(unit))) for unit in range(40)]
    trace = Exemplar(series=all_of_them[0], value=0.1, trace="a" * 32, span="b" * 16, time=now)
    exposition.apply(
        frame(
            all_of_them,
            count=1.0,
            sum=1.0,
            buckets=[(series, series % 12, series + 1.0) for series in all_of_them],
            exemplars=(trace,),
        )
    )
    exposition.apply(frame([], gone=all_of_them[:30]))
    assert b"# {" not in rendered(Format.OPENMETRICS)
    found = samples(rendered(), Format.TEXT)
    counts = {dict(key[1])["unit"]: v for key, v in found.items() if key[0].endswith("_count")}
    assert counts == {str(unit): unit + 1.0 for unit in range(30, 40)}
    more = [table.intern(RESPONSE, ("acme", "2", str(unit))) for unit in range(40)]
    exposition.apply(frame(more, buckets=[(series, 0, 5.0) for series in more]))
    assert rendered().count(b"_count{") == 50


def test_exemplar_stands_on_its_bucket_in_openmetrics_only(
    table: Any, exposition: Any, frame: Any, rendered: Any, now: float
) -> None:
    series = table.intern(RESPONSE, ("acme", "1", ""))
    other = table.intern(RESPONSE, ("acme", "1", "x"))
    lag = table.intern(LAG, ("acme", "1", "2", "mail"))
    exemplars = tuple(
        Exemplar(series=one, value=value, trace=trace * 32, span="b" * 16, time=now + 0.25)
        for one, value, trace in [
            (series, 0.2, "1"),
            (series, 0.25, "a"),
            (series, 99.0, "c"),
            (lag, 0.1, "d"),
            (10_000, 0.1, "e"),
        ]
    )
    exposition.apply(
        frame([series, other, lag], count=2.0, buckets=[(series, 5, 2.0)], exemplars=exemplars)
    )
    assert b"trace_id" not in rendered()
    found = {
        sample.labels["le"]: sample.exemplar
        for metric in parsed(rendered(Format.OPENMETRICS), Format.OPENMETRICS)
        for sample in metric.samples
        if sample.exemplar
    }
    assert found.keys() == {"0.25", "+Inf"}
    assert found["0.25"].labels == {"trace_id": "a" * 32, "span_id": "b" * 16}
    assert found["0.25"].value == 0.25
    assert float(found["0.25"].timestamp) == now + 0.25


def test_openmetrics_names_a_counter_without_total_and_says_units(
    table: Any, exposition: Any, frame: Any, rendered: Any
) -> None:
    bits = family("vsm_message_information_bits_total")
    series = [
        table.intern(bits, tuple("" for _ in bits.labels)),
        table.intern(RESPONSE, ("", "", "")),
    ]
    exposition.apply(frame(series))
    text = rendered(Format.OPENMETRICS).decode()
    assert "# TYPE vsm_message_information_bits counter\n" in text
    assert "# UNIT vsm_message_information_bits bits\n" in text
    assert "# UNIT vsm_response_time_seconds seconds\n" in text
    assert "# UNIT" not in rendered().decode()


def test_counter_whose_base_name_is_taken_is_unknown_in_openmetrics(
    table: Any, exposition: Any, frame: Any, rendered: Any
) -> None:
    names = {"vsm_custom_x_total": Kind.COUNTER, "vsm_custom_x": Kind.GAUGE}
    made = [Family(name=name, kind=kind, help=name) for name, kind in names.items()]
    exposition.apply(frame([table.intern(one, ()) for one in made]))
    text = rendered(Format.OPENMETRICS)
    assert b"# TYPE vsm_custom_x_total unknown\n" in text
    assert len(parsed(text, Format.OPENMETRICS)) == 2


@both
def test_families_of_one_name_that_differ_in_labels_share_one_header(
    form: Format, table: Any, exposition: Any, frame: Any, rendered: Any
) -> None:
    def custom(*labels: str) -> Family:
        return Family(name="vsm_custom_x", kind=Kind.GAUGE, help="X.", labels=labels)

    series = [
        table.intern(custom("a"), ("1",)),
        table.intern(custom("a", "b"), ("1", "2")),
        table.intern(custom(), ()),
    ]
    exposition.apply(frame(series, last=[1.0, 2.0, 3.0]))
    text = rendered(form)
    assert text.count(b"# TYPE vsm_custom_x gauge") == 1
    assert len(samples(text, form)) == 3
    assert b"\nvsm_custom_x 3.0\n" in text


def test_series_of_another_kind_under_a_taken_name_is_not_shown(
    table: Any, exposition: Any, frame: Any, rendered: Any
) -> None:
    gauge = Family(name="vsm_custom_x", kind=Kind.GAUGE, help="X.")
    summary = Family(name="vsm_custom_x", kind=Kind.SUMMARY, help="X.", labels=("a",))
    series = [table.intern(gauge, ()), table.intern(summary, ("1",))]
    exposition.apply(frame(series, last=5.0))
    assert rendered().endswith(b"# TYPE vsm_custom_x gauge\nvsm_custom_x 5.0\n")


@both
def test_own_metrics_stand_among_the_others_in_order_and_without_creation_times(
    form: Format, table: Any, exposition: Any, frame: Any, registry: Any, rendered: Any
) -> None:
    Counter("vsm_run_requests_total", "Requests.", ["route"], registry=registry).labels("/").inc(3)
    Gauge("vsm_run_series", "Series.", registry=registry).set(math.inf)
    Histogram("vsm_run_scrape_seconds", "Time.", unit="seconds", registry=registry).observe(0.5)
    Info("vsm_run_build", "Build.", registry=registry).info({"version": "1"})
    series = [
        table.intern(family("vsm_states_total"), ("", "", "", "", "")),
        table.intern(OPERATIONS, ("", "", "", "", "")),
    ]
    exposition.apply(frame(series))
    text = rendered(form).decode()
    types = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
    assert types == sorted(types)
    assert "_created" not in text
    assert 'vsm_run_scrape_seconds_bucket{le="1.0"} 1.0\n' in text
    found = samples(text.encode(), form)
    assert found["vsm_run_requests_total", (("route", "/"),)] == 3.0
    assert found["vsm_run_series", ()] == math.inf
    assert "# TYPE vsm_run_build_info gauge\n" in text
    assert found["vsm_run_build_info", (("version", "1"),)] == 1.0


def test_empty_exposition_is_empty_but_for_the_end(rendered: Any) -> None:
    assert rendered() == b""
    assert rendered(Format.OPENMETRICS) == b"# EOF\n"


def test_many_series_of_many_frames_agree_with_a_plain_loop(
    table: Any, exposition: Any, frame: Any, rendered: Any
) -> None:
    random = np.random.default_rng(7)
    expected: dict[str, float] = {}
    for _ in range(20):
        units = sorted(random.choice(900, 300, replace=False).tolist())
        ids = [table.intern(USED, ("acme", "1", str(unit), "cpu")) for unit in units]
        values = random.normal(size=len(ids))
        order = np.argsort(ids)
        exposition.apply(frame(np.array(ids)[order].tolist(), last=values[order]))
        expected |= dict(zip(map(str, units), values.tolist(), strict=True))
    found = samples(rendered(), Format.TEXT)
    assert {dict(labels)["unit"]: value for (_, labels), value in found.items()} == expected


def test_exemplars_are_bounded_and_the_oldest_give_way() -> None:
    exemplars = Exemplars(limit=2)
    for series in range(3):
        exemplars.put(
            Exemplar(series=series, value=0.1, trace="a" * 32, span="b" * 16, time=1.0), 4
        )
    assert [(series, bucket) for series, bucket, _ in exemplars] == [(1, 4), (2, 4)]


def test_columns_grow_with_the_ids(table: Any, exposition: Any, frame: Any, rendered: Any) -> None:
    kinds = [
        Family(name=f"vsm_custom_x{number}", kind=Kind.GAUGE, help="X.", labels=())
        for number in range(2_500)
    ]
    series = [table.intern(one, ()) for one in kinds]
    exposition.apply(frame(series, last=1.0))
    exposition.apply(frame(series[-1:], last=2.0))
    assert rendered().endswith(b"vsm_custom_x999 1.0\n")
    assert rendered().count(b" 1.0\n") == 2_499


anything = st.text(st.characters(codec=None), max_size=12)


def characters() -> Iterator[str]:
    yield from ("\\", '"', "\n", "\\n", "\x1b[31m", "\\x1b", "\ud800", "\r", "\x85", "\u2028", "é")


@both
@settings(max_examples=60, deadline=None)
@given(values=st.lists(anything | st.sampled_from(list(characters())), max_size=8, unique=True))
def test_label_values_come_back_and_different_ones_stay_different(
    form: Format, values: list[str]
) -> None:
    table = SeriesTable(Limits(), nullcontext())
    custom = Family(name="vsm_custom_x", kind=Kind.GAUGE, help="X.", labels=("a",))
    exposition = Exposition(table)
    ids = [table.intern(custom, (value,)) for value in values]
    exposition.apply(plain_frame(ids, np.arange(float(len(ids)))))
    text = exposition.render(form, CollectorRegistry())
    assert not set(text.decode()) & set(map(chr, (*range(10), *range(11, 32), *range(127, 160))))
    found = samples(text, form)
    assert found == {
        ("vsm_custom_x", (("a", shown(value)),)): float(place) for place, value in enumerate(values)
    }


@both
@settings(max_examples=60, deadline=None)
@given(text=anything)
def test_help_comes_back(form: Format, text: str) -> None:
    table = SeriesTable(Limits(), nullcontext())
    custom = Family(name="vsm_custom_x", kind=Kind.GAUGE, help=f"x{text}x", labels=())
    exposition = Exposition(table)
    exposition.apply(plain_frame([table.intern(custom, ())], np.zeros(1)))
    (metric,) = parsed(exposition.render(form, CollectorRegistry()), form)
    assert metric.documentation == shown(f"x{text}x")


@given(st.lists(st.floats()))
def test_numbers_read_back_exactly(values: list[float]) -> None:
    written = numbers(np.array(values, dtype=np.float64))
    assert [repr(float(one)) for one in written] == [repr(value) for value in values]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.dictionaries(st.integers(0, 11), st.floats(allow_nan=False), max_size=12),
            st.sets(st.integers(0, 11), max_size=4),
            st.booleans(),
        ),
        max_size=8,
    )
)
def test_any_order_of_frames_shows_what_a_dictionary_would(
    steps: list[tuple[dict[int, float], set[int], bool]],
) -> None:
    table = SeriesTable(Limits(), nullcontext())
    names = ("vsm_custom_a", "vsm_custom_100%", "vsm_custom_b")
    families = [
        Family(name=name.replace("%", ""), kind=Kind.GAUGE, help=name, labels=("a",))
        for name in names
    ]
    keys = [(families[number % 3].name, (("a", f"%{number}%s"),)) for number in range(12)]
    for number in range(12):
        assert table.intern(families[number % 3], (f"%{number}%s",)) == number
    exposition, model = Exposition(table), dict[int, float]()
    for touched, gone, full in steps:
        ids = sorted(touched)
        frame = plain_frame(ids, np.array([touched[one] for one in ids]))
        hidden = [] if full else sorted(gone - touched.keys())
        exposition.apply(replace(frame, full=full, gone=np.array(hidden, dtype=np.int32)))
        kept = {} if full else {one: v for one, v in model.items() if one not in hidden}
        model = kept | touched
        text = exposition.render(Format.TEXT, CollectorRegistry())
        assert samples(text, Format.TEXT) == {keys[one]: v for one, v in model.items()}


def plain_frame(ids: list[int], last: Any) -> Frame:
    zeros = np.zeros(len(ids))
    return Frame(
        number=1,
        end=0.0,
        arrival=0.0,
        series=np.array(ids, dtype=np.int32),
        count=zeros,
        sum=zeros,
        last=last,
        time=zeros,
        buckets=NO_CELLS,
    )
