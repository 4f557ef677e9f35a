"""Errors as RFC 9457 problem documents."""

from http import HTTPStatus

import msgspec
from aiohttp import web

from vsm_actors.http.text import printable

CONTENT_TYPE = "application/problem+json"

_RESERVED = frozenset({"type", "title", "status", "detail"})


def problem(status: int, title: str, detail: str, **extra: object) -> web.Response:
    """Return an error as a problem document.

    Args:
        status: the HTTP status, 400 to 599.
        title: what kind of problem it is; the same for every occurrence.
        detail: what is wrong with this request and what to do. Made printable here.
        extra: further members (RFC 9457 calls them extensions), anything msgspec encodes.

    Raises:
        ValueError: `extra` names a member that the document has already.
    """
    taken = _RESERVED & extra.keys()
    if taken:
        raise ValueError(*sorted(taken))
    body = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": printable(detail),
        **extra,
    }
    return web.Response(
        status=status, body=msgspec.json.encode(body), headers={"Content-Type": CONTENT_TYPE}
    )


def problem_of(error: web.HTTPException) -> web.Response:
    """Return what aiohttp raised as a problem document, its headers kept."""
    title = HTTPStatus(error.status).phrase if error.status in _KNOWN else error.reason
    answer = problem(error.status, title, error.text or error.reason)
    for name in _KEPT & error.headers.keys():
        answer.headers[name] = error.headers[name]
    return answer


_KNOWN = frozenset(int(status) for status in HTTPStatus)
_KEPT = frozenset({"Allow", "Retry-After", "WWW-Authenticate"})
