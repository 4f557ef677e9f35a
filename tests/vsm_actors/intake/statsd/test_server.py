"""The sockets for real, on loopback: nothing lost, nothing twice, back-pressure, refusals."""

import asyncio
import contextlib
import itertools
import os
import queue
import socket
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from supervision import SystemClock
from vsm_actors.intake.statsd import allocator, mmsg, tcp, udp
from vsm_actors.intake.statsd import server as server_module
from vsm_actors.intake.statsd.errors import ListenError
from vsm_actors.intake.statsd.kernel import Drops, widen
from vsm_actors.intake.statsd.messages import MAX_BLOB, Received, count_lines
from vsm_actors.intake.statsd.mmsg import BURST, Burst, OneByOne, Receiver
from vsm_actors.intake.statsd.server import StatsdServer
from vsm_actors.intake.statsd.udp import UdpListener

WAIT = 10.0


class Books:
    """A ledger that a test can wait on."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, ...]] = Counter()
        self.changed = threading.Condition()

    def count(self, family: str, amount: float = 1.0, **labels: str) -> None:
        with self.changed:
            self.counts[(family, *labels.values())] += int(amount)
            self.changed.notify_all()

    def set(self, family: str, value: float, **labels: str) -> None:
        raise NotImplementedError

    def observe(self, family: str, value: float, **labels: str) -> None:
        raise NotImplementedError

    def wait(self, *key: str, least: int = 1) -> int:
        with self.changed:
            assert self.changed.wait_for(lambda: self.counts[key] >= least, WAIT), key
            return self.counts[key]


class Inbox:
    """A mailbox with or without room."""

    def __init__(self) -> None:
        self.has_room = True
        self.refused = threading.Semaphore(0)
        self._taken: queue.Queue[bytes] = queue.Queue()

    def offer(self, message: object, cost: int = 1) -> bool:
        assert isinstance(message, Received)
        assert cost == len(message.blob)
        if self.has_room:
            self._taken.put(message.blob)
        else:
            self.refused.release()
        return self.has_room

    def lines(self, count: int) -> list[bytes]:
        found: list[bytes] = []
        while len(found) < count:
            found += [line for line in self._taken.get(timeout=WAIT).split(b"\n") if line]
        return found

    def blobs(self) -> list[bytes]:
        return [self._taken.get() for _ in range(self._taken.qsize())]

    def is_empty(self) -> bool:
        return self._taken.empty()


class Running:
    """A started server with its doubles."""

    def __init__(self) -> None:
        self.inbox, self.books = Inbox(), Books()
        self.server = StatsdServer(self.inbox, self.books, SystemClock())
        self.writers: list[asyncio.StreamWriter] = []

    @property
    def port(self) -> int:
        return int(self.server.address.rpartition(":")[2])

    def send(self, *datagrams: bytes) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for datagram in datagrams:
                sender.sendto(datagram, ("127.0.0.1", self.port))

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writers.append(writer)
        return reader, writer

    async def close(self) -> None:
        for writer in self.writers:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
        await self.server.stop()
        await asyncio.sleep(0)

    async def lines(self, count: int) -> list[bytes]:
        return await asyncio.to_thread(self.inbox.lines, count)


@contextlib.asynccontextmanager
async def running() -> AsyncIterator[Running]:
    one = Running()
    await one.server.start("127.0.0.1", 0)
    try:
        yield one
    finally:
        await one.close()


def test_datagrams_of_any_size_arrive_as_lines() -> None:
    async def scenario() -> None:
        async with running() as one:
            big = b"\n".join([b"big:%05d|c" % n for n in range(6000)])[:65_507]
            one.send(b"a:1|c", b"a:2|c\n", b"", big, b"b:1|c\nb:2|c")
            expected = [b"a:1|c", b"a:2|c", *big.split(b"\n"), b"b:1|c", b"b:2|c"]
            assert await one.lines(len(expected)) == expected

    asyncio.run(scenario())


def test_many_datagrams_arrive_in_order_and_all() -> None:
    async def scenario() -> None:
        async with running() as one:
            sent = [b"a:%d|c" % n for n in range(1000)]
            one.send(*sent)
            assert await one.lines(1000) == sent

    asyncio.run(scenario())


def test_datagrams_wait_a_moment_for_room() -> None:
    async def scenario() -> None:
        async with running() as one:
            one.inbox.has_room = False
            one.send(b"a:1|c", b"a:2|c")
            assert await asyncio.to_thread(one.inbox.refused.acquire, timeout=WAIT)
            one.inbox.has_room = True
            assert await one.lines(2) == [b"a:1|c", b"a:2|c"]
            assert not one.books.counts

    asyncio.run(scenario())


def test_what_has_arrived_is_handed_over_when_the_server_stops() -> None:
    async def scenario() -> None:
        async with running() as one:
            one.send(*[b"a:1|c"] * 700)
            assert await one.server.stop()
            assert len(one.inbox.lines(700)) == 700
            assert await one.server.stop(), "a second stop is nothing"

    asyncio.run(scenario())


def test_datagrams_that_find_no_room_are_counted_in_lines(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(udp, "_OFFERS", 2)

    async def scenario() -> None:
        async with running() as one:
            one.inbox.has_room = False
            one.send(b"a:1|c\n\nb:1|c\n")
            family = "vsm_run_points_dropped_total"
            assert await asyncio.to_thread(one.books.wait, family, "statsd", "full") == 2

    asyncio.run(scenario())


def test_tcp_lines_cut_anywhere_arrive_whole_and_the_last_needs_no_newline() -> None:
    async def scenario() -> None:
        async with running() as one:
            _, writer = await one.connect()
            sent = b"\n".join(b"metric.%d:%d|c|#x:%d" % (n, n, n) for n in range(50))
            for cut in range(0, len(sent), 7):
                writer.write(sent[cut : cut + 7])
                await writer.drain()
                await asyncio.sleep(0)
            writer.write_eof()
            assert await one.lines(50) == sent.split(b"\n")

    asyncio.run(scenario())


@pytest.mark.slow
def test_a_tcp_sender_waits_while_there_is_no_room_and_nothing_is_lost() -> None:
    async def scenario() -> None:
        async with running() as one:
            one.inbox.has_room = False
            line = b"a:1|c|#pad:" + b"x" * 200 + b"\n"
            _, writer = await one.connect()
            sending = asyncio.ensure_future(_send_all(writer, line, 100_000))
            assert await asyncio.to_thread(one.inbox.refused.acquire, timeout=WAIT)
            done, _ = await asyncio.wait({sending}, timeout=0.3)
            assert not done, "20 MB do not fit anywhere"
            _, other = await one.connect()
            other.write(b"late:1|c\n")
            other.write_eof()
            one.inbox.has_room = True
            counted = Counter(await one.lines(100_001))
            assert counted == {line[:-1]: 100_000, b"late:1|c": 1}
            await sending
            assert not one.books.counts

    asyncio.run(scenario())


async def _send_all(writer: asyncio.StreamWriter, line: bytes, count: int) -> None:
    for _ in range(count // 100):
        writer.write(line * 100)
        await writer.drain()
    writer.write_eof()


def test_a_partial_line_over_64_kib_is_refused_once_and_the_connection_goes_on() -> None:
    async def scenario() -> None:
        async with running() as one:
            _, writer = await one.connect()
            rejected = ("vsm_run_points_rejected_total", "statsd", "line_too_long")
            for count in (1, 2):
                writer.write(b"x" * 300_000)
                await asyncio.to_thread(one.books.wait, *rejected)
                writer.write(b":1|c\ngood:%d|c\n" % count)
                assert await one.lines(1) == [b"good:%d|c" % count]
                assert one.books.counts[rejected] == count
            writer.write(b"z" * 300_000)
            writer.write_eof()
            await asyncio.to_thread(one.books.wait, *rejected, least=3)

        assert one.inbox.is_empty()

    asyncio.run(scenario())


def test_too_many_connections_are_closed_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp, "MAX_CONNECTIONS", 1)

    async def scenario() -> None:
        async with running() as one:
            _, first = await one.connect()
            first.write(b"a:1|c\n")
            assert await one.lines(1) == [b"a:1|c"]
            reader, _ = await one.connect()
            assert await reader.read() == b""
            assert one.books.counts["vsm_run_connections_refused_total", "statsd", "limit"] == 1
            first.write(b"a:2|c\n")
            assert await one.lines(1) == [b"a:2|c"], "the first is not disturbed"

    asyncio.run(scenario())


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_a_taken_address_is_named(kind: socket.SocketKind) -> None:
    async def scenario() -> None:
        with socket.socket(socket.AF_INET, kind) as taken:
            taken.bind(("127.0.0.1", 0))
            if kind is socket.SOCK_STREAM:
                taken.listen()
            port = taken.getsockname()[1]
            protocol = "tcp" if kind is socket.SOCK_STREAM else "udp"
            with pytest.raises(ListenError, match=rf"127\.0\.0\.1:{port}/{protocol}"):
                await Running().server.start("127.0.0.1", port)

    asyncio.run(scenario())


def test_an_address_that_is_not_ours_is_named() -> None:
    with pytest.raises(ListenError, match=r"192\.0\.2\.1:0/tcp"):
        asyncio.run(Running().server.start("192.0.2.1", 0))


def test_ipv6_is_served_where_the_host_has_it() -> None:
    async def scenario() -> None:
        one = Running()
        try:
            address = await one.server.start("::1", 0)
        except ListenError:
            pytest.skip("no IPv6 on loopback here")
        assert address == f"[::1]:{one.port}"
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"a:1|c", ("::1", one.port))
        assert await one.lines(1) == [b"a:1|c"]
        await one.server.stop()

    asyncio.run(scenario())


@pytest.mark.parametrize("make", [Burst, OneByOne])
def test_both_receivers_read_alike(make: Callable[[socket.socket], Receiver]) -> None:
    ours = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    ours.bind(("127.0.0.1", 0))
    ours.settimeout(0)
    reading = make(ours)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sent = [b"x" * size for size in (1, 0, 65_507, 100)]
        for datagram in sent:
            sender.sendto(datagram, ours.getsockname())
    assert [bytes(one) for one in reading.receive()] == sent
    assert reading.receive() == []
    ours.close()
    with pytest.raises(OSError, match=r"[Bb]ad file descriptor"):
        reading.receive()


def test_without_recvmmsg_datagrams_are_read_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        assert isinstance(mmsg.receiver(sock), Burst)
        monkeypatch.setattr(
            "vsm_actors.intake.statsd.mmsg.ctypes.CDLL", lambda *_args, **_options: object()
        )
        assert isinstance(mmsg.receiver(sock), OneByOne)
        monkeypatch.setattr("vsm_actors.intake.statsd.mmsg.sys.platform", "darwin")
        assert isinstance(mmsg.receiver(sock), OneByOne)


def test_drops_of_the_kernel_are_read_from_its_table_and_may_wrap() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        inode = os.fstat(sock.fileno()).st_ino
        seen = iter([2**32 - 2, 2**32 - 1, 4, None])

        def tables() -> str:
            dropped = next(seen)
            head = "sl local rem st tx:rx tr:tm retrnsmt uid timeout inode ref pointer drops\n"
            if dropped is None:
                return head
            return f"{head}  1: 0:1 0:0 07 0:0 0:0 0 0 0 {inode} 2 0 {dropped}\n  2: x\n"

        drops = Drops(sock, tables)
        assert drops.since() == 1
        assert drops.since() == 5
        assert drops.since() == 0, "it is not in the table any more"


def test_what_the_kernel_drops_is_counted() -> None:
    """A buffer of the least size, a burst before anybody reads."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    inbox, books = Inbox(), Books()
    listener = UdpListener(sock, inbox, books, SystemClock())
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for _ in range(50):
            sender.sendto(b"x" * 1000, sock.getsockname())
    listener.start()
    assert listener.stop(WAIT)
    received = 0
    while not inbox.is_empty():
        received += len(inbox.lines(1))
    assert received + books.wait("vsm_run_points_dropped_total", "statsd", "kernel") == 50


