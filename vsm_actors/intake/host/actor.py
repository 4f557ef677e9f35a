"""HostSource: looks at the machine every few windows and reports it as a viable system."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import assert_never

from supervision import Actor, Context
from vsm_actors.core.naming import check_path
from vsm_actors.core.routing import Router
from vsm_actors.core.window import Window
from vsm_actors.intake.beat import Beat
from vsm_actors.intake.facts import gather
from vsm_actors.intake.handover import Handover
from vsm_actors.intake.host.observation import observe
from vsm_actors.intake.host.reading import HostReader, Reader
from vsm_actors.intake.host.sample import Memory

SOURCE = "host"
INTERVAL = 5.0
"""Seconds between looks: what people and monitors need, at under a hundredth of a core."""

_OUTSIDE = 30.0
"""Seconds between looks at connections, which cost more than all the rest together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What outlives a crash: the rhythms, and what the next look is compared with."""

    beat: Beat
    outside: Beat
    memory: Memory | None


class HostSource(Actor):
    """Takes windows as its beat. A crash loses the look under way and nothing else."""

    def __init__(
        self,
        context: Context,
        *,
        path: str,
        router: Router,
        handover: Handover,
        interval: float = INTERVAL,
        reader: Callable[[], Reader] = HostReader,
    ) -> None:
        """Take what it needs.

        Args:
            context: of the incarnation.
            path: the host's place in the model.
            router: knows the catalogue.
            handover: where observations go.
            interval: seconds between looks, at least 1.
            reader: makes what takes samples; called once in each incarnation.

        Raises:
            InvalidPathError: `path` breaks the grammar.
            IntervalError: `interval` is below 1 s.
        """
        super().__init__(context)
        self._path = check_path(path)
        self._router = router
        self._handover = handover
        self._reader = reader()
        fresh = Kept(beat=Beat(interval=interval), outside=Beat(interval=_OUTSIDE), memory=None)
        kept: Kept = context.heir.state or fresh
        self._kept = replace(kept, beat=replace(kept.beat, interval=interval))

    def handle(self, message: Window) -> None:
        """Look, when it is time to; a window is only the beat."""
        if not isinstance(message, Window):
            assert_never(message)
        now = self.context.clock.monotonic()
        if self._kept.beat.is_due(now):
            self._look(now, wide=self._kept.outside.is_due(now))

    def _look(self, now: float, *, wide: bool) -> None:
        kept = self._kept
        sample = self._reader.read(self.context.clock.time(), now, outside=wide)
        observation = observe(kept.memory, sample, self._path)
        observed = gather(
            observation.facts, self._router, source=SOURCE, now=sample.time, arrival=now
        )
        self._kept = Kept(
            beat=kept.beat.after(now),
            outside=kept.outside.after(now) if wide else kept.outside,
            memory=observation.memory,
        )
        self.commit(self._kept)
        self._handover.give(observed)
        self._handover.missed(SOURCE, {**sample.gaps, "unit_limit": observation.folded})
