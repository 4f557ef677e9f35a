from collections.abc import Callable
from typing import Any

from vsm_actors.core.series import Limits

Make = Callable[..., dict[str, Any]]


def test_a_head_of_labels_only_is_kept(intake: Any, completed: Make) -> None:
    intake.take([completed()] * 3)
    assert len(intake.decoder.plans) == 2
    intake.take([completed(measurements={"duration": 3})])
    assert len(intake.decoder.plans) == 2


def test_an_id_does_not_fill_the_memory(intake: Any, completed: Make) -> None:
    for number in range(50):
        event = completed()
        event["attributes"]["id"] = str(number)
        assert intake.take(event).accepted == 1
    assert len(intake.decoder.plans) == 1


def test_very_long_attributes_are_no_key(intake: Any) -> None:
    attributes = {"stream": "x" * 256, "state": "\u00e9" * 256}
    intake.take({"event": "state.observed", "attributes": attributes})
    assert len(intake.decoder.plans) == 1


def test_all_is_forgotten_when_the_memory_is_full(new_intake: Any) -> None:
    intake = new_intake(Limits(series=10))
    for number in range(30):
        spaces = b" " * number
        raw = b'{"event":"operation.started","attributes":{"operation":' + spaces + b'"x"}}'
        assert intake.take(raw).accepted == 1
        assert len(intake.decoder.plans) <= 20
    assert intake.decoder.plans.cleared == {"full": 2}


def test_what_lies_over_a_cap_is_not_kept(new_intake: Any) -> None:
    intake = new_intake(Limits(series=10))
    for number in range(30):
        assert intake.take({"event": "oven.opened", "unit": f"u{number}"}).accepted == 1
    assert len(intake.decoder.plans) == 20
    assert intake.decoder.plans.cleared == {}


def test_a_series_that_retired_gets_a_new_id(intake: Any) -> None:
    event = {"event": "operation.started", "attributes": {"operation": "x"}}
    [old] = intake.take(event).batch.series.tolist()
    intake.table.retire(old)
    [new] = intake.take(event).batch.series.tolist()
    assert new != old
    assert intake.decoder.plans.cleared == {"retired": 1}
