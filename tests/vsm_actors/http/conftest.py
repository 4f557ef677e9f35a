import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPConnection, HTTPResponse
from typing import Protocol
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from vsm_actors.http.listening import Binding
from vsm_actors.http.route import Handler, Listener, Role, Route
from vsm_actors.http.server import ServerSettings, ServerThread


class Books:
    """A ledger that keeps figures in dictionaries."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.counts: Counter[tuple[str, tuple[tuple[str, str], ...]]] = Counter()
        self.gauges: dict[str, float] = {}
        self.observed: list[tuple[str, float]] = []

    def count(self, family: str, amount: float = 1.0, **labels: str) -> None:
        with self.lock:
            self.counts[family, tuple(sorted(labels.items()))] += int(amount)

    def set(self, family: str, value: float, **labels: str) -> None:
        self.gauges[family + "".join(labels.values())] = value

    def observe(self, family: str, value: float, **labels: str) -> None:
        self.observed.append((family + "".join(labels.values()), value))

    def total(self, family: str, **labels: str) -> int:
        return sum(
            amount
            for (name, given), amount in self.counts.items()
            if name == family and labels.items() <= dict(given).items()
        )


class MakeServer(Protocol):
    def __call__(self, settings: ServerSettings | None = None) -> ServerThread: ...


@pytest.fixture
def books() -> Books:
    return Books()


@pytest.fixture
def make_server(books: Books) -> Iterator[MakeServer]:
    """Start servers on free loopback ports, and stop them."""
    started: list[ServerThread] = []

    def make(settings: ServerSettings | None = None) -> ServerThread:
        binds = (
            Binding(listener=Listener.READ, host="127.0.0.1", port=0, flag="--listen"),
            Binding(listener=Listener.WRITE, host="127.0.0.1", port=0, flag="--ingest"),
        )
        server = ServerThread(binds, ledger=books, settings=settings)
        server.start()
        started.append(server)
        return server

    yield make
    for server in started:
        assert server.stop()


@pytest.fixture
def server(make_server: MakeServer) -> ServerThread:
    return make_server()


@pytest.fixture
def route() -> Callable[..., Route]:
    """Make a route from a path and what it answers."""

    async def hello(_request: web.Request, _parameters: Mapping[str, str]) -> web.Response:
        return web.Response(text="hello")

    def make(
        path: str,
        handler: Handler = hello,
        method: str = "GET",
        listener: Listener = Listener.READ,
    ) -> Route:
        return Route(
            listener=listener,
            method=method,
            path=path,
            handler=handler,
            role=Role.NONE,
            summary="Test.",
        )

    return make


@pytest.fixture
def request_of() -> Iterator[Callable[..., HTTPResponse]]:
    """Send one request to a server's read listener, on a connection of its own."""
    connections: list[HTTPConnection] = []

    def send(
        server: ServerThread,
        path: str,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> HTTPResponse:
        connection = HTTPConnection(urlsplit(server.urls[Listener.READ]).netloc, timeout=5)
        connections.append(connection)
        connection.request(method, path, body=body, headers=dict(headers or {}))
        return connection.getresponse()

    yield send
    for connection in connections:
        connection.close()


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()
