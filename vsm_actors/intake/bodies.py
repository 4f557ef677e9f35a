"""Request bodies, read and decompressed under a bound.

Decompression goes in small steps and stops one byte past the bound, so that a bomb costs no more
memory than an honest body of the greatest size.
"""

import asyncio
import enum
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar, assert_never

import zstandard
from aiohttp import web

from vsm_actors.intake.errors import (
    BrokenBodyError,
    SlowBodyError,
    TooLargeError,
    UnsupportedError,
)

SECONDS = 30.0
"""For a whole body to arrive: 4 MiB at a megabit a second."""

_SLICE = 16_384
"""Compressed bytes a step: small, since what follows a gzip member is copied per member."""

_ZSTD_SLICE = 256
"""zstd has no bound on its output; a block of 4 bytes makes 128 KiB, so a step at most 8 MiB."""

_ZSTD_WINDOW = 1 << 23
"""8 MiB, what RFC 8878 asks every decoder to support; a frame may not make us hold more."""


class Encoding(enum.Enum):
    """How a body is compressed."""

    IDENTITY = "identity"
    GZIP = "gzip"
    DEFLATE = "deflate"
    ZSTD = "zstd"


class _Engine(Protocol):
    """What zlib and zstandard have in common."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...


E = TypeVar("E", bound=_Engine)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Codec(Generic[E]):
    """A format: its name, its engine, one step of it, and how many bytes a step takes."""

    name: str
    fresh: Callable[[], E]
    step: Callable[[E, bytes, int], bytes]
    size: int


def encoding_of(header: str) -> Encoding:
    """Return the encoding that a ``Content-Encoding`` header names; absent, none.

    Raises:
        UnsupportedError: it names another one, or several.
    """
    name = header.strip().lower()
    if name in ("", "x-gzip"):
        return Encoding.GZIP if name else Encoding.IDENTITY
    try:
        return Encoding(name)
    except ValueError:
        accepted = tuple(one.value for one in Encoding)
        raise UnsupportedError("Content-Encoding", accepted) from None


async def read(request: web.Request, limit: int, seconds: float = SECONDS) -> bytes:
    """Return the body as it was sent, still compressed.

    The server must not decompress by itself (``auto_decompress=False``).

    Raises:
        TooLargeError: it has, or says that it will have, more than `limit` bytes.
        SlowBodyError: it took longer than `seconds`.
        BrokenBodyError: its chunks are none.
    """
    if (request.content_length or 0) > limit:
        raise TooLargeError(limit)
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for piece in request.content.iter_any():
                body += piece
                if len(body) > limit:
                    raise TooLargeError(limit)
    except TimeoutError:
        raise SlowBodyError(seconds) from None
    except web.RequestPayloadError as error:
        raise BrokenBodyError("HTTP", str(error)) from None
    return bytes(body)


def inflate(body: bytes, encoding: Encoding, limit: int) -> bytes:
    """Return `body` decompressed.

    Several members or frames one after the other are one body, as both formats want it.

    Raises:
        TooLargeError: it has more than `limit` bytes; what came before has been thrown away.
        BrokenBodyError: it is corrupt or ends too early.
    """
    match encoding:
        case Encoding.IDENTITY:
            if len(body) > limit:
                raise TooLargeError(limit)
            return body
        case Encoding.GZIP:
            return _inflated(body, limit, _zlib("gzip", 16 + zlib.MAX_WBITS))
        case Encoding.DEFLATE:
            wbits = zlib.MAX_WBITS if _has_header(body) else -zlib.MAX_WBITS
            return _inflated(body, limit, _zlib("deflate", wbits))
        case Encoding.ZSTD:
            return _inflated(body, limit, _zstd())
        case _:
            assert_never(encoding)


def _has_header(body: bytes) -> bool:
    """Tell zlib's format from a raw stream, which many clients send as "deflate"."""
    return len(body) > 1 and body[0] & 0x0F == zlib.DEFLATED and (body[0] << 8 | body[1]) % 31 == 0


def _zlib(name: str, wbits: int) -> "_Codec[zlib._Decompress]":
    return _Codec(
        name=name,
        fresh=lambda: zlib.decompressobj(wbits),
        step=lambda engine, piece, room: engine.decompress(piece, room),
        size=_SLICE,
    )


def _zstd() -> "_Codec[zstandard.ZstdDecompressionObj]":
    return _Codec(
        name="zstd",
        fresh=zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj,
        step=lambda engine, piece, _: engine.decompress(piece),
        size=_ZSTD_SLICE,
    )


def _inflated(body: bytes, limit: int, codec: _Codec[E]) -> bytes:
    try:
        return _run(body, limit, codec)
    except (zlib.error, zstandard.ZstdError) as error:
        raise BrokenBodyError(codec.name, str(error)) from None


def _run(body: bytes, limit: int, codec: _Codec[E]) -> bytes:
    out = bytearray()
    engine = codec.fresh()
    for start in range(0, len(body), codec.size):
        piece = body[start : start + codec.size]
        while piece:
            if engine.eof:
                engine = codec.fresh()
            out += codec.step(engine, piece, limit + 1 - len(out))
            if len(out) > limit:
                raise TooLargeError(limit)
            piece = engine.unused_data if engine.eof else b""
    if not engine.eof:
        raise BrokenBodyError(codec.name, "it ends too early")
    return bytes(out)
