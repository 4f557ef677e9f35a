import asyncio
import gzip
import io
import tracemalloc
import zlib
from collections.abc import Callable

import pytest
import zstandard
from aiohttp import StreamReader, web
from aiohttp.base_protocol import BaseProtocol
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st

from vsm_actors.intake.bodies import Encoding, encoding_of, inflate, read
from vsm_actors.intake.errors import BrokenBodyError, TooLargeError, UnsupportedError

MEGA = 1 << 20


def raw_deflate(data: bytes) -> bytes:
    engine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return engine.compress(data) + engine.flush()


WAYS: dict[str, tuple[Encoding, Callable[[bytes], bytes]]] = {
    "identity": (Encoding.IDENTITY, bytes),
    "gzip": (Encoding.GZIP, gzip.compress),
    "zlib": (Encoding.DEFLATE, zlib.compress),
    "raw deflate": (Encoding.DEFLATE, raw_deflate),
    "zstd": (Encoding.ZSTD, zstandard.compress),
}
COMPRESSED = [name for name in WAYS if name != "identity"]


@given(st.sampled_from(sorted(WAYS)), st.binary(max_size=2_000))
def test_what_was_compressed_comes_back(way: str, data: bytes) -> None:
    encoding, compress = WAYS[way]
    assert inflate(compress(data), encoding, len(data)) == data


@pytest.mark.parametrize("way", WAYS)
def test_a_body_of_the_limit_is_taken_and_a_byte_more_is_not(way: str) -> None:
    encoding, compress = WAYS[way]
    body = compress(b"x" * 100_000)
    assert len(inflate(body, encoding, 100_000)) == 100_000
    with pytest.raises(TooLargeError) as caught:
        inflate(body, encoding, 99_999)
    assert caught.value.limit == 99_999


@pytest.mark.parametrize("way", ["gzip", "zstd"])
def test_several_members_are_one_body(way: str) -> None:
    encoding, compress = WAYS[way]
    assert inflate(compress(b"one") + compress(b"") + compress(b"two"), encoding, 6) == b"onetwo"


@pytest.mark.parametrize("way", COMPRESSED)
@pytest.mark.parametrize("kept", [0, 1, 2, 10, -1])
def test_a_truncated_body_is_broken(way: str, kept: int) -> None:
    encoding, compress = WAYS[way]
    with pytest.raises(BrokenBodyError):
        inflate(compress(bytes(range(256)) * 50)[:kept], encoding, MEGA)


@pytest.mark.parametrize("way", COMPRESSED)
def test_a_body_that_is_something_else_is_broken(way: str) -> None:
    with pytest.raises(BrokenBodyError):
        inflate(b'{"event":"oven.opened"}', WAYS[way][0], MEGA)


@given(st.sampled_from(sorted(WAYS)), st.binary(max_size=200))
def test_no_bytes_whatever_do_more_than_break(way: str, data: bytes) -> None:
    try:
        found = inflate(data, WAYS[way][0], 1_000)
    except (BrokenBodyError, TooLargeError):
        return
    assert len(found) <= 1_000


def test_a_zstd_frame_may_not_ask_for_a_great_window() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=27)
    engine = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    body = engine.compress(b"x" * 1_000) + engine.flush()
    with pytest.raises(BrokenBodyError):
        inflate(body, Encoding.ZSTD, MEGA)


def bomb(encoding: Encoding, size: int) -> bytes:
    if encoding is Encoding.ZSTD:
        return zstandard.ZstdCompressor(level=19).compress(bytes(size))
    out = io.BytesIO()
    wbits = 31 if encoding is Encoding.GZIP else 15
    engine = zlib.compressobj(9, wbits=wbits)
    for _ in range(size // MEGA):
        out.write(engine.compress(bytes(MEGA)))
    out.write(engine.flush())
    return out.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize("encoding", [Encoding.GZIP, Encoding.DEFLATE, Encoding.ZSTD])
def test_a_bomb_of_400_mb_costs_no_more_than_an_honest_body(encoding: Encoding) -> None:
    body = bomb(encoding, 400 * MEGA)
    assert len(body) < 500_000
    tracemalloc.start()
    try:
        with pytest.raises(TooLargeError):
            inflate(body, encoding, 4 * MEGA)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20 * MEGA


@pytest.mark.parametrize(
    ("header", "encoding"),
    [
        ("", Encoding.IDENTITY),
        ("identity", Encoding.IDENTITY),
        ("gzip", Encoding.GZIP),
        (" GZip ", Encoding.GZIP),
        ("x-gzip", Encoding.GZIP),
        ("deflate", Encoding.DEFLATE),
        ("zstd", Encoding.ZSTD),
    ],
)
def test_a_header_names_the_encoding(header: str, encoding: Encoding) -> None:
    assert encoding_of(header) is encoding


@pytest.mark.parametrize("header", ["br", "gzip, gzip", "compress", "\x00"])
def test_any_other_encoding_is_not_supported(header: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        encoding_of(header)
    assert "gzip" in caught.value.accepted


def test_a_body_whose_chunks_are_none_is_broken() -> None:
    async def reading() -> bytes:
        protocol = BaseProtocol(asyncio.get_running_loop())
        content = StreamReader(protocol, 1_024)
        content.feed_data(b"[")
        content.set_exception(web.RequestPayloadError("no chunk"))
        return await read(make_mocked_request("POST", "/", payload=content), MEGA)

    with pytest.raises(BrokenBodyError, match="no chunk"):
        asyncio.run(reading())
