import asyncio
import gc
import gzip
import json
import threading
import tracemalloc
import zlib
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
import zstandard

from vsm_actors.core.messages import Stored
from vsm_actors.http.route import Listener, Role
from vsm_actors.intake.bodies import Encoding
from vsm_actors.intake.errors import BodyError
from vsm_actors.intake.events.content import Content, Form
from vsm_actors.intake.http_events.bulk import Received, answer_lost, decode
from vsm_actors.intake.http_events.decoding import BodyLimits

Make = Callable[..., Any]
WITHIN = 5.0
OVEN = {"event": "oven.opened"}
THREAT = {
    "event": "threat.reported",
    "measurements": {"likelihood": 0.5, "impact": 0.5},
    "attributes": {"id": "t", "status": "open"},
}
PAIN = {
    "event": "algedonic.raised",
    "attributes": {"id": "p", "severity": "high", "kind": "pain"},
}


def test_the_route_is_written_to(stage: Make) -> None:
    route = stage().endpoint().route()
    assert (route.listener, route.method, route.path) == (Listener.WRITE, "POST", "/v1/events")
    assert route.role is Role.WRITE


def test_events_are_taken_and_counted(stage: Make) -> None:
    one = stage()
    [answer] = one.post([OVEN, THREAT, {}, OVEN])
    assert answer.status == 202
    assert answer.json == {
        "accepted": 3,
        "rejected": 1,
        "errors": [{"index": 2, "field": "event", "reason": "required"}],
    }
    assert one.points() == 3
    assert [event.name for event in one.records[0].events] == ["threat.reported"]
    assert one.counted("vsm_run_points_accepted_total", source="http") == 3
    assert one.counted("vsm_run_points_rejected_total", source="http", reason="missing") == 1


@pytest.mark.parametrize(
    ("encoding", "compress"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("zstd", zstandard.compress)],
)
def test_compressed_bodies_of_every_size_are_taken(
    stage: Make, encoding: str, compress: Callable[[bytes], bytes]
) -> None:
    one = stage()
    lines = [b"\n".join([json.dumps(OVEN).encode()] * count) for count in (1, 10, 10_000)]
    answers = one.post(
        *map(compress, lines), kind="application/x-ndjson", **{"Content-Encoding": encoding}
    )
    assert [answer.json["accepted"] for answer in answers] == [1, 10, 10_000]
    assert one.points() == 10_011


def test_a_big_body_is_decoded_off_the_loop_and_a_small_one_on_it(
    stage: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = stage()
    decode, threads = one.decoder.decode, []

    def watched(*args: Any, **more: Any) -> Any:
        threads.append(threading.current_thread())
        return decode(*args, **more)

    monkeypatch.setattr(one.decoder, "decode", watched)
    great, small = one.post([OVEN] * 5_000, [OVEN] * 5)
    assert (great.json["accepted"], small.json["accepted"]) == (5_000, 5)
    assert [thread is threading.main_thread() for thread in threads] == [False, True]
    assert one.points() == 5_005


def test_an_event_that_is_sent_again_counts_once(stage: Make) -> None:
    one = stage()
    first, again = one.post(*[{**OVEN, "event_id": "e", "source": "desk"}] * 2)
    assert first.json == {"accepted": 1, "rejected": 0, "errors": []}
    assert again.status == 202
    assert again.json == {"accepted": 1, "rejected": 0, "errors": [], "duplicates": 1}
    assert one.points() == 1
    assert one.counted("vsm_run_events_duplicate_total") == 1


@pytest.mark.parametrize(
    ("body", "rejected"), [(b"", 1), (b"[", 1), (b"{", 1), (b"[{}, {}]", 2), (b"x" * 100_000, 1)]
)
def test_400_when_nothing_was_read_or_all_was_rejected(
    stage: Make, body: bytes, rejected: int
) -> None:
    one = stage()
    [answer] = one.post(body)
    assert answer.status == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.json["accepted"], answer.json["rejected"]) == (0, rejected)
    assert len(answer.json["errors"]) == rejected
    assert one.points() == 0