def test_a_failing_read_is_counted_and_the_thread_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    inbox, books = Inbox(), Books()
    listener = UdpListener(sock, inbox, books, SystemClock())
    receive = listener._receiver.receive
    failures = iter([OSError("once")])

    def failing() -> Any:
        for failure in failures:
            raise failure
        return receive()

    monkeypatch.setattr(listener._receiver, "receive", failing)
    listener.start()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"a:1|c", sock.getsockname())
    assert inbox.lines(1) == [b"a:1|c"]
    assert books.counts["vsm_run_receive_errors_total", "statsd"] == 1
    assert listener.stop(WAIT)


def test_lines_are_counted_without_the_empty_ones() -> None:
    assert [count_lines(blob) for blob in (b"", b"\n\n", b"a", b"a\n\nb\n")] == [0, 0, 1, 2]


def test_a_burst_of_large_datagrams_is_offered_in_blobs_of_bounded_size() -> None:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    inbox, books = Inbox(), Books()
    listener = UdpListener(sock, inbox, books, SystemClock())
    datagram = b"a:1|c|#x:" + b"y" * 60_000
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for _ in range(40):
            sender.sendto(datagram, sock.getsockname())
    listener.start()
    assert listener.stop(WAIT)
    blobs = inbox.blobs()
    assert sum(map(count_lines, blobs)) == 40
    assert len(blobs) >= 3
    assert max(map(len, blobs)) <= MAX_BLOB


