"""The Ticker: the one beat of the daemon, on the monotonic clock.

It never waits: the clock's timer tells it `Beat`, and it tells the collector `Tick`. So a stop is
handled like any message.
"""

from dataclasses import dataclass, replace
from typing import TypeAlias, assert_never

from supervision import Actor, Address, Context, Exit, MailboxPolicy
from vsm_actors.core.ledger import Ledger
from vsm_actors.core.ticking import Beating, Ticked, answered, beat, due

MAILBOX = MailboxPolicy()
"""Unbounded: one beat and one answer wait at most, since each brings the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """The timer of one incarnation went off."""

    incarnation: int


Message: TypeAlias = Beat | Ticked


class Ticker(Actor):
    """Ticks the collector every 25 ms. Numbers go on after a restart."""

    def __init__(self, context: Context, *, collector: Address, ledger: Ledger) -> None:
        """Tick `collector`; count missed ticks in `ledger`."""
        super().__init__(context)
        self._collector = collector
        self._ledger = ledger

    def init(self) -> None:
        """Go on where the last incarnation stopped, or begin."""
        held, now = self.context.heir.state, self.context.clock.monotonic()
        if isinstance(held, Beating):
            # The answer to the last tick may have gone down with the last incarnation.
            self._state = replace(held, answered=True)
        else:
            self._state = Beating(origin=now)
        self._schedule()

    def handle(self, message: Message) -> None:
        """Take one message."""
        match message:
            case Beat(incarnation=self.context.incarnation):
                self._beat()
                self._schedule()
            case Beat():
                pass  # the timer of an incarnation that crashed
            case Ticked():
                self._state = answered(self._state, message.number)
                self._beat()
            case _:
                assert_never(message)

    def terminate(self, reason: Exit) -> None:
        """Let the timer go."""
        del reason
        self._timer.cancel()

    def _beat(self) -> None:
        clock = self.context.clock
        self._state, tick, missed = beat(self._state, monotonic=clock.monotonic(), now=clock.time())
        if tick is None:
            return
        self.commit(self._state)
        self._collector.tell(tick)
        if missed:
            self._ledger.count("vsm_run_ticks_missed_total", missed)

    def _schedule(self) -> None:
        address, own = self.context.address, Beat(incarnation=self.context.incarnation)
        delay = due(self._state, self.context.clock.monotonic())

        def wake() -> None:
            address.tell(own)

        self._timer = self.context.clock.call_later(delay, wake)