@pytest.mark.parametrize(
    ("kind", "headers"),
    [
        ("text/plain", {}),
        ("application/json", {"Content-Encoding": "br"}),
        ("application/json; charset=utf-16", {}),
    ],
)
def test_415_for_content_that_is_not_taken(stage: Make, kind: str, headers: dict[str, str]) -> None:
    [answer] = stage().post(OVEN, kind=kind, **headers)
    assert answer.status == 415
    assert answer.json["title"] == "Unsupported content"


def test_413_for_a_body_that_says_that_it_is_too_large(stage: Make) -> None:
    [answer] = stage(limits=BodyLimits(body=1_000)).post(b" " * 1_001)
    assert answer.status == 413


def test_413_for_a_body_that_turns_out_too_large(stage: Make) -> None:
    async def pieces() -> Any:
        for _ in range(11):
            yield b" " * 100

    async def use(url: str, session: aiohttp.ClientSession) -> int:
        headers = {"Content-Type": "application/json"}
        async with session.post(url, data=pieces(), headers=headers) as answer:
            return answer.status

    assert stage(limits=BodyLimits(body=1_000)).serve(use) == 413


@pytest.mark.parametrize("size", [200_000, 8 << 20])
def test_413_for_a_bomb(stage: Make, size: int) -> None:
    one = stage(limits=BodyLimits(body=100_000, inline=10_000))
    body = gzip.compress(bytes(size))
    [answer] = one.post(body, **{"Content-Encoding": "gzip"})
    assert answer.status == 413


def test_a_bomb_is_let_go_without_the_garbage_collector(stage: Make) -> None:
    decoder = stage().decoder
    encoded = zstandard.ZstdCompressor().compress(bytes(8 << 20))
    broken = zlib.compress(bytes(3 << 20))[:-5]
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        for body, encoding in ((encoded, Encoding.ZSTD), (broken, Encoding.DEFLATE)) * 3:
            received = Received(
                body=body,
                encoding=encoding,
                content=Content(form=Form.JSON),
                now=1.0,
                monotonic=1.0,
            )
            kept = decode(decoder, received, 4 << 20)
            assert isinstance(kept, BodyError)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        gc.enable()
    assert held < 1 << 20


def test_a_small_limit_holds_for_small_bodies_too(stage: Make) -> None:
    one = stage(limits=BodyLimits(body=1_000))
    [answer] = one.post(gzip.compress(bytes(2_000)), **{"Content-Encoding": "gzip"})
    assert answer.status == 413


def test_400_for_a_corrupt_encoding(stage: Make) -> None:
    [answer] = stage().post(b"no gzip", **{"Content-Encoding": "gzip"})
    assert answer.status == 400
    assert "gzip" in answer.json["detail"]


def test_408_for_a_body_that_never_ends(stage: Make) -> None:
    async def pieces() -> Any:
        yield b"["
        await asyncio.sleep(WITHIN)

    async def use(url: str, session: aiohttp.ClientSession) -> int:
        headers = {"Content-Type": "application/json"}
        async with session.post(url, data=pieces(), headers=headers) as answer:
            return answer.status

    assert stage(limits=BodyLimits(arrival=0.01)).serve(use) == 408


