import random
import threading
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from vsm_actors.core.events import CATALOGUE
from vsm_actors.core.naming import parent
from vsm_actors.core.series import Limits, SeriesTable
from vsm_actors.demo import ORGANISATION, Life, Pace, Reports
from vsm_actors.intake.events.content import Content, Form
from vsm_actors.intake.events.decoder import Decoder
from vsm_actors.intake.events.duplicates import Duplicates
from vsm_actors.intake.events.rules import Rules
from vsm_actors.intake.statsd.decoder import decode
from vsm_actors.intake.statsd.gauges import Gauges
from vsm_actors.intake.statsd.keys import Keys

NOW = 1_795_428_930.5
SECONDS = 140


def lived(seed: int = 1, seconds: int = SECONDS, speed: float = 1.0) -> list[Reports]:
    life = Life(Pace(run="r", began=NOW, speed=speed))
    dice = random.Random(seed)
    return [life.events_at(second, dice) for second in range(seconds)]


def timed(reports: list[Reports]) -> Iterator[tuple[int, dict[str, Any]]]:
    for second, report in enumerate(reports):
        for event in report.events:
            yield second, event


@pytest.fixture(scope="module")
def reports() -> list[Reports]:
    return lived()


def new_table() -> SeriesTable:
    return SeriesTable(Limits(), threading.Lock())


@pytest.mark.slow
def test_the_decoder_takes_every_event(reports: list[Reports]) -> None:
    decoder = Decoder(new_table(), Rules(default_path="host-1"), Duplicates(threading.Lock()))
    for report in reports:
        body = msgspec.json.encode(report.events)
        content = Content(form=Form.JSON, headers={})
        decoded = decoder.decode(body, content, now=NOW, monotonic=100.0)
        assert decoded.faults == ()
        assert decoded.accepted == len(report.events)


def test_the_decoder_takes_every_line() -> None:
    keys = Keys(new_table(), threading.Lock(), default_path="host-1", rules=())
    [report] = lived(seconds=1)
    blob = "\n".join(report.lines).encode()
    decoded = decode(blob, keys, Gauges(), time=NOW, arrival=5.0)
    assert not any(decoded.rejected.values())
    assert len(decoded.batch.series) == len(report.lines) == 30


def test_every_name_and_word_is_in_the_catalogue(reports: list[Reports]) -> None:
    for _, event in timed(reports):
        entry = CATALOGUE[event["event"]]
        assert event["system"] in entry.systems
        assert event["attributes"].keys() <= {one.name for one in entry.attributes}
        assert event["measurements"].keys() <= {one.name for one in entry.measurements}


def test_the_same_seed_lives_the_same_life() -> None:
    assert lived(seed=7, seconds=5) == lived(seed=7, seconds=5)


def test_another_seed_lives_another_life() -> None:
    assert lived(seed=7, seconds=5) != lived(seed=8, seconds=5)


def test_all_five_systems_of_every_place_report(reports: list[Reports]) -> None:
    systems: defaultdict[str, set[int]] = defaultdict(set)
    for _, event in timed(reports):
        systems[event["path"]].add(event["system"])
    assert systems == {place.path: {1, 2, 3, 4, 5} for place in ORGANISATION}


def test_the_organisation_has_three_levels() -> None:
    paths = {place.path for place in ORGANISATION}
    assert sorted(path.count("/") for path in paths) == [0, 1, 1, 2, 2, 2, 2, 2]
    assert {parent(path) for path in paths} <= {*paths, None}


@pytest.mark.parametrize(
    ("begins", "ends", "within"),
    [
        ("conflict.detected", "conflict.resolved", 15),
        ("directive.issued", "directive.completed", 30),
        ("finding.opened", "finding.closed", 60),
        ("forecast.generated", "forecast.realised", 30),
        ("adaptation.proposed", "adaptation.approved", 10),
        ("adaptation.approved", "adaptation.implemented", 30),
        ("algedonic.raised", "algedonic.acknowledged", 8),
        ("algedonic.acknowledged", "algedonic.cleared", 30),
    ],
)
def test_what_is_begun_is_ended_in_time(
    reports: list[Reports], begins: str, ends: str, within: int
) -> None:
    begun = {key(event): second for second, event in timed(reports) if event["event"] == begins}
    ended = {key(event): second for second, event in timed(reports) if event["event"] == ends}
    due = {one: second for one, second in begun.items() if second + within < SECONDS}
    assert due
    assert all(0 <= ended[one] - second <= within for one, second in due.items())
    assert ended.keys() <= begun.keys()


def key(event: dict[str, Any]) -> tuple[str, str]:
    return event["path"], event["attributes"]["id"]


def test_every_message_that_is_sent_is_received_a_second_later(reports: list[Reports]) -> None:
    sent = {key(event): at for at, event in timed(reports) if event["event"] == "message.sent"}
    heard = {key(event): at for at, event in timed(reports) if event["event"] == "message.received"}
    assert heard == {one: at + 1 for one, at in sent.items() if at + 1 < SECONDS}


def test_no_id_is_used_for_two_things(reports: list[Reports]) -> None:
    begun = [
        (event["event"], *key(event))
        for _, event in timed(reports)
        if event["event"] in {"message.sent", "directive.issued", "forecast.generated"}
    ]
    assert len(set(begun)) == len(begun)


def test_a_second_run_has_other_ids() -> None:
    first, second = (
        Life(Pace(run=run, began=NOW, speed=1.0)).events_at(4, random.Random(1))
        for run in ("a", "b")
    )
    assert ids(first).isdisjoint(ids(second))


def ids(report: Reports) -> set[str]:
    directives = [event for _, event in timed([report]) if event["event"] == "directive.issued"]
    assert directives
    return {event["attributes"]["id"] for event in directives}


def test_what_is_said_of_the_future_is_in_real_seconds() -> None:
    events = [event for _, event in timed(lived(seconds=10, speed=20.0))]
    said = {event["event"]: event["measurements"] for event in events}
    assert said["directive.issued"] == {"due": 3.0}
    assert said["forecast.generated"]["horizon"] == 1.5
    assert said["goal.declared"]["due"] == NOW + 86_400 / 20
