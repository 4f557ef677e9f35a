"""Whether the daemon is ready: what an orchestrator's probes are told, on either listener."""

import enum
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from supervision import TreeNode
from vsm_actors.http.route import Listener

DOWN_FOR = 10.0
"""Seconds that a listener or an actor may be down before the daemon is not ready any more."""


class Phase(enum.Enum):
    """Where the process stands in its life."""

    STARTING = "starting"
    RUNNING = "running"
    DRAINING = "draining"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a probe is told.

    Attributes:
        ready: whether to send traffic here.
        reasons: why not; empty when ready.
        degraded: what is wrong without being fatal, sorted.
    """

    ready: bool
    reasons: tuple[str, ...]
    degraded: tuple[str, ...]


class Readiness:
    """Gathers what is known; safe from every thread.

    A part counts as down from when it was first seen down until it is seen up, so somebody has to
    look: Endpoint does every few seconds, and every probe does.
    """

    def __init__(self, tree: Callable[[], TreeNode], monotonic: Callable[[], float]) -> None:
        """Start in `Phase.STARTING`.

        Args:
            tree: yields a snapshot of the supervision tree without asking an actor.
            monotonic: seconds.
        """
        self._tree = tree
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._phase = Phase.STARTING
        self._answered: dict[Listener, float] = {}
        self._down: dict[str, float] = {}
        self._degraded: set[str] = set()

    def enter(self, phase: Phase) -> None:
        """Note that the process has come to `phase`."""
        self._phase = phase

    @property
    def is_draining(self) -> bool:
        """Whether the process takes no more."""
        return self._phase is Phase.DRAINING

    def watch(self, listeners: Iterable[Listener]) -> None:
        """Expect answers of these listeners from now on."""
        now = self._monotonic()
        with self._lock:
            self._answered = {one: self._answered.get(one, now) for one in listeners}

    def answered(self, listener: Listener) -> None:
        """Note that a listener has answered just now."""
        with self._lock:
            self._answered[listener] = self._monotonic()

    def degrade(self, what: str) -> None:
        """Note a trouble that does not stop the daemon: a full disk, say."""
        with self._lock:
            self._degraded.add(what)

    def recover(self, what: str) -> None:
        """Note that a trouble is over."""
        with self._lock:
            self._degraded.discard(what)

    def verdict(self) -> Verdict:
        """Look at everything and judge."""
        now = self._monotonic()
        down = [node.path for node in self._tree().walk() if _is_down(node)]
        with self._lock:
            self._down = {path: self._down.get(path, now) for path in down}
            reasons = (*self._of_phase(), *self._of_parts(now))
            troubles = {f"{path} is down" for path in down} | self._degraded
        return Verdict(ready=not reasons, reasons=reasons, degraded=tuple(sorted(troubles)))

    def _of_phase(self) -> tuple[str, ...]:
        return () if self._phase is Phase.RUNNING else (self._phase.value,)

    def _of_parts(self, now: float) -> tuple[str, ...]:
        silent = (
            f"the {listener.value} listener does not answer"
            for listener, then in self._answered.items()
            if now - then > DOWN_FOR
        )
        dead = (
            f"{path} has been down for {now - since:.0f} s"
            for path, since in self._down.items()
            if now - since > DOWN_FOR
        )
        return (*silent, *dead)


def _is_down(node: TreeNode) -> bool:
    # What has stopped without an error was told to, asked to be ignored, or had finished.
    return node.state in {"starting", "restarting"} or (
        node.state == "stopped" and node.last_error is not None
    )
