"""The actor that hosts a monitor, any of the fifteen."""

from dataclasses import dataclass
from typing import Any, TypeAlias, assert_never

from supervision import Actor, Address, Context, MailboxPolicy
from vsm_actors.actors.conclusions import Conclusions, Refusals
from vsm_actors.core.coverage import coverage_of
from vsm_actors.core.ledger import Ledger
from vsm_actors.core.messages import Concluded, Deliver, Records, Replay
from vsm_actors.core.monitor import Monitor
from vsm_actors.core.series import SeriesTable
from vsm_actors.core.window import Window
from vsm_actors.core.window.window_view import WindowView

MAILBOX = MailboxPolicy(limit=65_536, drain=True)
"""Records that wait at most, about a second of a monitor at work; a window counts as 1,000."""

Message: TypeAlias = Records | Deliver | Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlets:
    """Where a monitor's answers go.

    Attributes:
        collector: gets the readings back as points.
        concluded: are told `Concluded` for every window: the ViabilityCalculator, say.
        replays: is asked at every start to deliver again what is open: the AlgedonicChannel, for
            System 5's PolicyMonitor.
    """

    collector: Address
    concluded: tuple[Address, ...] = ()
    replays: Address | None = None


class MonitorActor(Actor):
    """Folds records and windows, and answers every window.

    The state is in the heir after each message: a record or a window that a monitor cannot fold
    is lost alone.
    """

    def __init__(
        self,
        context: Context,
        *,
        monitor: Monitor[Any],
        table: SeriesTable,
        outlets: Outlets,
        ledger: Ledger,
    ) -> None:
        """Take the monitor and the wiring.

        Args:
            context: as for every actor.
            monitor: what it hosts; its state is immutable.
            table: of the series.
            outlets: where its answers go.
            ledger: counts refused keys, and readings that found no room.
        """
        super().__init__(context)
        self._monitor = monitor
        self._table = table
        self._outlets = outlets
        self._conclusions = Conclusions(outlets.collector, table, ledger)
        self._refusals = Refusals(monitor.name, ledger)

    def init(self) -> None:
        """Take the state over."""
        held = self.context.heir.state
        self._state = self._monitor.initial() if held is None else held
        self._refusals.start(self._monitor.refused(self._state))
        if self._outlets.replays is not None:
            self._outlets.replays.tell(Replay())

    def handle(self, message: Message) -> None:
        """Take one message."""
        match message:
            case Records():
                self._fold(message)
            case Deliver():
                self._fold(message)
                message.receipt(message.events)
            case Window():
                self._answer(message)
            case _:
                assert_never(message)

    def _fold(self, message: Records | Deliver) -> None:
        state = self._state
        for event in message.events:
            state = self._monitor.fold(state, event)
        self._keep(state)

    def _answer(self, window: Window) -> None:
        state = self._monitor.observe(self._state, WindowView(window, self._table))
        state, readings = self._monitor.conclude(state, window.end)
        self._keep(state)
        name, system = self._monitor.name, self._monitor.system
        self._conclusions.give(
            (*readings, *coverage_of(name, system, readings)),
            tick=window.end,
            arrival=self.context.clock.monotonic(),
        )
        answer = Concluded(monitor=name, system=system, tick=window.end, readings=readings)
        for address in self._outlets.concluded:
            address.tell(answer)

    def _keep(self, state: Any) -> None:  # noqa: ANN401 - each monitor has its own type of state
        self.commit(state)
        self._state = state
        self._refusals.note(self._monitor.refused(state))
