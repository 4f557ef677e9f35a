"""Endpoint: the actor that mounts the routes and looks whether the listeners answer."""

from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

import structlog

from exporters.errors import UnknownMessageError
from supervision import Actor, Context
from vsm_actors.http.readiness import Readiness
from vsm_actors.http.route import Route
from vsm_actors.http.server import ServerThread

LOOK_EVERY = 2.0
"""Seconds between looks: five of them fit into the ten that readiness allows."""

ANSWER_WITHIN = 1.0
"""Seconds for a listener to answer on this machine."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Look:
    """Look at the listeners; told to itself.

    Attributes:
        incarnation: whose timer it was, so that a restart does not double the timers.
    """

    incarnation: int


class Endpoint(Actor):
    """Holds no request: a crash of it closes no connection, and the routes stay mounted."""

    def __init__(
        self,
        context: Context,
        *,
        server: ServerThread,
        routes: tuple[Route, ...],
        readiness: Readiness,
    ) -> None:
        """Take the wiring.

        Args:
            context: as for every actor.
            server: the server thread, running.
            routes: of all listeners.
            readiness: is told which listeners answer.
        """
        super().__init__(context)
        self._server = server
        self._routes = routes
        self._readiness = readiness

    def init(self) -> None:
        """Mount the routes and begin to look."""
        self._server.mount(self._routes)
        self._readiness.watch(self._server.urls)
        self._schedule()

    def handle(self, message: object) -> None:
        """Look at every listener, and at the tree."""
        if not isinstance(message, Look):
            raise UnknownMessageError(self.context.path, type(message))
        if message.incarnation == self.context.incarnation:
            for listener, url in self._server.urls.items():
                if answers(url):
                    self._readiness.answered(listener)
                else:
                    _log.error("endpoint.unanswered", listener=listener.value, url=url)
            self._readiness.verdict()
            self._schedule()

    def _schedule(self) -> None:
        self.context.clock.call_later(LOOK_EVERY, self._remind)

    def _remind(self) -> None:
        self.context.address.tell(Look(self.context.incarnation))


def answers(url: str) -> bool:
    """Tell whether ``/-/healthy`` answers at `url` in time."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=ANSWER_WITHIN)
    try:
        connection.request("GET", "/-/healthy")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
