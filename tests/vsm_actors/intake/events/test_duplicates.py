import threading
from typing import Any

import pytest

from vsm_actors.intake.events.duplicates import Duplicates, Verdict


@pytest.fixture
def duplicates() -> Duplicates:
    return Duplicates(threading.Lock(), keep=600.0, limit=3)


def test_an_id_is_new_once(duplicates: Duplicates) -> None:
    first = duplicates.claims(0.0)
    assert first.claim("desk", "1")[0] is Verdict.NEW
    assert first.claim("desk", "1")[0] is Verdict.REPEATED
    first.commit()
    assert duplicates.claims(1.0).claim("desk", "1")[0] is Verdict.REPEATED


def test_an_id_belongs_to_its_source(duplicates: Duplicates) -> None:
    claims = duplicates.claims(0.0)
    assert claims.claim("desk", "1")[0] is Verdict.NEW
    assert claims.claim("door", "1")[0] is Verdict.NEW


def test_an_id_of_a_request_that_was_not_taken_is_new_again(duplicates: Duplicates) -> None:
    first = duplicates.claims(0.0)
    first.claim("desk", "1")
    first.release()
    assert duplicates.claims(1.0).claim("desk", "1")[0] is Verdict.NEW


def test_an_id_that_another_request_is_bringing_is_in_flight(duplicates: Duplicates) -> None:
    duplicates.claims(0.0).claim("desk", "1")
    assert duplicates.claims(0.0).claim("desk", "1")[0] is Verdict.IN_FLIGHT


def test_single_ids_of_a_request_can_be_given_back(duplicates: Duplicates) -> None:
    first = duplicates.claims(0.0)
    _, kept = first.claim("desk", "1")
    _, given_back = first.claim("desk", "2")
    first.release({given_back, kept + 1})
    first.commit()
    later = duplicates.claims(1.0)
    assert later.claim("desk", "1")[0] is Verdict.REPEATED
    assert later.claim("desk", "2")[0] is Verdict.NEW


def test_an_id_is_forgotten_after_ten_minutes(duplicates: Duplicates) -> None:
    first = duplicates.claims(0.0)
    first.claim("desk", "1")
    first.commit()
    assert duplicates.claims(599.9).claim("desk", "1")[0] is Verdict.REPEATED
    late = duplicates.claims(600.0)
    assert late.claim("desk", "1")[0] is Verdict.NEW
    late.commit()
    assert len(duplicates) == 1
    assert duplicates.forgotten == 0


def test_the_oldest_id_makes_room_and_is_counted(duplicates: Duplicates) -> None:
    for number in range(5):
        claims = duplicates.claims(float(number))
        claims.claim("desk", str(number))
        claims.commit()
    assert len(duplicates) == 3
    assert duplicates.forgotten == 2
    assert duplicates.claims(5.0).claim("desk", "1")[0] is Verdict.NEW
    assert duplicates.claims(5.0).claim("desk", "2")[0] is Verdict.REPEATED


def test_an_event_that_was_taken_before_gives_nothing_again(intake: Any) -> None:
    event = {"event": "oven.opened", "event_id": "e-1", "source": "desk"}
    assert intake.take(event).accepted == 1
    found = intake.take([event, {**event, "event_id": "e-2"}])
    assert (found.accepted, found.duplicates) == (1, 1)
    assert len(found.batch) == 1


def test_a_number_is_the_same_id_as_its_text(intake: Any) -> None:
    assert intake.take({"event": "oven.opened", "event_id": 7}).accepted == 1
    assert intake.take({"event": "oven.opened", "event_id": "7"}).duplicates == 1


def test_an_empty_id_is_none(intake: Any) -> None:
    event = {"event": "oven.opened", "event_id": "", "source": ""}
    assert intake.take([event, event]).accepted == 2


def test_a_rejected_event_claims_nothing(intake: Any) -> None:
    event = {"event": "operation.started", "event_id": "e-1"}
    assert intake.take(event).accepted == 0
    assert intake.take({**event, "attributes": {"operation": "x"}}).accepted == 1


def test_a_body_that_breaks_at_its_end_claims_nothing(intake: Any) -> None:
    event = b'{"event":"oven.opened","event_id":"e-1"}'
    with pytest.raises(ValueError, match="too early"):
        intake.decode(b"[" + event)
    assert intake.take(event).accepted == 1
