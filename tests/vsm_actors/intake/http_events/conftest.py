"""The endpoint between its neighbours: real actors on threads, a real server and real requests."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from supervision import (
    Actor,
    AddressBook,
    ChildSpec,
    Context,
    MailboxPolicy,
    SupervisorSpec,
    System,
    VirtualClock,
)
from vsm_actors.actors.ledger import PrometheusLedger
from vsm_actors.core.messages import Signals, Stored
from vsm_actors.core.series import Limits, SeriesTable
from vsm_actors.intake.delivery import Delivery, Lanes
from vsm_actors.intake.events.decoder import Decoder
from vsm_actors.intake.events.duplicates import Duplicates
from vsm_actors.intake.events.rules import Rules
from vsm_actors.intake.http_events.bulk import HttpEvents, answer_lost
from vsm_actors.intake.http_events.decoding import BodyLimits, Decoding
from vsm_actors.intake.http_events.endpoint import EventsEndpoint

NOW = 1_795_428_930.5
WITHIN = 10.0


class Neighbour(Actor):
    """Keeps what it is told, once the gate is open."""

    def __init__(
        self,
        context: Context,
        *,
        heard: list[Any],
        begun: threading.Event,
        gate: threading.Event,
    ) -> None:
        super().__init__(context)
        self._heard = heard
        self._begun = begun
        self._gate = gate

    def handle(self, message: Any) -> object:
        self._begun.set()
        assert self._gate.wait(WITHIN)
        if message != "sync":
            self._heard.append(message)
        return None


class Channel(Actor):
    """Answers signals as it is told to; None keeps silent."""

    def __init__(
        self, context: Context, *, heard: list[Any], answer: Callable[[], Stored | None]
    ) -> None:
        super().__init__(context)
        self._heard = heard
        self._answer = answer

    def handle(self, message: Any) -> object:
        if isinstance(message, Signals):
            self._heard.append(message)
            answer = self._answer()
            if answer is not None:
                message.reply(answer)
        return None


@dataclass
class Answer:
    """What the client got."""

    status: int
    headers: Mapping[str, str]
    json: Any


def waiter() -> tuple["asyncio.Future[Any]", Callable[[Any], None]]:
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()

    def resolve(value: Any) -> None:
        if not future.done():
            future.set_result(value)

    def reply(value: Any) -> None:
        loop.call_soon_threadsafe(resolve, value)

    return future, reply


@dataclass
class Stage:
    """Everything from the socket to the mailboxes of the lanes."""

    collector_limit: int = 100_000
    monitor_limit: int = 100_000
    bulk_limit: int = 1 << 26
    limits: BodyLimits = field(default_factory=BodyLimits)
    patience: float = WITHIN
    remembered: int = 1_000
    stored: Stored | None = field(default_factory=lambda: Stored(durable=True))
    draining: bool = False
    batches: list[Any] = field(default_factory=list)
    records: list[Any] = field(default_factory=list)
    signals: list[Any] = field(default_factory=list)
    begun: threading.Event = field(default_factory=threading.Event)
    gate: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.gate.set()
        self.book = AddressBook("root")
        self.ledger = PrometheusLedger()
        self.clock = VirtualClock(unix=NOW)
        self.table = SeriesTable(Limits(), threading.Lock())
        rules = Rules(default_path="host-1")
        duplicates = Duplicates(threading.Lock(), limit=self.remembered)
        self.decoder = Decoder(self.table, rules, duplicates)
        self.system = System(
            SupervisorSpec(id="root", children=self._children(), intensity=100),
            addresses=self.book,
            clock=self.clock,
        )
        self.system.start()

    def _children(self) -> tuple[ChildSpec, ...]:
        gated = {"begun": self.begun, "gate": self.gate}
        channel = {"heard": self.signals, "answer": lambda: self.stored}
        return (
            ChildSpec(
                id="MetricsCollector",
                actor=Neighbour,
                arguments={"heard": self.batches, **gated},
                mailbox=MailboxPolicy(limit=self.collector_limit),
            ),
            ChildSpec(
                id="ThreatAnalyzer",
                actor=Neighbour,
                arguments={"heard": self.records, **gated},
                mailbox=MailboxPolicy(limit=self.monitor_limit),
            ),
            ChildSpec(id="AlgedonicChannel", actor=Channel, arguments=channel),
            ChildSpec(
                id="HttpEvents",
                actor=HttpEvents,
                arguments={"decoder": self.decoder},
                mailbox=MailboxPolicy(limit=self.bulk_limit, on_lost=answer_lost),
            ),
        )

    def endpoint(self) -> EventsEndpoint:
        lanes = Lanes(
            collector=self.book["MetricsCollector"],
            monitors={"ThreatAnalyzer": self.book["ThreatAnalyzer"]},
            algedonic=self.book["AlgedonicChannel"],
        )
        delivery = Delivery(
            lanes,
            waiter,
            draining=lambda: self.draining,
            patience=self.patience,
        )
        return EventsEndpoint(decoding=self.decoding(), delivery=delivery, ledger=self.ledger)

    def decoding(self) -> Decoding:
        bulk = self.book["HttpEvents"]
        return Decoding(self.decoder, bulk, waiter, self.clock, self.limits)

    def serve(self, use: Callable[[str, aiohttp.ClientSession], Awaitable[Any]]) -> Any:
        return asyncio.run(self._serve(use))

    async def _serve(self, use: Callable[[str, aiohttp.ClientSession], Awaitable[Any]]) -> Any:
        route = self.endpoint().route()

        async def handle(request: web.Request) -> web.StreamResponse:
            return await route.handler(request, request.match_info)

        app = web.Application()
        app.router.add_route(route.method, route.path, handle)
        runner = web.AppRunner(app, auto_decompress=False)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            url = f"http://127.0.0.1:{runner.addresses[0][1]}{route.path}"
            async with aiohttp.ClientSession() as session:
                return await use(url, session)
        finally:
            await runner.cleanup()

    def post(self, *bodies: object, kind: str = "application/json", **headers: str) -> list[Answer]:
        """Post each body on its own connection, one after the other."""

        async def use(url: str, session: aiohttp.ClientSession) -> list[Answer]:
            return [
                await send(session, url, body, {"Content-Type": kind, **headers}) for body in bodies
            ]

        found: list[Answer] = self.serve(use)
        return found

    def settle(self) -> None:
        """Return once the neighbours have handled all that was sent."""
        for name in ("MetricsCollector", "ThreatAnalyzer", "AlgedonicChannel"):
            self.book[name].ask("sync", WITHIN)

    def told(self) -> list[Any]:
        """Return the signals that the channel was told, once it has handled all of them."""
        self.book["AlgedonicChannel"].ask("barrier", WITHIN)
        return self.signals

    def points(self) -> int:
        self.settle()
        return sum(map(len, self.batches))

    def counted(self, name: str, **labels: str) -> float:
        return self.ledger.registry.get_sample_value(name, labels) or 0.0


async def send(
    session: aiohttp.ClientSession, url: str, body: object, headers: Mapping[str, str]
) -> Answer:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with session.post(url, data=data, headers=headers) as answer:
        return Answer(answer.status, answer.headers, await answer.json(content_type=None))


@pytest.fixture
def stage() -> Iterator[Callable[..., Stage]]:
    stages: list[Stage] = []

    def make(**settings: Any) -> Stage:
        stages.append(Stage(**settings))
        return stages[-1]

    yield make
    for one in stages:
        one.gate.set()
        assert not one.system.stop().unstopped
