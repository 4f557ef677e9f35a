"""A route as data: what an exporter or a listener offers, whoever serves it."""

import enum
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from aiohttp import web

Handler = Callable[[web.Request, Mapping[str, str]], Awaitable[web.StreamResponse]]
"""Takes the request and its path parameters."""


class Listener(enum.Enum):
    """Reading and writing are opened, secured and scaled apart."""

    READ = "read"
    WRITE = "write"


class Role(enum.Enum):
    """What a caller must be allowed to do."""

    NONE = "none"
    READ = "read"
    WRITE = "write"
    OPERATE = "operate"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One method on one path of one listener.

    Attributes:
        listener: where it is served.
        method: the HTTP method.
        path: a path template, ``/api/v1/alerts/{id}/acknowledge``.
        handler: answers it, on the loop; it never blocks.
        role: what the caller needs.
        summary: one sentence, for the API's description.
    """

    listener: Listener
    method: str
    path: str
    handler: Handler
    role: Role
    summary: str