def test_a_client_that_goes_away_takes_nobody_along(stage: Make) -> None:
    async def use(url: str, session: aiohttp.ClientSession) -> int:
        host, port = url.split("/")[2].split(":")
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(
            b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Content-Length: 100\r\n\r\n["
        )
        await writer.drain()
        writer.close()
        async with session.post(url, json=OVEN) as answer:
            return answer.status

    assert stage().serve(use) == 202


def test_429_when_too_many_bodies_are_being_read(stage: Make) -> None:
    async def use(url: str, session: aiohttp.ClientSession) -> list[Any]:
        host, port = url.split("/")[2].split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(
            b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n"
        )
        await reader.readuntil(b"\r\n\r\n")
        async with session.post(url, json=OVEN) as answer:
            full = [answer.status, answer.headers["Retry-After"]]
        writer.write(json.dumps(OVEN).encode().ljust(1_000))
        await reader.readline()
        writer.close()
        async with session.post(url, json=OVEN) as answer:
            return [*full, answer.status]

    limits = BodyLimits(body=1_000, inline=10, bodies=1)
    assert stage(limits=limits).serve(use) == [429, "1", 202]


def test_a_signal_gets_in_however_many_big_bodies_are_slow(stage: Make) -> None:
    async def use(url: str, session: aiohttp.ClientSession) -> int:
        host, port = url.split("/")[2].split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(
            b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Expect: 100-continue\r\nContent-Length: 100000\r\n\r\n"
        )
        await reader.readuntil(b"\r\n\r\n")
        async with session.post(url, json=PAIN) as answer:
            writer.close()
            return answer.status

    assert stage(limits=BodyLimits(body=100_000, bodies=1)).serve(use) == 202


def test_429_when_too_many_big_bodies_wait(stage: Make) -> None:
    one = stage(bulk_limit=1)
    [answer] = one.post([OVEN] * 5_000)
    assert (answer.status, answer.headers["Retry-After"]) == (429, "1")


def test_429_when_the_collector_is_full_takes_nothing_but_signals(stage: Make) -> None:
    one = stage(collector_limit=4)
    one.gate.clear()
    [filled] = one.post([OVEN] * 3)
    assert one.begun.wait(WITHIN)
    one.book["MetricsCollector"].offer("sync", cost=4)
    event = {**OVEN, "event_id": "e"}
    [answer] = one.post([event, PAIN, THREAT])
    assert filled.status == 202
    assert (answer.status, answer.headers["Retry-After"]) == (429, "1")
    assert [signal.events[0].name for signal in one.told()] == ["algedonic.raised"]
    one.gate.set()
    one.settle()
    assert one.records == []
    [answer] = one.post([event])
    assert answer.json == {"accepted": 1, "rejected": 0, "errors": []}


def test_429_when_a_monitor_is_full_gives_the_collectors_room_back(stage: Make) -> None:
    one = stage(monitor_limit=1)
    one.book["ThreatAnalyzer"].reserve(1)
    [answer] = one.post([THREAT])
    assert answer.status == 429
    assert one.book["MetricsCollector"].load == 0
    assert one.points() == 0


def test_413_for_more_points_than_ever_fit(stage: Make) -> None:
    one = stage(collector_limit=4)
    [answer] = one.post([OVEN] * 5)
    assert answer.status == 413
    assert "Retry-After" not in answer.headers


def test_a_signal_is_answered_once_it_is_durable(stage: Make) -> None:
    one = stage()
    [answer] = one.post(PAIN)
    assert (answer.status, answer.json["accepted"]) == (202, 1)
    assert one.points() == 0
    assert one.told()[0].accepted == one.clock.monotonic()


@pytest.mark.parametrize("stored", [Stored(durable=False), None])
def test_503_when_a_signal_is_not_durable_takes_nothing_else(
    stage: Make, stored: Stored | None
) -> None:
    one = stage(stored=stored, patience=0.05)
    event = {**OVEN, "event_id": "e"}
    [answer] = one.post([event, {**PAIN, "event_id": "p"}])
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert one.points() == 0
    assert one.book["MetricsCollector"].load == 0
    one.stored = Stored(durable=True)
    [answer] = one.post([event, {**PAIN, "event_id": "p"}])
    assert answer.json == {"accepted": 2, "rejected": 0, "errors": []}
    assert len(one.told()) == 2


def test_a_signal_that_the_channel_refuses_is_an_error_at_its_place(stage: Make) -> None:
    one = stage(stored=Stored(durable=True, errors=((0, "no such signal"),)))
    acknowledged = {
        "event": "algedonic.acknowledged",
        "attributes": {"id": "x"},
        "event_id": "a",
    }
    [answer] = one.post([OVEN, acknowledged])
    assert answer.json == {
        "accepted": 1,
        "rejected": 1,
        "errors": [{"index": 1, "field": "attributes.id", "reason": "no such signal"}],
    }
    assert one.counted("vsm_run_points_rejected_total", source="http", reason="refused") == 1
    one.stored = Stored(durable=True)
    [answer] = one.post([acknowledged])
    assert answer.json["accepted"] == 1
    assert "duplicates" not in answer.json


def test_503_while_the_daemon_stops_still_hands_signals_over(stage: Make) -> None:
    one = stage(draining=True)
    [answer] = one.post([OVEN, PAIN])
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert len(one.told()) == 1
    assert one.points() == 0


def test_503_for_an_event_that_another_request_is_bringing(stage: Make) -> None:
    one = stage()
    claims = one.decoder.duplicates.claims(one.clock.monotonic())
    claims.claim("", "e")
    [answer] = one.post([{**OVEN, "event_id": "e"}, OVEN])
    assert answer.status == 503
    assert one.points() == 0
    claims.release()
    [answer] = one.post([{**OVEN, "event_id": "e"}, OVEN])
    assert answer.json["accepted"] == 2


def test_500_at_once_for_a_body_that_crashes_the_actor_and_nothing_else_is_lost(
    stage: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = stage()
    decode = one.decoder.decode

    def poisoned(body: bytes, *args: Any, **more: Any) -> Any:
        if b"poison" in body:
            raise ZeroDivisionError
        return decode(body, *args, **more)

    monkeypatch.setattr(one.decoder, "decode", poisoned)
    good = [OVEN] * 5_000
    answers = one.post(good, [*good, {"event": "poison"}], good)
    assert [answer.status for answer in answers] == [202, 500, 202]
    assert answers[1].json["title"] == "Decoding failed"
    assert one.points() == 10_000


def test_503_for_a_body_that_takes_too_long_gives_its_ids_back(
    stage: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = stage(limits=BodyLimits(decoding=0.2))
    decode, gate = one.decoder.decode, threading.Event()

    def slow(*args: Any, **more: Any) -> Any:
        found = decode(*args, **more)
        assert gate.wait(WITHIN)
        return found

    monkeypatch.setattr(one.decoder, "decode", slow)
    data = json.dumps([{**OVEN, "event_id": str(number)} for number in range(2_000)]).encode()
    barrier = json.dumps([OVEN] * 5_000).encode()

    async def use(url: str, session: aiohttp.ClientSession) -> list[int]:
        statuses = []
        for body in (data, barrier, data):
            headers = {"Content-Type": "application/json"}
            async with session.post(url, data=body, headers=headers) as answer:
                statuses.append(answer.status)
            gate.set()
        return statuses

    assert one.serve(use) == [503, 202, 202]
    assert one.points() == 7_000


def test_503_when_nobody_will_ever_take_it(stage: Make) -> None:
    one = stage()
    one.system.stop()
    answers = one.post({**OVEN, "event_id": "e"}, PAIN, {**OVEN, "event_id": "e"})
    assert [answer.status for answer in answers] == [503, 503, 503]
    assert answers[0].json["detail"] == answers[2].json["detail"] == "the daemon is stopping"


def test_what_bounded_memories_let_go_is_counted(stage: Make) -> None:
    one = stage(remembered=2)
    one.post(*[{**OVEN, "event_id": str(number)} for number in range(5)])
    assert one.counted("vsm_run_event_ids_forgotten_total") == 3
    one.table.retire(0)
    one.post(OVEN, OVEN)
    assert one.counted("vsm_run_event_plans_cleared_total", reason="retired") == 1


@pytest.mark.parametrize("end", [b"]", b""])
def test_a_request_that_is_cancelled_gives_its_ids_back(
    stage: Make, monkeypatch: pytest.MonkeyPatch, end: bytes
) -> None:
    one = stage()
    decode, begun, gate = one.decoder.decode, threading.Event(), threading.Event()

    def slow(*args: Any, **more: Any) -> Any:
        begun.set()
        assert gate.wait(WITHIN)
        return decode(*args, **more)

    monkeypatch.setattr(one.decoder, "decode", slow)
    event = json.dumps({**OVEN, "event_id": "e"}).encode()
    body = b"[" + b",".join([event] * 5_000)
    content = Content(form=Form.JSON)

    async def cancel() -> Any:
        decoding = one.decoding()
        first = asyncio.create_task(decoding.decode(body + end, Encoding.IDENTITY, content))
        await asyncio.to_thread(begun.wait, WITHIN)
        first.cancel()
        await asyncio.wait((first,))
        gate.set()
        await decoding.decode(body, Encoding.IDENTITY, content)
        return await decoding.decode(event, Encoding.IDENTITY, content)

    found = asyncio.run(cancel())
    assert (found.accepted, found.in_flight) == (1, 0)


def test_a_lost_message_of_another_kind_is_nobodys_answer() -> None:
    answer_lost("sync", ZeroDivisionError())
