"""HostSource and SelfSource under a real supervisor, on a virtual clock."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from supervision import (
    Actor,
    AddressBook,
    AskTimeout,
    ChildSpec,
    Context,
    MailboxPolicy,
    SupervisorSpec,
    System,
    TreeNode,
    VirtualClock,
)
from vsm_actors.core.batch import NO_HASHES, NO_IDS, Batch
from vsm_actors.core.events import CATALOGUE
from vsm_actors.core.messages import Records
from vsm_actors.core.routing import Router
from vsm_actors.core.series import Limits, SeriesTable
from vsm_actors.core.window import Cells, Members, Window
from vsm_actors.intake.handover import Handover
from vsm_actors.intake.host.actor import HostSource
from vsm_actors.intake.host.sample import Machine, Nic, Outside, Process, Sample
from vsm_actors.intake.own.actor import SelfSource
from vsm_actors.intake.own.look import Surroundings

NONE = np.empty(0)
CELLS = Cells(series=NO_IDS, index=NO_IDS, count=NONE)
WINDOW = Window(
    start=0.0,
    end=1.0,
    duration=1.0,
    series=NO_IDS,
    count=NONE,
    sum=NONE,
    min=NONE,
    max=NONE,
    last=NONE,
    time=NONE,
    source=NO_IDS,
    ordinal=np.empty(0, dtype=np.int64),
    sketch=CELLS,
    buckets=CELLS,
    members=Members(
        series=NO_IDS, hash=NO_HASHES, dense=NO_IDS, registers=np.empty((0, 4096), dtype=np.uint8)
    ),
)
TOLD = ("environment.scanned", "directive.issued", "directive.completed", "directive.refused")
MONITORS = sorted({name for event in TOLD for name in CATALOGUE[event].monitors})


@dataclass
class Books:
    """A ledger that can be read."""

    counted: Counter[str] = field(default_factory=Counter)
    gauges: dict[str, float] = field(default_factory=dict)

    def count(self, family: str, amount: float = 1.0, **labels: str) -> None:
        self.counted[" ".join([family, *labels.values()])] += amount  # type: ignore[assignment]  # the stub of Counter knows whole numbers only

    def set(self, family: str, value: float, **labels: str) -> None:
        self.gauges[" ".join([family, *labels.values()])] = value

    def observe(self, family: str, value: float, **labels: str) -> None:
        raise AssertionError(family, value, labels)


class Sink(Actor):
    """Keeps what it gets; answers a question with all of it."""

    def __init__(self, context: Context, *, got: list[object]) -> None:
        super().__init__(context)
        self._got = got

    def handle(self, message: object) -> object:
        if message == "crash":
            raise ValueError(message)
        if message != "so far":
            self._got.append(message)
        return list(self._got)


class Machines:
    """Takes samples that a test makes."""

    def __init__(self) -> None:
        self.wide: list[bool] = []
        self.processes = 2
        self.fail = False

    def read(self, time: float, monotonic: float, *, outside: bool) -> Sample:
        if self.fail:
            raise LookupError
        self.wide.append(outside)
        return Sample(
            time=time,
            monotonic=monotonic,
            machine=Machine(cores=2.0, cpu_seconds=monotonic, memory=100.0, memory_used=10.0),
            processes=tuple(
                Process(n, 1.0, f"u{n}", "sleeping", 0.0, 1.0) for n in range(self.processes)
            ),
            nics=(Nic(name="eth0", up=True),),
            outside=Outside(inbound={80: 2}) if outside else None,
            gaps={"denied": 2},
        )


class Rig:
    """A tree with one source, a collector and the monitors."""

    def __init__(self, source: type[Actor], room: int | None, **arguments: Any) -> None:
        self.clock = VirtualClock()
        self.blind = False
        self.books = Books()
        self.table = SeriesTable(Limits(), threading.Lock())
        self.router = Router(self.table)
        book = AddressBook("root")
        self.handover = Handover(
            collector=book["collector"],
            monitors={name: book[name] for name in MONITORS},
            ledger=self.books,
            accepted=source is HostSource,
        )
        if source is SelfSource:
            arguments |= {"tree": self._snapshot, "table": self.table}
        sinks = tuple(
            ChildSpec(
                id=name,
                actor=Sink,
                arguments={"got": []},
                mailbox=MailboxPolicy(limit=room),
            )
            for name in ("collector", *MONITORS)
        )
        child = ChildSpec(
            id="source",
            actor=source,
            arguments={"router": self.router, "handover": self.handover, **arguments},
        )
        spec = SupervisorSpec(id="root", children=(*sinks, child))
        self.system: System = System(spec, addresses=book, clock=self.clock)

    def _snapshot(self) -> TreeNode:
        if self.blind:
            raise LookupError
        return self.system.tree()

    def window(self) -> None:
        self.system.address("source").ask(WINDOW, timeout=5.0)

    def windows(self, count: int) -> None:
        for _ in range(count):
            self.window()
            self.clock.advance(1.0)

    def got(self, name: str) -> list[Any]:
        answer = self.system.address(name).ask("so far", timeout=5.0)
        assert isinstance(answer, list)
        return answer

    def points(self, batch: Batch) -> dict[str, float]:
        return {
            " ".join([self.table[series].family.name, *self.table[series].labels]): value
            for series, value in zip(batch.series.tolist(), batch.value.tolist(), strict=True)
        }


Make = Callable[..., Rig]


@pytest.fixture
def make() -> Iterator[Make]:
    made: list[Rig] = []

    def build(source: type[Actor], *, room: int | None = None, **arguments: Any) -> Rig:
        rig = Rig(source, room, **arguments)
        made.append(rig)
        rig.system.start()
        return rig

    yield build
    for rig in made:
        rig.system.stop(timeout=5.0)


@pytest.fixture
def machines() -> Machines:
    return Machines()


def test_host_is_looked_at_every_fifth_window(make: Make, machines: Machines) -> None:
    rig = make(HostSource, path="box", reader=lambda: machines)
    rig.windows(16)
    assert len(machines.wide) == 4
    assert [batch.source for batch in rig.got("collector")] == ["host"] * 4


def test_connections_are_looked_at_every_thirty_seconds(make: Make, machines: Machines) -> None:
    rig = make(HostSource, path="box", reader=lambda: machines)
    rig.windows(36)
    assert machines.wide == [True, *[False] * 5, True, False]


def test_host_points_and_records_reach_those_they_concern(make: Make, machines: Machines) -> None:
    rig = make(HostSource, path="box", reader=lambda: machines)
    machines.processes = 203
    rig.windows(6)
    first, second = map(rig.points, rig.got("collector"))
    assert "vsm_resource_used box 1  cpu" not in first
    assert second["vsm_resource_used box 1  cpu"] == 1.0
    assert second["vsm_states_total box 1 other processes sleeping"] == 4.0
    scans = [event for records in rig.got("EnvironmentScanner") for event in records.events]
    assert [event.attributes["signal"] for event in scans] == [
        "link.eth0",
        "inbound.80",
        "link.eth0",
    ]


def test_host_counts_what_it_accepted_folded_and_could_not_see(
    make: Make, machines: Machines
) -> None:
    machines.processes = 203
    rig = make(HostSource, path="box", reader=lambda: machines)
    rig.windows(1)
    (batch,) = rig.got("collector")
    assert rig.books.counted == {
        "vsm_run_points_accepted_total host": len(batch),
        "vsm_run_observation_gaps_total host denied": 2,
        "vsm_run_observation_gaps_total host unit_limit": 4,
    }


def test_points_without_room_are_lost_and_counted(make: Make, machines: Machines) -> None:
    rig = make(HostSource, room=1, path="box", reader=lambda: machines)
    rig.windows(1)
    assert rig.got("collector") == []
    counted = rig.books.counted
    assert counted["vsm_run_points_dropped_total host full"] > 0
    assert counted["vsm_run_points_dropped_total host monitor_full"] == 4
    assert "vsm_run_points_accepted_total host" not in counted


def test_look_that_fails_loses_only_itself(make: Make, machines: Machines) -> None:
    rig = make(HostSource, path="box", reader=lambda: machines)
    rig.windows(5)
    machines.fail = True
    with pytest.raises(LookupError):
        rig.window()
    machines.fail = False
    rig.window()
    second = rig.points(rig.got("collector")[1])
    assert second["vsm_resource_used box 1  cpu"] == 1.0  # compared with the look before the crash


def _self(make: Make, **arguments: Any) -> Rig:
    return make(SelfSource, surroundings=lambda: Surroundings(gaps={"denied": 1}), **arguments)


def _until(rig: Rig, true: Callable[[TreeNode], bool]) -> None:
    """Let the tree's own threads get where a test wants them; each turn asks, none sleeps."""
    for _ in range(10_000):
        if true(rig.system.tree()):
            return
        rig.got("EnvironmentScanner")
    raise AskTimeout("root", 0.0)


