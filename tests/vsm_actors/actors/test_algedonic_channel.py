import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from supervision import (
    Actor,
    AddressBook,
    ChildSpec,
    Context,
    MailboxPolicy,
    SupervisorSpec,
    System,
    VirtualClock,
)
from vsm_actors.actors.algedonic_channel import AlgedonicChannel
from vsm_actors.actors.algedonic_store import AlgedonicStore
from vsm_actors.core.algedonic import Alert
from vsm_actors.core.batch import Batch
from vsm_actors.core.messages import Alerts, Deliver, Replay, Signals, Stored
from vsm_actors.core.record import Event
from vsm_actors.core.series import Limits, SeriesTable
from vsm_actors.core.window.merge import NOTHING

WITHIN = 5.0


class Books:
    """Counts into a dictionary."""

    def __init__(self) -> None:
        self.counts: dict[str, float] = {}
        self.observed: list[str] = []

    def count(self, family: str, amount: float = 1.0, **labels: str) -> None:
        del labels
        self.counts[family] = self.counts.get(family, 0.0) + amount

    def set(self, family: str, value: float, **labels: str) -> None:
        del family, value, labels

    def observe(self, family: str, value: float, **labels: str) -> None:
        del value, labels
        self.observed.append(family)


class Neighbour(Actor):
    """Keeps what it is told; answers receipts as PolicyMonitor does."""

    def __init__(self, context: Context, *, heard: list[Any]) -> None:
        super().__init__(context)
        self._heard = heard

    def handle(self, message: Any) -> object:
        if message == "sync":
            return None
        self._heard.append(message)
        if isinstance(message, Deliver):
            message.receipt(message.events)
        return None


@dataclass
class Stage:
    """The channel between its neighbours, on real threads."""

    store: AlgedonicStore
    books: Books = field(default_factory=Books)
    policy: list[Deliver] = field(default_factory=list)
    collector: list[Batch] = field(default_factory=list)
    troubles: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.table = SeriesTable(Limits(), threading.Lock())
        self.clock = VirtualClock()
        book = AddressBook("root")
        self.channel, policy = book["AlgedonicChannel"], book["PolicyMonitor"]
        self.policy_address = policy
        self.collector_address = book["MetricsCollector"]
        neighbours = {"policy": policy, "collector": book["MetricsCollector"]}
        spec = SupervisorSpec(
            id="root",
            children=(
                ChildSpec(id="PolicyMonitor", actor=Neighbour, arguments={"heard": self.policy}),
                ChildSpec(
                    id="MetricsCollector", actor=Neighbour, arguments={"heard": self.collector}
                ),
                ChildSpec(
                    id="AlgedonicChannel",
                    actor=AlgedonicChannel,
                    arguments={
                        "store": self.store,
                        "table": self.table,
                        "ledger": self.books,
                        "troubled": self.troubles.append,
                        **neighbours,
                    },
                    mailbox=MailboxPolicy(drain=True),
                ),
            ),
        )
        self.system = System(spec, addresses=book, clock=self.clock)
        self.system.start()

    def raise_(self, *events: Event) -> Stored:
        answered: list[Stored] = []
        done = threading.Event()

        def reply(stored: Stored) -> None:
            answered.append(stored)
            done.set()

        accepted = self.clock.monotonic()
        self.channel.tell(Signals(events=events, reply=reply, accepted=accepted))
        assert done.wait(WITHIN)
        return answered[0]

    def alerts(self) -> tuple[Alert, ...]:
        answered: list[tuple[Alert, ...]] = []
        self.policy_address.ask("sync", WITHIN)
        done = threading.Event()

        def reply(alerts: tuple[Alert, ...]) -> None:
            answered.append(alerts)
            done.set()

        self.channel.tell(Alerts(reply=reply))
        assert done.wait(WITHIN)
        return answered[0]

    def batches(self) -> list[Batch]:
        self.collector_address.ask("sync", WITHIN)
        return self.collector

    def tick(self) -> None:
        self.channel.tell(NOTHING)
        self.alerts()

    def told(self) -> list[tuple[str, str]]:
        self.policy_address.ask("sync", WITHIN)
        return [
            (event.name, event.attribute("id"))
            for message in self.policy
            for event in message.events
        ]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Callable[[], Stage]]:
    made: list[Stage] = []

    def make() -> Stage:
        made.append(Stage(AlgedonicStore(tmp_path / "algedonic.db")))
        return made[-1]

    yield make
    for one in made:
        one.system.stop()


def event(verb: str, signal: str = "a", **said: str) -> Event:
    feeling = {"severity": "high", "kind": "pain"} if verb == "raised" else {}
    return Event(
        name=f"algedonic.{verb}",
        system=1,
        path="acme/plant",
        time=1_700_000_000.0,
        arrival=1_700_000_000.0,
        measurements={},
        attributes={"id": signal, **feeling, **said},
    )


def test_a_signal_is_stored_told_counted_and_answered(stage: Callable[[], Stage]) -> None:
    one = stage()
    assert one.raise_(event("raised")) == Stored(durable=True)
    assert one.told() == [("algedonic.raised", "a")]
    [alert] = one.alerts()
    assert (alert.state, alert.delivered) == ("open", True)
    [batch] = one.batches()
    assert one.table[int(batch.series[0])].labels == ("acme/plant", "1", "", "high", "pain")
    assert one.books.observed == ["vsm_run_algedonic_delivery_seconds"]


