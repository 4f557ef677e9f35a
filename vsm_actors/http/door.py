"""One listener on the loop: its socket, its aiohttp application and its bound on connections."""

import asyncio
import socket

from aiohttp import web

from vsm_actors.core.ledger import Ledger
from vsm_actors.http.errors import ServerStateError
from vsm_actors.http.listening import BACKLOG
from vsm_actors.http.middleware import Desk, protect
from vsm_actors.http.protocol import Connection, Refusal, refuse
from vsm_actors.http.route import Listener


class Door:
    """Accepts connections of one listener and hands their requests to its desk."""

    def __init__(
        self,
        listener: Listener,
        desk: Desk,
        *,
        ledger: Ledger,
        body_bytes: int,
        connections: int,
        drain: float,
    ) -> None:
        """Make a closed door; see `ServerSettings` for the bounds."""
        self.listener = listener
        self._ledger = ledger
        self._limit = connections
        app = web.Application(client_max_size=body_bytes)
        app.router.add_route("*", "/{path:.*}", desk.answer)
        app.on_response_prepare.append(protect)
        self._runner = web.AppRunner(app, shutdown_timeout=drain)
        self._server: asyncio.Server | None = None

    @property
    def connections(self) -> int:
        """How many connections are open."""
        http = self._runner.server
        return len(http.connections) if http else 0

    async def open(self, sock: socket.socket) -> None:
        """Accept from a listening socket."""
        await self._runner.setup()
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._accept, sock=sock, backlog=BACKLOG)

    async def close(self) -> None:
        """Accept no more, let requests in flight finish within the drain, close the rest."""
        if self._server is not None:
            self._server.close()
        await self._runner.cleanup()

    def _accept(self) -> asyncio.Protocol:
        http = self._runner.server
        if http is None:
            raise ServerStateError("closed")
        if len(http.connections) >= self._limit:
            refuse(self._ledger, self.listener, "limit")
            return Refusal()
        return Connection(http, listener=self.listener, ledger=self._ledger)
