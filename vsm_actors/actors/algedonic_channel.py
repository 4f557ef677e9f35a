"""The AlgedonicChannel: pain and pleasure, durable first, then straight to System 5.

One commit for all signals that wait in the mailbox (group commit), then delivery to PolicyMonitor,
then the answer. A commit that fails delays nothing: the signals are delivered all the same, marked
not durable, and stored as soon as the store can. What a crash may lose is the message in flight,
whose sender is answered "not durable" and sends again with the same id.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeAlias, assert_never

import msgspec
import structlog

from supervision import Actor, Address, Context, Exit
from vsm_actors.actors.algedonic_store import AlgedonicStore
from vsm_actors.actors.conclusions import Conclusions
from vsm_actors.actors.errors import StoreError
from vsm_actors.core import algedonic
from vsm_actors.core.algedonic import Alert, Outcome, Register
from vsm_actors.core.batch import batch_of
from vsm_actors.core.events import CATALOGUE, Lane
from vsm_actors.core.ledger import Ledger
from vsm_actors.core.messages import Alerts, Deliver, Receipt, Replay, Signals, Stored
from vsm_actors.core.reading import Reading
from vsm_actors.core.record import Event
from vsm_actors.core.routing.emitters import Emitter
from vsm_actors.core.series import SeriesTable
from vsm_actors.core.window import Window

_log = structlog.get_logger(__name__)

GROUP = 256
"""Signals messages in one commit at most, so that the first of them does not wait for ever."""

KEPT_FORGOTTEN = 10_000
"""Removals that wait for a broken store; what is past it is found again when the store is read."""

_EMITTERS = {
    name: tuple(map(Emitter.of, kind.counts))
    for name, kind in CATALOGUE.items()
    if Lane.ALGEDONIC in kind.lanes
}

Message: TypeAlias = Signals | Receipt | Replay | Alerts | Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Signals that are applied and wait for their commit."""

    signals: Signals
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What outlives an incarnation.

    Attributes:
        register: every alert that is known.
        unstored: ids of alerts whose last change is not on disk.
        marked: ids of alerts of which only the receipt is not on disk.
        forgotten: ids that the disk still holds and should not, the newest `KEPT_FORGOTTEN`.
        waiting: taken and not yet committed.
    """

    register: Register = field(default_factory=Register)
    unstored: frozenset[str] = frozenset()
    marked: frozenset[str] = frozenset()
    forgotten: tuple[str, ...] = ()
    waiting: tuple[Taken, ...] = ()


class AlgedonicChannel(Actor):
    """Takes `Signals` from the intake; tells PolicyMonitor; keeps the register of alerts."""

    def __init__(  # noqa: PLR0913 - the parts that the composition root injects
        self,
        context: Context,
        *,
        store: AlgedonicStore,
        policy: Address,
        collector: Address,
        table: SeriesTable,
        ledger: Ledger,
        troubled: Callable[[bool], None] = lambda _: None,
    ) -> None:
        """Name the neighbours; the store is opened by `init`.

        Args:
            context: of this incarnation.
            store: keeps alerts on disk.
            policy: PolicyMonitor, who is told.
            collector: takes counts and readings.
            table: of series.
            ledger: the daemon's books.
            troubled: told after every window whether something is not on disk that should be.
        """
        super().__init__(context)
        self._store = store
        self._policy = policy
        self._collector = collector
        self._table = table
        self._ledger = ledger
        self._fails = False
        self._troubled = troubled
        self._conclusions = Conclusions(collector, table, ledger)
        self._held = Held()

    def init(self) -> None:
        """Read what is stored, finish what the last incarnation took, deliver what is open."""
        state = self.context.heir.state
        if isinstance(state, Held):
            self._held = state
        self._open()
        self._flush()
        self._replay()

    def handle(self, message: Message) -> None:
        """Take one message; commit once the mailbox is drained or a group is full."""
        match message:
            case Signals():
                self._take(message)
            case Receipt():
                self._mark(message)
            case Replay():
                self._replay()
            case Alerts():
                message.reply(newest_first(self._held.register))
            case Window():
                self._tick(message)
            case _:
                assert_never(message)
        if self._held.waiting and (not self.context.address.depth or self._is_full()):
            self._flush()

    def terminate(self, reason: Exit) -> None:  # noqa: ARG002 - the contract passes it
        """Commit what waits, and close the store."""
        self._flush()
        self._store.close()

    def _is_full(self) -> bool:
        return len(self._held.waiting) >= GROUP

    def _keep(self, held: Held) -> None:
        self.commit(held)
        self._held = held

    def _open(self) -> None:
        try:
            stored = self._store.load(self.context.clock.time())
        except StoreError as error:
            self._judge(error)
            return
        self._judge(None)
        known = self._held.register
        restored = algedonic.restore(stored)
        for alert in known.alerts.values():
            restored = algedonic.put(restored, alert)
        restored, gone = algedonic.forget(restored)
        forgotten = (*self._held.forgotten, *gone)[-KEPT_FORGOTTEN:]
        on_disk = {alert.id: alert for alert in stored}
        lacking = {one for one, alert in known.alerts.items() if on_disk.get(one) != alert}
        unstored = (self._held.unstored | lacking).intersection(restored.alerts)
        self._keep(replace(self._held, register=restored, unstored=unstored, forgotten=forgotten))

    def _take(self, signals: Signals) -> None:
        register, outcomes = self._held.register, []
        for event in signals.events:
            register, outcome = algedonic.apply(register, event)
            outcomes.append(outcome)
        taken = Taken(signals=signals, outcomes=tuple(outcomes))
        self._keep(replace(self._held, register=register, waiting=(*self._held.waiting, taken)))

    def _flush(self) -> None:
        """Store, deliver, answer, count: in this order."""
        waiting = self._held.waiting
        if not waiting:
            return
        outcomes = [outcome for taken in waiting for outcome in taken.outcomes]
        changed = {one.alert.id for one in outcomes if one.changed and one.alert is not None}
        gone = tuple(gone for one in outcomes for gone in one.forgotten)
        self._store_changes(changed, gone)
        for taken in waiting:
            self._deliver(taken)
        for taken in waiting:
            taken.signals.reply(self._answer(taken))
        self._count(waiting)
        self._keep(replace(self._held, waiting=()))

    def _store_changes(self, changed: set[str], gone: tuple[str, ...]) -> None:
        """Write `changed`, and what could not be written before."""
        held = self._held
        known = held.register.alerts
        due = {one for one in held.unstored | changed if one in known}
        rows = [known[one] for one in sorted(due | held.marked) if one in known]
        gone = tuple(one for one in (*held.forgotten, *gone) if one not in known)
        gone = gone[-KEPT_FORGOTTEN:]
        if not rows and not gone:
            return
        try:
            self._store.save(rows, gone)
        except StoreError as error:
            self._ledger.count("vsm_run_algedonic_not_durable_total", len(due - held.unstored))
            self._judge(error)
            self._keep(replace(held, unstored=frozenset(due), forgotten=gone))
            return
        self._judge(None)
        self._keep(replace(held, unstored=frozenset(), marked=frozenset(), forgotten=()))

    def _judge(self, error: StoreError | None) -> None:
        """Log when the store begins to fail, and when it works again."""
        if error is not None and not self._fails:
            _log.error("algedonic_channel.store_failed", file=error.path, reason=error.reason)
        elif error is None and self._fails:
            _log.info("algedonic_channel.store_recovered", file=str(self._store.path))
        self._fails = error is not None

    def _deliver(self, taken: Taken) -> None:
        events = tuple(
            algedonic.told(event, outcome.alert)
            for event, outcome in zip(taken.signals.events, taken.outcomes, strict=True)
            if outcome.new and outcome.alert is not None
        )
        if events:
            accepted = taken.signals.accepted
            self._policy.tell(
                Deliver(events=events, receipt=lambda got: self._received(got, accepted))
            )

    def _received(self, events: tuple[Event, ...], accepted: float) -> None:
        """Note a receipt; called in PolicyMonitor's thread."""
        latency = self.context.clock.monotonic() - accepted
        self._ledger.observe("vsm_run_algedonic_delivery_seconds", latency)
        self.context.address.tell(Receipt(events=events))

    def _answer(self, taken: Taken) -> Stored:
        errors = tuple(
            (place, outcome.refusal)
            for place, outcome in enumerate(taken.outcomes)
            if outcome.refusal
        )
        known = (outcome.alert.id for outcome in taken.outcomes if outcome.alert is not None)
        return Stored(durable=self._held.unstored.isdisjoint(known), errors=errors)

    def _count(self, waiting: tuple[Taken, ...]) -> None:
        series = [
            self._table.intern(emitter.family, emitter.labels(_of_the_unit_meant(event)))
            for taken in waiting
            for event, outcome in zip(taken.signals.events, taken.outcomes, strict=True)
            if outcome.new
            for emitter in _EMITTERS[event.name]
        ]
        if series:
            clock = self.context.clock
            batch = batch_of(
                "algedonic",
                series,
                [1.0] * len(series),
                time=clock.time(),
                arrival=clock.monotonic(),
            )
            self._collector.tell(batch)

    def _mark(self, receipt: Receipt) -> None:
        register = self._held.register
        marked: set[str] = set()
        for event in receipt.events:
            register, alert = algedonic.mark_delivered(register, event)
            if alert is not None:
                marked.add(alert.id)
        self._keep(replace(self._held, register=register, marked=self._held.marked | marked))

    def _replay(self) -> None:
        now = self.context.clock.time()
        for alert in _undelivered_or_standing(self._held.register):
            events = algedonic.events_of(alert, now)
            self._policy.tell(Deliver(events=events, receipt=self._replayed))

    def _replayed(self, events: tuple[Event, ...]) -> None:
        self.context.address.tell(Receipt(events=events))

    def _tick(self, window: Window) -> None:
        if not self._store.is_open:
            self._open()
        self._store_changes(set(), ())
        self._troubled(not self._store.is_open or bool(self._held.unstored or self._held.marked))
        self._conclusions.give(
            open_readings(self._held.register),
            tick=window.end,
            arrival=self.context.clock.monotonic(),
        )


def newest_first(register: Register) -> tuple[Alert, ...]:
    """Return every alert of the register, the newest first."""
    return tuple(sorted(register.alerts.values(), key=lambda alert: -alert.raised))


def open_readings(register: Register) -> tuple[Reading, ...]:
    """Return how many alerts stand, per path, severity, kind and level."""
    count: dict[tuple[str, str, str, str], int] = {}
    for standing in register.standing.values():
        alert = register.alerts[standing]
        key = (alert.at, alert.severity, alert.kind, str(alert.level))
        count[key] = count.get(key, 0) + 1
    names = ("path", "severity", "kind", "level")
    return tuple(
        Reading(
            family="vsm_algedonic_open",
            labels=dict(zip(names, key, strict=True)),
            value=float(number),
            n=number,
        )
        for key, number in count.items()
    )


def _undelivered_or_standing(register: Register) -> tuple[Alert, ...]:
    return tuple(
        alert
        for alert in sorted(register.alerts.values(), key=lambda one: one.raised)
        if alert.state != "cleared" or not alert.delivered
    )


def _of_the_unit_meant(event: Event) -> Event:
    return msgspec.structs.replace(event, unit=event.meant)
