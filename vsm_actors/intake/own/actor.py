"""SelfSource: keeps the books of the tree every window, and reports the daemon every few."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import assert_never

from supervision import Actor, Context, TreeNode
from vsm_actors.core.ledger import Ledger
from vsm_actors.core.routing import Router
from vsm_actors.core.series import SeriesTable
from vsm_actors.core.window import Window
from vsm_actors.intake.beat import Beat
from vsm_actors.intake.facts import gather
from vsm_actors.intake.handover import Handover
from vsm_actors.intake.own.books import Entry, entries
from vsm_actors.intake.own.look import EMPTY, Look, Surroundings
from vsm_actors.intake.own.observation import Memory, observe
from vsm_actors.intake.own.tree import look_at

SOURCE = "self"
INTERVAL = 5.0
"""Seconds between reports, as for the host; the books are written every window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What outlives a crash.

    Attributes:
        beat: the rhythm of the reports.
        booked: the look that the books hold.
        memory: what the next report is compared with.
    """

    beat: Beat
    booked: Look
    memory: Memory | None


class SelfSource(Actor):
    """Takes windows as its beat. It asks no actor: the tree is a snapshot."""

    def __init__(  # noqa: PLR0913 - the parts that the composition root injects
        self,
        context: Context,
        *,
        tree: Callable[[], TreeNode],
        table: SeriesTable,
        router: Router,
        handover: Handover,
        surroundings: Callable[[], Surroundings],
        interval: float = INTERVAL,
    ) -> None:
        """Take what it needs.

        Args:
            context: of the incarnation.
            tree: takes a snapshot of the whole tree.
            table: whose overflows are counted.
            router: knows the catalogue.
            handover: where observations go; made with ``accepted=False``.
            surroundings: reads the process and what it lives in.
            interval: seconds between reports, at least 1.

        Raises:
            IntervalError: `interval` is below 1 s.
        """
        super().__init__(context)
        self._tree = tree
        self._table = table
        self._router = router
        self._handover = handover
        self._surroundings = surroundings
        fresh = Kept(beat=Beat(interval=interval), booked=EMPTY, memory=None)
        kept: Kept = context.heir.state or fresh
        self._kept = replace(kept, beat=replace(kept.beat, interval=interval))

    def handle(self, message: Window) -> None:
        """Keep the books; report, when it is time to. A window is only the beat."""
        if not isinstance(message, Window):
            assert_never(message)
        clock = self.context.clock
        raw = look_at(self._tree(), self._table.overflows, clock.time(), clock.monotonic())
        look = raw.settle(self._kept.booked)
        lines = entries(self._kept.booked, look)
        self._keep(replace(self._kept, booked=look))
        for line in lines:
            _write(self._handover.ledger, line)
        if self._kept.beat.is_due(look.monotonic):
            self._report(look)

    def _report(self, look: Look) -> None:
        here = self._surroundings()
        observation = observe(self._kept.memory, look, here)
        observed = gather(
            observation.facts, self._router, source=SOURCE, now=look.time, arrival=look.monotonic
        )
        beat = self._kept.beat.after(look.monotonic)
        self._keep(replace(self._kept, beat=beat, memory=observation.memory))
        self._handover.give(observed)
        self._handover.missed(SOURCE, here.gaps)

    def _keep(self, kept: Kept) -> None:
        self._kept = kept
        self.commit(kept)


def _write(ledger: Ledger, line: Entry) -> None:
    write = ledger.count if line.counter else ledger.set
    write(line.family, line.value, **line.labels)
