"""``POST /v1/events``: from a request to its answer."""

from collections.abc import Mapping
from typing import assert_never

import structlog
from aiohttp import web

from vsm_actors.core.ledger import Ledger
from vsm_actors.http.problems import problem
from vsm_actors.http.route import Listener, Role, Route
from vsm_actors.intake import bodies
from vsm_actors.intake.delivery import SOON, Delivery, Refused, Taken
from vsm_actors.intake.errors import BodyError, BrokenBodyError
from vsm_actors.intake.events.content import content_of
from vsm_actors.intake.events.decoded import Decoded
from vsm_actors.intake.events.faults import Reason
from vsm_actors.intake.http_events import answers
from vsm_actors.intake.http_events.bulk import BulkAnswer, Lost
from vsm_actors.intake.http_events.decoding import Decoding

_log = structlog.get_logger(__name__)

_CROWDED = Refused(status=429, detail="too many bodies are being read", retry_after=SOON)


class EventsEndpoint:
    """Answers ``POST /v1/events`` on the server's loop."""

    def __init__(self, *, decoding: Decoding, delivery: Delivery, ledger: Ledger) -> None:
        """Wire the endpoint.

        Args:
            decoding: decodes bodies, and says how great they may be.
            delivery: hands over what was decoded.
            ledger: counts what came.
        """
        self._decoding = decoding
        self._delivery = delivery
        self._books = answers.Books(ledger, decoding.decoder)
        self._limits = decoding.limits
        self._held = 0

    def route(self) -> Route:
        """Return the route that this endpoint answers."""
        return Route(
            listener=Listener.WRITE,
            method="POST",
            path="/v1/events",
            handler=self.handle,
            role=Role.WRITE,
            summary="Take events: JSON, newline-delimited JSON or CloudEvents.",
        )

    async def handle(
        self, request: web.Request, _parameters: Mapping[str, str]
    ) -> web.StreamResponse:
        """Answer one request."""
        reserved = self._reserved(request.content_length)
        if self._held + reserved > self._limits.held:
            return answers.refused(_CROWDED)
        self._held += reserved
        try:
            return await self._answer(await self._decoded(request))
        except BodyError as error:
            return self._broken(error)
        finally:
            self._held -= reserved

    def _reserved(self, size: int | None) -> int:
        """Return the room that a body of `size` bytes takes; None where nobody knows yet.

        A small one takes none: however many big ones are slow, a signal gets in. All small ones
        together are bounded by the listener's connections.
        """
        if size is not None and size <= self._limits.inline:
            return 0
        return min(self._limits.body if size is None else size, self._limits.body)

    async def _decoded(self, request: web.Request) -> BulkAnswer | Refused:
        headers = request.headers
        media_type = request.content_type if "Content-Type" in headers else ""
        content = content_of(media_type, request.charset or "", headers)
        encoding = bodies.encoding_of(headers.get("Content-Encoding", ""))
        body = await bodies.read(request, self._limits.body, self._limits.arrival)
        return await self._decoding.decode(body, encoding, content)

    async def _answer(self, found: BulkAnswer | Refused) -> web.Response:
        match found:
            case Decoded():
                return await self._deliver(found)
            case BodyError():
                return self._broken(found)
            case Refused():
                return answers.refused(found)
            case Lost():
                _log.error("http_events.lost", cause=str(found.cause))
                return problem(500, "Decoding failed", "nothing was taken; the failure is logged")
            case _:
                assert_never(found)

    async def _deliver(self, decoded: Decoded) -> web.Response:
        outcome = await self._delivery.deliver(decoded)
        match outcome:
            case Refused():
                return answers.refused(outcome)
            case Taken():
                self._books.enter(decoded, len(outcome.refused))
                return answers.taken(decoded, outcome.refused)
            case _:
                assert_never(outcome)

    def _broken(self, error: BodyError) -> web.Response:
        if isinstance(error, BrokenBodyError):
            self._books.reject(Reason.MALFORMED, 1)
        return answers.broken(error)