def test_books_are_kept_every_window(make: Make) -> None:
    rig = _self(make)
    for _ in range(3):
        rig.got("collector")
    rig.windows(1)
    assert rig.books.counted["vsm_run_messages_handled_total root/collector"] == 3
    assert rig.books.gauges["vsm_run_mailbox_depth root/collector"] == 0.0
    rig.got("collector")
    rig.windows(1)
    assert rig.books.counted["vsm_run_messages_handled_total root/collector"] >= 4


def test_daemon_reports_itself_every_fifth_window_and_accepts_nothing(make: Make) -> None:
    rig = _self(make)
    rig.windows(11)
    batches = rig.got("collector")
    assert [batch.source for batch in batches] == ["self"] * 3
    assert not [name for name in rig.books.counted if "accepted" in name]
    assert rig.books.counted["vsm_run_observation_gaps_total self denied"] == 3
    points = rig.points(batches[1])
    assert all(" vsm-run" in name for name in points)
    assert points["vsm_operations_total vsm-run 1 source message ok"] == 5.0


def test_restart_is_a_directive_to_the_control_monitor(make: Make) -> None:
    rig = _self(make)
    rig.windows(5)
    with pytest.raises(ValueError, match="crash"):
        rig.system.address("FutureProjector").ask("crash", timeout=5.0)
    _until(
        rig,
        lambda tree: (
            any(one.id == "FutureProjector" and one.restarts for one in tree.walk())
            and all(one.state == "running" for one in tree.walk())
        ),
    )
    rig.windows(1)
    (records,) = rig.got("ControlMonitor")
    assert isinstance(records, Records)
    assert [(event.name, event.meant) for event in records.events] == [
        ("directive.issued", "FutureProjector"),
        ("directive.completed", "FutureProjector"),
    ]
    points = rig.points(rig.got("collector")[1])
    assert points["vsm_errors_total vsm-run 1 FutureProjector ValueError"] == 1.0
    assert points["vsm_messages_total vsm-run 1 1/FutureProjector mailbox dropped"] == 1.0
    assert rig.books.counted["vsm_run_actor_restarts_total root/FutureProjector"] == 1


def test_books_go_on_after_a_crash_of_their_keeper(make: Make) -> None:
    rig = _self(make)
    rig.got("collector")
    rig.windows(1)
    rig.blind = True
    with pytest.raises(LookupError):
        rig.window()
    rig.blind = False
    before = rig.books.counted["vsm_run_messages_handled_total root/collector"]
    rig.window()
    assert rig.books.counted["vsm_run_messages_handled_total root/collector"] - before <= 1
    assert rig.books.counted["vsm_run_actor_restarts_total root/source"] == 1