def test_a_signal_that_is_sent_again_is_durable_and_changes_nothing(
    stage: Callable[[], Stage],
) -> None:
    one = stage()
    one.raise_(event("raised"))
    one.alerts()
    assert one.raise_(event("raised")).durable
    assert one.told() == [("algedonic.raised", "a")]
    assert len(one.batches()) == 1


def test_refusals_are_answered_by_their_place(stage: Callable[[], Stage]) -> None:
    stored = stage().raise_(event("raised"), event("cleared", "unheard"))
    assert stored.durable
    assert stored.errors == ((1, "no signal with this id is known"),)


def test_a_second_daemon_finds_what_the_first_was_told(stage: Callable[[], Stage]) -> None:
    first = stage()
    first.raise_(event("raised", "a"), event("raised", "b"))
    first.raise_(event("acknowledged", "a", by="ann"))
    first.system.stop()
    second = stage()
    assert {alert.id: alert.state for alert in second.alerts()} == {
        "a": "acknowledged",
        "b": "open",
    }
    assert ("algedonic.acknowledged", "a") in second.told()
    assert ("algedonic.raised", "b") in second.told()


def test_a_replay_tells_system_5_again(stage: Callable[[], Stage]) -> None:
    one = stage()
    one.raise_(event("raised"))
    one.channel.tell(Replay())
    one.alerts()
    assert one.told() == [("algedonic.raised", "a")] * 2


def test_a_crash_keeps_what_it_was_told(stage: Callable[[], Stage]) -> None:
    one = stage()
    one.raise_(event("raised"))
    one.channel.tell("poison")
    assert one.raise_(event("raised", "b")).durable
    assert {alert.id for alert in one.alerts()} == {"a", "b"}


def test_a_store_that_fails_delays_nothing_and_is_caught_up_later(
    stage: Callable[[], Stage],
) -> None:
    one = stage()
    whole = one.store.path
    one.store._connection.execute("PRAGMA query_only=ON")  # type: ignore[union-attr] # opened
    assert not one.raise_(event("raised")).durable
    assert one.told() == [("algedonic.raised", "a")]
    assert one.books.counts["vsm_run_algedonic_not_durable_total"] == 1
    assert not one.raise_(event("raised")).durable
    one.store._connection.execute("PRAGMA query_only=OFF")  # type: ignore[union-attr] # opened
    assert one.raise_(event("raised", "b")).durable
    assert one.raise_(event("raised", "a")).durable
    assert {alert.id for alert in AlgedonicStore(whole).load(0.0)} == {"a", "b"}


def test_a_store_that_was_deleted_is_made_anew_with_all_that_is_known(
    stage: Callable[[], Stage],
) -> None:
    one = stage()
    assert one.raise_(event("raised", "a"), event("raised", "b")).durable
    one.tick()
    assert one.troubles == [False]
    for file in one.store.path.parent.glob("algedonic.db*"):
        file.unlink()
    assert not one.raise_(event("raised", "c")).durable
    one.tick()
    assert one.raise_(event("raised", "c")).durable
    assert {alert.id for alert in AlgedonicStore(one.store.path).load(0.0)} == {"a", "b", "c"}


def test_trouble_lasts_until_everything_is_stored(stage: Callable[[], Stage]) -> None:
    one = stage()
    one.store._connection.execute("PRAGMA query_only=ON")  # type: ignore[union-attr] # opened
    one.raise_(event("raised"))
    one.tick()
    one.store._connection.execute("PRAGMA query_only=OFF")  # type: ignore[union-attr] # opened
    one.tick()
    assert one.troubles == [True, False]


def test_many_signals_at_once_share_a_commit(stage: Callable[[], Stage]) -> None:
    one = stage()
    left = threading.Semaphore(0)
    for number in range(500):
        one.channel.tell(
            Signals(
                events=(event("raised", f"s{number}"),),
                reply=lambda stored: left.release() if stored.durable else None,
                accepted=one.clock.monotonic(),
            )
        )
    assert all(left.acquire(timeout=WITHIN) for _ in range(500))
    assert len(one.alerts()) == 500


def test_every_new_event_counts_as_the_catalogue_says(stage: Callable[[], Stage]) -> None:
    one = stage()
    one.raise_(event("raised", unit="oven"))
    one.raise_(event("acknowledged"))
    one.raise_(event("acknowledged"), event("cleared"))
    counted = [one.table[series] for batch in one.batches() for series in batch.series.tolist()]
    assert [(series.family.name, series.label("event")) for series in counted] == [
        ("vsm_algedonic_signals_total", ""),
        ("vsm_events_total", "algedonic.acknowledged"),
        ("vsm_events_total", "algedonic.cleared"),
    ]
    assert counted[0].label("unit") == "oven"


def test_a_store_that_fails_is_logged_when_it_begins_and_when_it_ends(tmp_path: Path) -> None:
    (tmp_path / "algedonic.db").mkdir()
    with capture_logs() as logs:
        one = Stage(AlgedonicStore(tmp_path / "algedonic.db"))
        for name in "abc":
            assert not one.raise_(event("raised", name)).durable
            one.tick()
        (tmp_path / "algedonic.db").rmdir()
        one.tick()
        assert one.raise_(event("raised", "d")).durable
        one.system.stop()
    assert [line["event"] for line in logs if "store_" in line["event"]] == [
        "algedonic_channel.store_failed",
        "algedonic_channel.store_recovered",
    ]