def test_the_kernel_is_looked_at_while_reading() -> None:
    class Fast(SystemClock):
        """Every look at it is two seconds later."""

        def __init__(self) -> None:
            super().__init__()
            ticks = itertools.count(0.0, 2.0)
            self.monotonic = lambda: next(ticks)

    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    books = Books()
    listener = UdpListener(sock, Inbox(), books, Fast())
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for _ in range(50):
            sender.sendto(b"x" * 1000, sock.getsockname())
    listener.start()
    assert books.wait("vsm_run_points_dropped_total", "statsd", "kernel") > 0
    assert listener.stop(WAIT)


def test_without_the_privilege_the_buffer_is_what_the_kernel_allows() -> None:
    asked: list[int] = []

    class Plain(socket.socket):
        """A socket of somebody without CAP_NET_ADMIN."""

        def setsockopt(self, level: int, option: int, value: Any) -> None:  # type: ignore[override]  # one of its overloads
            asked.append(option)
            if option == 33:
                raise PermissionError
            super().setsockopt(level, option, value)

    with Plain(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        assert widen(sock) > 0
    assert asked == [33, socket.SO_RCVBUF]


def test_one_by_one_reads_no_more_than_a_burst() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
        ours.bind(("127.0.0.1", 0))
        ours.settimeout(0)
        widen(ours)
        reading = OneByOne(ours)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for _ in range(BURST + 1):
                sender.sendto(b"x", ours.getsockname())
        assert [len(reading.receive()) for _ in range(3)] == [BURST, 1, 0]


def test_a_port_bound_but_not_yet_listened_on_by_another_is_named() -> None:
    async def scenario() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            other.bind(("127.0.0.1", 0))
            port = other.getsockname()[1]
            bind = server_module._bind

            def bind_late(host: str, port: int) -> Any:
                sockets = bind(host, port)
                other.listen()
                return sockets

            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(server_module, "_bind", bind_late)
                with pytest.raises(ListenError, match=f":{port}/tcp"):
                    await Running().server.start("127.0.0.1", port)

    asyncio.run(scenario())


def test_stopping_says_when_what_was_read_found_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "_STOP", 0.05)

    async def scenario() -> None:
        async with running() as one:
            one.inbox.has_room = False
            _, writer = await one.connect()
            writer.write(b"a:1|c\n")
            assert await asyncio.to_thread(one.inbox.refused.acquire, timeout=WAIT)
            assert not await one.server.stop()
            one.inbox.has_room = True

    asyncio.run(scenario())


