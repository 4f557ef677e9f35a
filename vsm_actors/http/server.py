"""The server thread: the loop with the listeners. It outlives every actor that mounts routes."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from vsm_actors.core.ledger import Ledger
from vsm_actors.http.bridge import Bridge
from vsm_actors.http.door import Door
from vsm_actors.http.errors import ServerStateError
from vsm_actors.http.listening import Binding, listen, url_of
from vsm_actors.http.middleware import Desk
from vsm_actors.http.route import Listener, Route
from vsm_actors.http.router import Table

_START_WITHIN = 10.0
_GAUGED_EVERY = 1.0
_MARGIN = 2.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """What holds for every listener.

    Attributes:
        hosts: names of this daemon besides localhost, in lower case, for the Host check.
        body_bytes: largest body taken, as it comes over the wire.
        connections: open connections of one listener; what comes above gets 503. A burst that
            arrives at once may pass it by the backlog.
        drain: seconds that requests in flight get at the end.
    """

    hosts: frozenset[str] = frozenset()
    body_bytes: int = 4_194_304
    connections: int = 2_048
    drain: float = 5.0


class ServerThread:
    """Owns the loop, the sockets and the mounted routes; started and stopped by the composition.

    Attributes:
        bridge: crosses between actor threads and this loop.
    """

    def __init__(
        self,
        bindings: Iterable[Binding],
        *,
        ledger: Ledger,
        settings: ServerSettings | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; nothing is bound before `start`.

        Args:
            bindings: the listeners' addresses.
            ledger: the daemon's own books.
            settings: bounds; defaults where None.
            monotonic: seconds, for the log.
        """
        self.bridge = Bridge(ledger)
        self._bindings: Sequence[Binding] = tuple(bindings)
        self._settings = settings or ServerSettings()
        self._ledger = ledger
        self._monotonic = monotonic
        self._table: Table | None = None
        self._urls: dict[Listener, str] = {}
        self._ready = threading.Event()
        self._failure: Exception | None = None
        self._thread: threading.Thread | None = None
        self._end: Callable[[None], None] | None = None

    @property
    def urls(self) -> Mapping[Listener, str]:
        """Where each listener answers, with the port that was picked: ``http://127.0.0.1:1234``."""
        return self._urls

    def start(self) -> None:
        """Bind every listener, start the thread, return once all of them answer.

        Raises:
            ListenError: an address is taken or not ours; nothing is left bound.
            ServerStateError: started before, or the loop did not come up.
        """
        if self._thread is not None:
            raise ServerStateError("started")
        sockets = _bound(self._bindings)
        self._urls = {one: url_of(sock) for one, sock in sockets.items()}
        self._thread = threading.Thread(
            target=self._run, args=(sockets,), name="vsm-http", daemon=True
        )
        self._thread.start()
        if not self._ready.wait(_START_WITHIN):
            raise ServerStateError("hung")
        if self._failure is not None:
            raise ServerStateError("stopped") from self._failure

    def mount(self, routes: Iterable[Route]) -> None:
        """Serve `routes` from the next request on, in place of those mounted before.

        Requests in flight finish with the handler that they have. Safe from every thread.

        Args:
            routes: of all listeners.

        Raises:
            ValueError: two routes answer the same method on the same path.
        """
        self._table = Table(routes)

    @property
    def is_stopped(self) -> bool:
        """Whether no thread of it runs."""
        return self._thread is None or not self._thread.is_alive()

    def stop(self) -> bool:
        """Close the listeners, let requests in flight finish, end the thread.

        Returns:
            Whether the thread ended in time.
        """
        if self._thread is None:
            return True
        if self._end is not None:
            self._end(None)
        self._thread.join(self._settings.drain + _MARGIN)
        return self.is_stopped

    def _run(self, sockets: Mapping[Listener, socket.socket]) -> None:
        try:
            asyncio.run(self._serve(sockets))
        except Exception as error:  # noqa: BLE001  the last frame of a thread: nobody else can report it
            self._failure = error
            _log.exception("http.stopped")
        finally:
            self.bridge.detach()
            for sock in sockets.values():
                sock.close()
            self._ready.set()

    async def _serve(self, sockets: Mapping[Listener, socket.socket]) -> None:
        self.bridge.attach(asyncio.get_running_loop())
        ended: asyncio.Future[None]
        ended, self._end = self.bridge.waiter()
        doors = [self._door(listener) for listener in sockets]
        for door, sock in zip(doors, sockets.values(), strict=True):
            await door.open(sock)
        gauging = asyncio.create_task(self._gauging(doors))
        self._ready.set()
        try:
            await ended
        finally:
            gauging.cancel()
            await asyncio.gather(*(door.close() for door in doors))

    def _door(self, listener: Listener) -> Door:
        desk = Desk(
            listener,
            lambda: self._table,
            hosts=self._settings.hosts,
            ledger=self._ledger,
            monotonic=self._monotonic,
        )
        return Door(
            listener,
            desk,
            ledger=self._ledger,
            body_bytes=self._settings.body_bytes,
            connections=self._settings.connections,
            drain=self._settings.drain,
        )

    async def _gauging(self, doors: Sequence[Door]) -> None:
        while True:
            for door in doors:
                self._ledger.set(
                    "vsm_run_connections", door.connections, listener=door.listener.value
                )
            await asyncio.sleep(_GAUGED_EVERY)


def _bound(bindings: Iterable[Binding]) -> dict[Listener, socket.socket]:
    sockets: dict[Listener, socket.socket] = {}
    try:
        for binding in bindings:
            sockets[binding.listener] = listen(binding)
    except Exception:
        for sock in sockets.values():
            sock.close()
        raise
    return sockets
