"""What happens on a connection before and outside of a request."""

import asyncio
from typing import Any

import structlog
from aiohttp import web

from vsm_actors.core.ledger import Ledger
from vsm_actors.http.problems import problem
from vsm_actors.http.route import Listener
from vsm_actors.http.text import printable

HEADERS_WITHIN = 30.0
"""Seconds for the first request's headers; a connection that says nothing makes room."""

KEEPALIVE = 75.0
"""Seconds that an idle connection is kept: longer than scrape intervals, shorter than for ever."""

_log = structlog.get_logger(__name__)


class Connection(web.RequestHandler):
    """aiohttp's protocol with a deadline for the first request, and problems for broken ones."""

    __slots__ = ("_deadline", "_ledger", "_listener")

    def __init__(self, manager: web.Server, *, listener: Listener, ledger: Ledger) -> None:
        """Make one for a connection that was just accepted."""
        # Bodies are handed over as they came: intake decompresses within its own bound.
        options: dict[str, Any] = {
            "access_log": None,
            "auto_decompress": False,
            "keepalive_timeout": KEEPALIVE,
        }
        super().__init__(manager, loop=asyncio.get_running_loop(), **options)
        self._listener = listener
        self._ledger = ledger
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._deadline = asyncio.get_running_loop().call_later(HEADERS_WITHIN, self._expire)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Wait no more."""
        self.heard()
        super().connection_lost(exc)

    def heard(self) -> None:
        """Note that a request came: from here on keep-alive's own timeout holds."""
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer bytes that are no HTTP request; the connection ends with it."""
        self.heard()
        if request.writer.output_size > 0 or isinstance(exc, ConnectionResetError):
            # The head of an answer is out, or nobody is there: all that can be said is the end.
            raise ConnectionResetError(message)
        _log.debug(
            "http.refused",
            listener=self._listener.value,
            status=status,
            reason=printable(str(exc)),
        )
        count_request(self._ledger, self._listener, "", "other", status)
        answer = problem(status, "Malformed request", message or "not a valid HTTP request")
        answer.force_close()
        return answer

    def _expire(self) -> None:
        self._deadline = None
        refuse(self._ledger, self._listener, "silent")
        self.force_close()


class Refusal(asyncio.Protocol):
    """Says 503 to a connection over the bound, and closes it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Answer before anything is asked, so that a refused client costs one write."""
        if isinstance(transport, asyncio.Transport):
            transport.write(_TOO_MANY)
        transport.close()


def refuse(ledger: Ledger, listener: Listener, reason: str) -> None:
    """Count a connection that was closed unheard."""
    ledger.count("vsm_run_connections_refused_total", listener=listener.value, reason=reason)


def count_request(ledger: Ledger, listener: Listener, route: str, method: str, status: int) -> None:
    """Count one answer; `route` is the template, so that the label set stays closed."""
    ledger.count(
        "vsm_run_requests_total",
        listener=listener.value,
        route=route,
        method=method,
        status=str(status),
    )


def _too_many() -> bytes:
    answer = problem(503, "Too many connections", "every connection is in use; try again")
    body = answer.body if isinstance(answer.body, bytes) else b""
    head = (
        "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\n"
        f"Content-Type: {answer.content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


_TOO_MANY = _too_many()
