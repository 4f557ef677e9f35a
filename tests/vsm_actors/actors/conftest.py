"""A small real tree on a virtual clock: the actor under test, with sinks for neighbours."""

from collections.abc import Iterator
from threading import Lock

import pytest

from supervision import Actor, AddressBook, ChildSpec, Context, System, VirtualClock
from supervision import SupervisorSpec as Root
from vsm_actors.actors.ledger import PrometheusLedger
from vsm_actors.core.series import Limits, SeriesTable

_SEEN = object()


class Sink(Actor):
    """Keeps what it is told."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._kept: list[object] = []

    def handle(self, message: object) -> object:
        if message is _SEEN:
            return tuple(self._kept)
        self._kept.append(message)
        return None


class Stage:
    """What a test of an actor needs around it."""

    def __init__(self) -> None:
        self.book = AddressBook("root")
        self.clock = VirtualClock()
        self.ledger = PrometheusLedger()
        self.table = SeriesTable(Limits(), Lock())
        self._system: System | None = None

    def run(self, *specs: ChildSpec, sinks: tuple[str, ...] = ()) -> None:
        """Start a tree of sinks, then of `specs`."""
        children = (*(ChildSpec(id=name, actor=Sink) for name in sinks), *specs)
        root = Root(id="root", children=children)
        self._system = System(root, addresses=self.book, clock=self.clock)
        self._system.start()

    def ask(self, name: str, message: object) -> object:
        """Let an actor handle a message, and all that waits before it."""
        return self.book[name].ask(message, timeout=10)

    def seen(self, name: str) -> tuple[object, ...]:
        """Return what a sink was told so far."""
        found = self.ask(name, _SEEN)
        assert isinstance(found, tuple)
        return found

    def stop(self) -> None:
        if self._system is not None:
            assert not self._system.stop(timeout=10).unstopped


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage()
    yield made
    made.stop()
