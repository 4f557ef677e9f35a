"""One look at the daemon, as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one actor or supervisor stands; all counts are running totals over its incarnations.

    Attributes:
        path: its place in the tree.
        id: the last part of it.
        worker: whether it is an actor, not a supervisor.
        state: starting, running, stopping, restarting or stopped.
        incarnation: which life, 0 before the first; it falls when the actor is made anew.
        restarts: how often it was started again.
        crashes: how often it ended by an exception.
        error: the name of the last exception, "" before the first.
        depth: messages waiting.
        load: points waiting.
        limit: most points that may wait, None without a bound.
        refused: offers refused for want of room.
        dead_letters: messages that nobody took.
        handled: messages handled to the end.
        lost: messages that went down with a crash.
        busy: seconds spent in handlers, the one under way included.
        abandoned: threads that did not stop in time.
    """

    path: str
    id: str
    worker: bool
    state: str
    incarnation: int = 0
    restarts: int = 0
    crashes: int = 0
    error: str = ""
    depth: int = 0
    load: int = 0
    limit: int | None = None
    refused: int = 0
    dead_letters: int = 0
    handled: int = 0
    lost: int = 0
    busy: float = 0.0
    abandoned: int = 0


_TOTALS = ("crashes", "refused", "dead_letters", "handled", "lost", "busy", "abandoned")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The process and what it lives in. None: not to be known here.

    Attributes:
        cores: CPUs that the process may run on.
        cpu_seconds: CPU that it has used.
        memory: bytes of memory that the machine has.
        memory_free: bytes of it that are available.
        resident: bytes that the process holds.
        files: file descriptors that it may open.
        files_open: file descriptors open.
        disk: bytes that there are for ordinary users where its data lie.
        disk_used: bytes in use there.
        load: the machine's load average over a minute.
        gaps: what could not be read, by reason.
    """

    cores: float | None = None
    cpu_seconds: float | None = None
    memory: float | None = None
    memory_free: float | None = None
    resident: float | None = None
    files: float | None = None
    files_open: float | None = None
    disk: float | None = None
    disk_used: float | None = None
    load: float | None = None
    gaps: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """All of one look at the tree.

    Attributes:
        time: Unix seconds.
        monotonic: monotonic seconds.
        actors: by path.
        overflows: misses that a cap of the series table refused so far, by cap.
    """

    time: float
    monotonic: float
    actors: Mapping[str, Standing]
    overflows: Mapping[str, int] = field(default_factory=dict)

    def earlier(self, one: Standing) -> Standing:
        """Return how `one` stood at this look: with nothing done where it has been made anew."""
        before = self.actors.get(one.path)
        if before is None or before.incarnation > one.incarnation:
            return Standing(path=one.path, id=one.id, worker=one.worker, state="starting")
        return before

    def settle(self, previous: "Look | None") -> "Look":
        """Return the look with totals that never fall below those of `previous`.

        Nobody stops an actor to count it, so its figures are of slightly different moments, and a
        total may seem to fall by what moved meanwhile.
        """
        if previous is None:
            return self
        return replace(
            self,
            actors={
                path: _at_least(one, previous.earlier(one)) for path, one in self.actors.items()
            },
        )


EMPTY = Look(time=0.0, monotonic=0.0, actors={})
"""Before the first look."""


def _at_least(one: Standing, before: Standing) -> Standing:
    fallen = {
        name: getattr(before, name)
        for name in _TOTALS
        if getattr(one, name) < getattr(before, name)
    }
    return replace(one, **fallen) if fallen else one
