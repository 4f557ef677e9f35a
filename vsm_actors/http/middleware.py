"""What every request passes: Host and Origin checks, dispatch, problems, headers, books and log."""

from collections.abc import Callable, Collection
from http import HTTPStatus

import structlog
from aiohttp import web

from vsm_actors.core.ledger import Ledger
from vsm_actors.http.origins import host_allowed, origin_allowed
from vsm_actors.http.problems import problem, problem_of
from vsm_actors.http.protocol import Connection, count_request
from vsm_actors.http.route import Listener
from vsm_actors.http.router import Match, Table
from vsm_actors.http.text import printable

SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""On every answer, unless its handler has set another value."""

SERVER = "vsm-run"
"""The Server header: the product; versions help attackers only."""

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_METHODS = _SAFE | {"POST", "PUT", "PATCH", "DELETE"}
_GONE = 499
_FAILED = 500
_PREPARED = web.RequestKey("prepared", bool)

_log = structlog.get_logger(__name__)


class Desk:
    """Answers the requests of one listener from whatever table is mounted."""

    def __init__(
        self,
        listener: Listener,
        table: Callable[[], Table | None],
        *,
        hosts: Collection[str],
        ledger: Ledger,
        monotonic: Callable[[], float],
    ) -> None:
        """Make the desk of `listener`.

        Args:
            listener: whose requests.
            table: yields the table in force; None before the first mount.
            hosts: names of this daemon besides localhost, in lower case.
            ledger: counts the answers.
            monotonic: seconds, for the log.
        """
        self._listener = listener
        self._table = table
        self._hosts = hosts
        self._ledger = ledger
        self._monotonic = monotonic

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request: the handler's answer, or a problem document."""
        began = self._monotonic()
        heard(request)
        table = self._table()
        matched = match(table, self._listener, request)
        status = _GONE
        try:
            answer = await self._respond(request, table, matched)
            status = answer.status
        except web.HTTPException as redirect:
            status = redirect.status
            raise
        finally:
            self._book(request, matched, status, self._monotonic() - began)
        return answer

    async def _respond(
        self, request: web.Request, table: Table | None, matched: Match
    ) -> web.StreamResponse:
        refused = self._check(request) or _without_handler(request, table, matched)
        if refused is not None or matched.route is None:
            return refused or problem(404, "Not found", request.path)
        try:
            return await matched.route.handler(request, matched.parameters)
        except web.HTTPException as error:
            if error.status < HTTPStatus.BAD_REQUEST:
                raise
            return problem_of(error)
        except ConnectionResetError:
            raise
        except Exception:
            _log.exception("http.failed", listener=self._listener.value, route=matched.route.path)
            if request.get(_PREPARED, False):
                # Half an answer is out: only an abrupt end tells the client that it is not whole.
                raise
            detail = "the daemon failed to answer; its log says why"
            return problem(_FAILED, "Internal server error", detail)

    def _check(self, request: web.Request) -> web.Response | None:
        host = request.headers.get("Host", "")
        if len(request.headers.getall("Host", ())) != 1 or not host_allowed(host, self._hosts):
            return problem(
                421,
                "Misdirected request",
                f"Host {host!r} is not this daemon; use its address, or add the name to the hosts",
            )
        unsafe = request.method not in _SAFE or "Upgrade" in request.headers
        origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
        if unsafe and not origin_allowed(origin, host, site):
            return problem(403, "Cross-origin request", f"Origin {origin!r} may not do this")
        return None

    def _book(self, request: web.Request, matched: Match, status: int, seconds: float) -> None:
        route = matched.route.path if matched.route else ""
        method = request.method if request.method in _METHODS else "other"
        count_request(self._ledger, self._listener, route, method, status)
        record = _log.debug if status < HTTPStatus.BAD_REQUEST else _log.info
        record(
            "http.answered",
            listener=self._listener.value,
            method=printable(request.method),
            target=printable(request.raw_path),
            status=status,
            seconds=round(seconds, 6),
            peer=request.remote,
        )


def match(table: Table | None, listener: Listener, request: web.Request) -> Match:
    """Look a request up."""
    raw_path = request.raw_path.partition("?")[0]
    return (table or _EMPTY).match(listener, request.method, raw_path)


def heard(request: web.Request) -> None:
    """Tell the connection that its first request is there."""
    if isinstance(request.protocol, Connection):
        request.protocol.heard()


async def protect(request: web.BaseRequest, response: web.StreamResponse) -> None:
    """Put the security headers on an answer; streams and sockets pass here as well."""
    if isinstance(request, web.Request):
        request[_PREPARED] = True
    response.headers["Server"] = SERVER
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)


def _without_handler(
    request: web.Request, table: Table | None, matched: Match
) -> web.Response | None:
    """Answer what needs no handler: not yet served, unknown, not allowed, OPTIONS."""
    if matched.route is not None:
        return None
    if table is None:
        answer = problem(503, "Starting", "the daemon is starting; try again")
        answer.headers["Retry-After"] = "1"
    elif not matched.allow:
        answer = problem(404, "Not found", f"nothing is served at {request.path}")
    elif request.method == "OPTIONS":
        answer = web.Response(status=204)
    else:
        detail = f"{request.method} is not served at {request.path}"
        answer = problem(405, "Method not allowed", detail)
    if matched.allow:
        answer.headers["Allow"] = ", ".join(matched.allow)
    return answer


_EMPTY = Table()