def test_what_was_read_is_handed_over_as_soon_as_there_is_room_when_stopping() -> None:
    async def scenario() -> None:
        async with running() as one:
            one.inbox.has_room = False
            _, writer = await one.connect()
            writer.write(b"a:1|c\n")
            assert await asyncio.to_thread(one.inbox.refused.acquire, timeout=WAIT)
            stopping = asyncio.ensure_future(one.server.stop())
            assert await asyncio.to_thread(one.inbox.refused.acquire, timeout=WAIT)
            one.inbox.has_room = True
            assert await stopping
            assert await one.lines(1) == [b"a:1|c"]

    asyncio.run(scenario())


def test_a_free_port_that_is_taken_for_udp_is_not_used() -> None:
    bind = server_module._socket
    refusals = iter([True, False])

    def once_taken(host: str, port: int, kind: socket.SocketKind) -> socket.socket:
        if kind is socket.SOCK_DGRAM and next(refusals):
            raise ListenError("taken", OSError("taken"))
        return bind(host, port, kind)

    async def scenario() -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(server_module, "_socket", once_taken)
            async with running() as one:
                one.send(b"a:1|c")
                assert await one.lines(1) == [b"a:1|c"]

    asyncio.run(scenario())


def test_the_allocator_is_told_where_it_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(allocator.keep_freed_memory(), bool)
    monkeypatch.setattr("vsm_actors.intake.statsd.allocator.ctypes.CDLL", lambda _name: object())
    assert not allocator.keep_freed_memory()
    monkeypatch.setattr("vsm_actors.intake.statsd.allocator.sys.platform", "darwin")
    assert not allocator.keep_freed_memory()


def test_a_connection_that_is_gone_is_not_held() -> None:
    gatherer = tcp.Gatherer(Inbox(), Books(), SystemClock())
    connection = tcp.Connection(gatherer)
    connection.hold(is_full=True)
    connection.hold(is_full=False)
    connection.close()
    assert gatherer.flush()
