import http.server
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from vsm_actors.cli.wire import Wire, datagrams

EVENTS = [{"event": "oven.opened"}, {"event": "oven.closed"}]


@contextmanager
def answering(*answers: tuple[int, bytes]) -> Iterator[str]:
    """Serve HTTP that gives these answers, the last one again and again."""
    left = list(answers)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            status, body = left.pop(0) if len(left) > 1 else left[0]
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def taken(accepted: int, rejected: int = 0) -> tuple[int, bytes]:
    answer = {"accepted": accepted, "rejected": rejected, "errors": [{}] * rejected}
    return 202, json.dumps(answer).encode()


def counted(wire: Wire) -> dict[str, int]:
    return {name: count for name, count in wire.counts().items() if count}


def test_what_is_taken_and_what_is_rejected_is_counted() -> None:
    with answering(taken(2), taken(1, rejected=1)) as url, closing(Wire(url, "")) as wire:
        wire.send(EVENTS, [])
        wire.send(EVENTS, ["ignored:1|c"])
        assert counted(wire) == {"events": 3, "rejected": 1}


@pytest.mark.parametrize("failure", [(503, b"busy"), (202, b"no JSON")])
def test_a_failure_is_counted_and_the_next_request_tries_again(failure: tuple[int, bytes]) -> None:
    with answering(failure, taken(2)) as url, closing(Wire(url, "")) as wire:
        wire.send(EVENTS, [])
        assert counted(wire) == {"events_lost": 2}
        wire.send(EVENTS, [])
        assert counted(wire) == {"events_lost": 2, "events": 2}


def test_nobody_listening_is_counted_too() -> None:
    with closing(socket.socket()) as taken_port:
        taken_port.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken_port.getsockname()[1]}"
        with closing(Wire(url, "")) as wire:
            wire.send(EVENTS, [])
            wire.send(EVENTS, [])
            assert counted(wire) == {"events_lost": 4}


def test_lines_go_to_the_statsd_listener() -> None:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(5.0)
        with closing(Wire("", f"127.0.0.1:{listener.getsockname()[1]}")) as wire:
            wire.send(EVENTS, ["a:1|c", "b:2|g"])
            assert listener.recv(2000) == b"a:1|c\nb:2|g"
            assert counted(wire) == {"datagrams": 1}


def test_a_datagram_that_cannot_be_sent_is_counted() -> None:
    with closing(Wire("", "127.0.0.1:0")) as wire:
        wire.send([], ["a:1|c"])
        wire.send([], ["a:1|c"])
        assert counted(wire) == {"datagrams_lost": 2}


def test_lines_fill_datagrams_and_none_is_cut() -> None:
    lines = ["aaaa", "bbbb", "cccc", "d" * 30, "e"]
    assert list(datagrams(lines, 9)) == [b"aaaa\nbbbb", b"cccc", b"d" * 30, b"e"]
    assert list(datagrams([], 9)) == []
