import asyncio
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from vsm_actors.http.bridge import Bridge
from vsm_actors.http.errors import ServerStateError

if TYPE_CHECKING:
    from vsm_actors.core.messages import Reply


def waiter_of(bridge: Bridge) -> "tuple[asyncio.Future[None], Reply[None]]":
    return bridge.waiter()


@pytest.fixture
def bridge(books: Any) -> Bridge:
    return Bridge(books)


def in_threads(count: int, work: Callable[[int], object]) -> None:
    threads = [threading.Thread(target=work, args=(one,)) for one in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_reply_from_another_thread_answers_the_waiter(
    bridge: Bridge, loop: asyncio.AbstractEventLoop
) -> None:
    async def scenario() -> int:
        bridge.attach(asyncio.get_running_loop())
        future: asyncio.Future[int]
        future, reply = bridge.waiter()
        threading.Thread(target=reply, args=(42,)).start()
        return await future

    assert loop.run_until_complete(scenario()) == 42


def test_second_answer_is_dropped(bridge: Bridge, loop: asyncio.AbstractEventLoop) -> None:
    async def scenario() -> tuple[int, int]:
        bridge.attach(asyncio.get_running_loop())
        future: asyncio.Future[int]
        future, reply = bridge.waiter()
        reply(1)
        reply(2)
        return await future, bridge.waiting

    assert loop.run_until_complete(scenario()) == (1, 0)


def test_answer_that_nobody_waits_for_any_more_is_dropped(
    bridge: Bridge, loop: asyncio.AbstractEventLoop
) -> None:
    async def scenario() -> None:
        bridge.attach(asyncio.get_running_loop())
        late: asyncio.Future[int]
        late, reply = bridge.waiter()
        late.cancel()
        reply(1)
        done, finish = waiter_of(bridge)
        finish(None)
        await done

    loop.run_until_complete(scenario())


def test_calls_arrive_in_order_and_a_burst_wakes_the_loop_once(
    bridge: Bridge, loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken = []
    wake = loop.call_soon_threadsafe

    def counting(*args: Any, **kwargs: Any) -> asyncio.Handle:
        woken.append(args)
        return wake(*args, **kwargs)

    monkeypatch.setattr(loop, "call_soon_threadsafe", counting)
    seen: list[int] = []

    async def scenario() -> None:
        bridge.attach(asyncio.get_running_loop())
        for number in range(5_000):
            assert bridge.call(seen.append, number)
        done, finish = waiter_of(bridge)
        finish(None)
        await done

    loop.run_until_complete(scenario())
    assert seen == list(range(5_000))
    assert len(woken) == 1


def test_calls_over_the_bound_are_dropped_and_counted(
    books: Any, loop: asyncio.AbstractEventLoop
) -> None:
    bridge = Bridge(books, limit=2)
    seen: list[int] = []
    assert [bridge.call(seen.append, number) for number in range(3)] == [True, True, False]
    assert books.total("vsm_run_bridge_dropped_total") == 1

    async def scenario() -> None:
        bridge.attach(asyncio.get_running_loop())
        done, finish = waiter_of(bridge)
        finish(None)
        await done

    loop.run_until_complete(scenario())
    assert seen == [0, 1]
    assert bridge.call(seen.append, 3)


def test_nothing_is_carried_once_detached(books: Any, loop: asyncio.AbstractEventLoop) -> None:
    bridge = Bridge(books)

    async def scenario() -> None:
        bridge.attach(asyncio.get_running_loop())
        _, reply = bridge.waiter()
        bridge.detach()
        reply(None)
        assert not bridge.call(print)

    loop.run_until_complete(scenario())
    assert bridge.waiting == 0
    assert books.total("vsm_run_bridge_dropped_total") == 1


def test_call_that_fails_loses_nothing_behind_it(
    bridge: Bridge, loop: asyncio.AbstractEventLoop
) -> None:
    seen: list[int] = []

    async def scenario() -> None:
        bridge.attach(asyncio.get_running_loop())
        bridge.call(seen.pop)
        bridge.call(seen.append, 1)
        done, finish = waiter_of(bridge)
        finish(None)
        await done

    with capture_logs() as logs:
        loop.run_until_complete(scenario())
    assert seen == [1]
    assert [line["event"] for line in logs] == ["bridge.failed"]


def test_calls_of_many_threads_all_arrive_each_threads_in_order(
    bridge: Bridge, loop: asyncio.AbstractEventLoop
) -> None:
    seen: list[tuple[int, int]] = []

    async def scenario() -> None:
        bridge.attach(asyncio.get_running_loop())
        await asyncio.to_thread(
            in_threads,
            4,
            lambda one: [bridge.call(seen.append, (one, number)) for number in range(500)],
        )
        done, finish = waiter_of(bridge)
        finish(None)
        await done

    loop.run_until_complete(scenario())
    assert len(seen) == 2_000
    for one in range(4):
        assert [number for thread, number in seen if thread == one] == list(range(500))


@pytest.mark.slow
def test_coroutine_is_run_on_the_loop_for_a_thread_that_waits(server: Any) -> None:
    async def name() -> str:
        return threading.current_thread().name

    async def fail() -> None:
        raise KeyError

    async def never() -> None:
        await asyncio.Event().wait()

    assert server.bridge.run(name, 5.0) == "vsm-http"
    with pytest.raises(KeyError):
        server.bridge.run(fail, 5.0)
    with pytest.raises(TimeoutError):
        server.bridge.run(never, 0.01)
    server.stop()
    with pytest.raises(ServerStateError):
        server.bridge.run(name, 5.0)
