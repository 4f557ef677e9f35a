from dataclasses import replace
from typing import Any

import pytest

from supervision import ChildSpec
from vsm_actors.actors.pubsub import Forward, PubSub, Recent, Topic, Windows
from vsm_actors.core.window import Frame, Window
from vsm_actors.core.window.cells import NO_CELLS
from vsm_actors.core.window.merge import NOTHING
from vsm_actors.core.window.packing import packed

SINKS = ("feed", "other", "monitor")


def frame(number: int) -> Frame:
    none = NOTHING.count
    return Frame(
        number=number,
        end=0.0,
        arrival=0.0,
        series=NOTHING.series,
        count=none,
        sum=none,
        last=none,
        time=none,
        buckets=NO_CELLS,
    )


def window(second: int) -> Window:
    return replace(NOTHING, start=float(second), end=second + 1.0, duration=1.0)


def publishing(stage: Any, **arguments: object) -> Any:
    subscribers = {
        Topic.FRAMES: (stage.book["feed"], stage.book["other"]),
        Topic.WINDOWS: (stage.book["monitor"], stage.book["feed"]),
    }
    given = {"subscribers": subscribers, "ledger": stage.ledger, **arguments}
    stage.run(ChildSpec(id="pubsub", actor=PubSub, arguments=given), sinks=SINKS)
    return stage


@pytest.fixture
def pubsub(stage: Any) -> Any:
    return publishing(stage)


def test_each_topic_goes_to_its_subscribers_in_order(pubsub: Any) -> None:
    first, second, third = frame(1), window(0), frame(2)
    for message in (first, second, third):
        pubsub.ask("pubsub", message)
    assert pubsub.seen("feed") == (first, second, third)
    assert pubsub.seen("other") == (first, third)
    assert pubsub.seen("monitor") == (second,)


def test_a_forwarded_frame_goes_to_one_feed_in_order_with_the_others(pubsub: Any) -> None:
    first, full, second = frame(1), replace(frame(1), full=True), frame(2)
    pubsub.ask("pubsub", first)
    pubsub.ask("pubsub", Forward(to=pubsub.book["other"], frame=full))
    pubsub.ask("pubsub", second)
    assert pubsub.seen("other") == (first, full, second)
    assert pubsub.seen("feed") == (first, second)


def test_who_starts_later_gets_the_recent_windows(pubsub: Any) -> None:
    for second in range(3):
        pubsub.ask("pubsub", window(second))
    assert [one.end for one in pubsub.ask("pubsub", Recent())] == [1.0, 2.0, 3.0]
    pubsub.ask("pubsub", Recent(to=pubsub.book["other"]))
    (told,) = pubsub.seen("other")
    assert isinstance(told, Windows)
    assert [one.end for one in told.windows] == [1.0, 2.0, 3.0]


def test_retained_windows_survive_a_crash(pubsub: Any) -> None:
    pubsub.ask("pubsub", window(0))
    pubsub.book["pubsub"].tell("nonsense that no branch of match takes")
    pubsub.ask("pubsub", window(1))
    assert [one.end for one in pubsub.ask("pubsub", Recent())] == [1.0, 2.0]


def test_windows_dropped_for_their_bytes_are_counted(stage: Any) -> None:
    publishing(stage, limit=2 * packed(NOTHING).bytes)
    for second in range(5):
        stage.ask("pubsub", window(second))
    assert len(stage.ask("pubsub", Recent())) == 2
    assert stage.ledger.value("vsm_run_windows_discarded_total") == 3
