"""The ViabilityCalculator: rolls up what the monitors concluded, once all have answered a tick.

It waits for nobody longer than 250 ms. The clock's timer tells it `Overdue`, so that closing a
tick is a message like any other: nothing but its own thread touches its state.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from supervision import Actor, Address, Context, Exit, MailboxPolicy
from vsm_actors.actors.conclusions import Conclusions, Refusals
from vsm_actors.core.ledger import Ledger
from vsm_actors.core.messages import Concluded
from vsm_actors.core.series import SeriesTable
from vsm_actors.core.viability import Viability, ViabilityState
from vsm_actors.core.viability.collation import Collation
from vsm_actors.core.window import Window
from vsm_actors.core.window.window_view import WindowView

MAILBOX = MailboxPolicy(limit=65_536, drain=True)
"""Windows that wait at most, at 1,000 each: a minute of them. Answers are control: a monitor
gives one per window, so they cannot outgrow the windows."""

WINDOW = "Window"
"""The name under which the tick's own window counts among the answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """The patience with a tick is over."""

    tick: float


Message: TypeAlias = Window | Concluded | Overdue


class ViabilityCalculator(Actor):
    """Answers every window with health, viability index and recursion depth.

    The state is in the heir after each message; a tick that was open at a crash is closed by the
    next window.
    """

    def __init__(
        self,
        context: Context,
        *,
        viability: Viability,
        monitors: Iterable[str],
        table: SeriesTable,
        collector: Address,
        ledger: Ledger,
    ) -> None:
        """Take the model and the wiring.

        Args:
            context: as for every actor.
            viability: the roll-ups.
            monitors: names of all that answer a window: the monitors, and VarietyCalculator.
            table: of the series.
            collector: gets the readings as points.
            ledger: counts refused keys, and readings that found no room.
        """
        super().__init__(context)
        self._viability = viability
        self._collation = Collation(expected=frozenset((*monitors, WINDOW)))
        self._table = table
        self._conclusions = Conclusions(collector, table, ledger)
        self._refusals = Refusals(type(self).__name__, ledger)
        self._let_timer_go = _no_timer

    def init(self) -> None:
        """Take the state over."""
        held = self.context.heir.state
        self._state = held if isinstance(held, ViabilityState) else self._viability.initial()
        self._refusals.start(self._viability.refused(self._state))

    def handle(self, message: Message) -> None:
        """Take one message."""
        match message:
            case Window():
                # Windows come in order, even where the system's clock was set back between two.
                if message.end != self._collation.tick:
                    self._begin(message.end)
                view = WindowView(message, self._table)
                self._keep(self._viability.observe(self._state, view))
                self._hear(WINDOW, message.end)
            case Concluded():
                if message.tick > self._collation.tick:
                    self._begin(message.tick)
                self._keep(self._viability.answer(self._state, message))
                self._hear(message.monitor, message.tick)
            case Overdue():
                if message.tick == self._collation.tick and self._collation.is_open:
                    self._close()
            case _:
                assert_never(message)

    def terminate(self, reason: Exit) -> None:
        """Let the timer go."""
        del reason
        self._let_timer_go()

    def _begin(self, tick: float) -> None:
        if self._collation.is_open:
            # The next window overtook an answer: the mailbox is behind, not the clock.
            self._close()
        clock, address = self.context.clock, self.context.address
        self._collation = self._collation.begin(tick)

        def overdue() -> None:
            address.tell(Overdue(tick=tick))

        self._let_timer_go = clock.call_later(self._collation.patience, overdue).cancel

    def _hear(self, name: str, tick: float) -> None:
        self._collation = self._collation.hear(name, tick)
        if self._collation.is_complete:
            self._close()

    def _close(self) -> None:
        self._let_timer_go()
        tick = self._collation.tick
        self._collation = self._collation.close()
        state, readings = self._viability.roll_up(self._state, tick)
        self._keep(state)
        self._conclusions.give(readings, tick=tick, arrival=self.context.clock.monotonic())

    def _keep(self, state: ViabilityState) -> None:
        self.commit(state)
        self._state = state
        self._refusals.note(self._viability.refused(state))


def _no_timer() -> None:
    """Nothing is due yet."""
