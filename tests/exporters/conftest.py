import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import msgspec
import numpy as np
import pytest
from prometheus_client import CollectorRegistry

from exporters import catalog
from exporters.endpoint import Endpoint
from exporters.prometheus import PrometheusExporter, lost
from supervision import (
    Actor,
    Address,
    AddressBook,
    ChildSpec,
    Context,
    MailboxPolicy,
    SupervisorSpec,
    System,
    SystemClock,
    TreeNode,
)
from vsm_actors.core import algedonic
from vsm_actors.core.algedonic import Alert
from vsm_actors.core.messages import Alerts, Resend, Signals, Stored, Sync
from vsm_actors.core.series import Limits, SeriesTable
from vsm_actors.core.window import Frame
from vsm_actors.core.window.cells import NO_CELLS
from vsm_actors.http.listening import Binding
from vsm_actors.http.outlet import Outlet
from vsm_actors.http.readiness import Phase, Readiness
from vsm_actors.http.route import Listener
from vsm_actors.http.server import ServerThread


class Books:
    """A ledger that only remembers what was observed."""

    def __init__(self) -> None:
        self.observed: list[str] = []

    def count(self, family: str, amount: float = 1.0, **labels: str) -> None:
        pass

    def set(self, family: str, value: float, **labels: str) -> None:
        pass

    def observe(self, family: str, value: float, **_labels: str) -> None:
        assert value >= 0
        self.observed.append(family)


class Totals:
    """What the collector of these tests knows, over its incarnations."""

    def __init__(self) -> None:
        self.values: dict[int, float] = {}
        self.deaf = False
        self.silent = False
        self.frames = 0


def frame_of(
    number: int, values: dict[int, float], tokens: tuple[int, ...], *, full: bool
) -> Frame:
    ids = np.array(sorted(values), dtype=np.int32)
    column = np.array([values[one] for one in sorted(values)])
    return Frame(
        number=number,
        end=0.0,
        arrival=0.0,
        series=ids,
        count=column,
        sum=column,
        last=column,
        time=column,
        buckets=NO_CELLS,
        tokens=tokens,
        full=full,
    )


class Collector(Actor):
    """Publishes a frame for every token, and a full one to whoever asks."""

    def __init__(self, context: Context, *, totals: Totals, exporter: Address) -> None:
        super().__init__(context)
        self.totals = totals
        self.exporter = exporter

    def handle(self, message: object) -> None:
        match message:
            case Sync(token=token) if not self.totals.deaf:
                self.totals.frames += 1
                self.exporter.tell(self.frame((token,), full=False))
            case Resend(to=to) if not self.totals.silent:
                to.offer(self.frame((), full=True))
            case _:
                pass

    def frame(self, tokens: tuple[int, ...], *, full: bool) -> Frame:
        return frame_of(self.totals.frames, self.totals.values, tokens, full=full)


class Channel(Actor):
    """The register of alerts without a disk."""

    def __init__(self, context: Context, *, durable: list[bool], deaf: list[type]) -> None:
        super().__init__(context)
        self.register = self.context.heir.state or algedonic.Register()
        self.durable = durable
        self.deaf = deaf

    def handle(self, message: object) -> None:
        match message:
            case _ if type(message) in self.deaf:
                pass
            case Alerts(reply=reply):
                reply(tuple(self.register.alerts.values()))
            case Signals(events=events, reply=reply):
                refusals = []
                for place, event in enumerate(events):
                    self.register, outcome = algedonic.apply(self.register, event)
                    if outcome.refusal:
                        refusals.append((place, outcome.refusal))
                reply(Stored(durable=self.durable[0], errors=tuple(refusals)))
            case Alert():
                self.register = algedonic.put(self.register, message)
            case _:
                raise ZeroDivisionError(message)


@dataclass
class World:
    """A small daemon with the real outlets."""

    system: System
    server: ServerThread
    book: AddressBook
    table: SeriesTable
    totals: Totals
    readiness: Readiness
    books: Books
    durable: list[bool]
    deaf: list[type]
    registry: CollectorRegistry
    connections: list[HTTPConnection] = field(default_factory=list)

    def get(
        self,
        path: str,
        method: str = "GET",
        body: bytes | None = None,
        listener: Listener = Listener.READ,
        **headers: str,
    ) -> HTTPResponse:
        connection = HTTPConnection(urlsplit(self.server.urls[listener]).netloc, timeout=10)
        self.connections.append(connection)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body=body, headers=given)
        return connection.getresponse()

    def json(self, path: str, **given: Any) -> Any:
        return msgspec.json.decode(self.get(path, **given).read())

    def node(self, name: str) -> Any:
        return next(node for node in self.system.tree().walk() if node.id == name)

    def eventually(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < deadline
            threading.Event().wait(0.005)


@pytest.fixture
def world() -> Iterator[World]:
    books, totals, durable = Books(), Totals(), [True]
    deaf: list[type] = []
    book = AddressBook("vsm_telemetry")
    table = SeriesTable(Limits(), threading.Lock())
    registry = CollectorRegistry()
    server = ServerThread(
        (
            Binding(listener=Listener.READ, host="127.0.0.1", port=0, flag="--listen"),
            Binding(listener=Listener.WRITE, host="127.0.0.1", port=0, flag="--ingest"),
        ),
        ledger=books,
    )
    clock = SystemClock()
    systems: list[System] = []

    def tree() -> TreeNode:
        return systems[0].tree()

    readiness = Readiness(tree, clock.monotonic)
    outlet = Outlet(
        bridge=server.bridge,
        ledger=books,
        clock=clock,
        address=book.__getitem__,
        tree=tree,
        tokens=count(1).__next__,
        readiness=readiness,
    )
    children = (
        ChildSpec(
            id="MetricsCollector",
            actor=Collector,
            arguments={"totals": totals, "exporter": book["PrometheusExporter"]},
        ),
        ChildSpec(
            id="AlgedonicChannel", actor=Channel, arguments={"durable": durable, "deaf": deaf}
        ),
        ChildSpec(
            id="PrometheusExporter",
            actor=PrometheusExporter,
            arguments={"collector": book["MetricsCollector"], "table": table, "own": registry},
            mailbox=MailboxPolicy(on_lost=lost),
        ),
        ChildSpec(
            id="Endpoint",
            actor=Endpoint,
            arguments={
                "server": server,
                "routes": catalog.routes(outlet),
                "readiness": readiness,
            },
        ),
    )
    root = SupervisorSpec(id="vsm_telemetry", children=children)
    system = System(root, addresses=book, clock=clock)
    systems.append(system)
    server.start()
    system.start()
    readiness.enter(Phase.RUNNING)
    made = World(
        system=system,
        server=server,
        book=book,
        table=table,
        totals=totals,
        readiness=readiness,
        books=books,
        durable=durable,
        deaf=deaf,
        registry=registry,
    )
    yield made
    for connection in made.connections:
        connection.close()
    assert not system.stop().unstopped
    assert server.stop()
    clock.close()
