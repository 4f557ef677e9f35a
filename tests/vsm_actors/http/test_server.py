import asyncio
import json
import socket
import threading
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from vsm_actors.http import protocol
from vsm_actors.http.door import Door
from vsm_actors.http.errors import ListenError, ServerStateError
from vsm_actors.http.listening import Binding, listen, url_of
from vsm_actors.http.route import Listener
from vsm_actors.http.server import ServerSettings, ServerThread

pytestmark = pytest.mark.slow


def address(server: ServerThread, listener: Listener = Listener.READ) -> tuple[str, int]:
    url = urlsplit(server.urls[listener])
    assert url.hostname is not None
    assert url.port is not None
    return url.hostname, url.port


def raw(server: ServerThread, data: bytes) -> bytes:
    with socket.create_connection(address(server), timeout=5) as sock:
        sock.sendall(data)
        return b"".join(iter(lambda: sock.recv(65_536), b""))


def test_requests_are_answered_by_the_mounted_routes(
    server: Any, route: Any, request_of: Any, books: Any
) -> None:
    server.mount([route("/hello")])
    answer = request_of(server, "/hello?a=b")
    assert (answer.status, answer.read()) == (200, b"hello")
    assert answer.headers["Server"] == "vsm-run"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    server.stop()
    counted = {"listener": "read", "route": "/hello", "method": "GET", "status": "200"}
    assert books.total("vsm_run_requests_total", **counted) == 1


def test_path_parameters_are_decoded_once_and_per_segment(
    server: Any, route: Any, request_of: Any
) -> None:
    async def echo(_request: web.Request, parameters: Mapping[str, str]) -> web.Response:
        return web.json_response(dict(parameters))

    server.mount([route("/alerts/{id}/acknowledge", echo), route("/alerts/all/acknowledge")])
    answer = request_of(server, "/alerts/a%2Fb%2520/acknowledge")
    assert json.load(answer) == {"id": "a/b%20"}
    assert request_of(server, "/alerts/all/acknowledge").read() == b"hello"
    assert request_of(server, "/alerts//acknowledge").status == 404


def test_before_the_first_mount_the_answer_is_503(server: Any, request_of: Any) -> None:
    answer = request_of(server, "/metrics")
    assert answer.status == 503
    assert answer.headers["Retry-After"] == "1"


def test_unknown_path_is_a_problem_document(server: Any, route: Any, request_of: Any) -> None:
    server.mount([route("/hello")])
    answer = request_of(server, "/bye%1b%5B31m%ff")
    assert answer.status == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.read()
    assert b"\x1b" not in body
    assert json.loads(body)["title"] == "Not found"


def test_wrong_method_is_a_problem_document_with_allow(
    server: Any, route: Any, request_of: Any
) -> None:
    server.mount([route("/hello"), route("/hello", method="PUT")])
    answer = request_of(server, "/hello", method="POST", body=b"{}")
    assert answer.status == 405
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS, PUT"
    assert json.load(answer)["status"] == 405


def test_options_says_what_is_allowed_and_head_has_no_body(
    server: Any, route: Any, request_of: Any
) -> None:
    server.mount([route("/hello")])
    options = request_of(server, "/hello", method="OPTIONS")
    assert (options.status, options.headers["Allow"]) == (204, "GET, HEAD, OPTIONS")
    head = request_of(server, "/hello", method="HEAD")
    assert (head.status, head.headers["Content-Length"], head.read()) == (200, "5", b"")


def test_handler_that_fails_is_a_problem_document_and_logged(
    server: Any, route: Any, request_of: Any
) -> None:
    async def fail(_request: web.Request, _parameters: Mapping[str, str]) -> web.Response:
        raise KeyError("secret")

    server.mount([route("/fail", fail)])
    with capture_logs() as logs:
        answer = request_of(server, "/fail")
        body = answer.read()
    assert answer.status == 500
    assert b"secret" not in body
    assert "http.failed" in [line["event"] for line in logs]


def test_stream_that_fails_midway_is_cut_off(server: Any, route: Any, request_of: Any) -> None:
    async def fail(request: web.Request, _parameters: Mapping[str, str]) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"half")
        raise KeyError

    server.mount([route("/fail", fail)])
    answer = request_of(server, "/fail")
    assert answer.status == 200
    with pytest.raises((OSError, HTTPException)):
        answer.read()


def test_what_aiohttp_raises_becomes_a_problem_document(
    make_server: Any, route: Any, request_of: Any
) -> None:
    async def read(request: web.Request, _parameters: Mapping[str, str]) -> web.Response:
        return web.Response(body=await request.read())

    server = make_server(ServerSettings(body_bytes=10))
    server.mount([route("/read", read, method="POST")])
    assert request_of(server, "/read", method="POST", body=b"0123456789").status == 200
    answer = request_of(server, "/read", method="POST", body=b"0123456789a")
    assert answer.status == 413
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_redirects_pass(server: Any, route: Any, request_of: Any, books: Any) -> None:
    async def move(_request: web.Request, _parameters: Mapping[str, str]) -> web.Response:
        raise web.HTTPFound("/hello")

    server.mount([route("/move", move)])
    answer = request_of(server, "/move")
    assert (answer.status, answer.headers["Location"]) == (302, "/hello")
    assert answer.read() is not None
    server.stop()
    assert books.total("vsm_run_requests_total", status="302") == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": "127.0.0.1:80@evil.example"}, 421),
        ({"Host": "localhost:99999"}, 421),
        ({"Host": "vsm.example:15105"}, 200),
        ({"Host": "[::1]:15105"}, 200),
        ({"Host": "LOCALHOST"}, 200),
    ],
)
def test_host_is_checked_on_every_request(
    make_server: Any, route: Any, request_of: Any, headers: dict[str, str], status: int
) -> None:
    server = make_server(ServerSettings(hosts=frozenset({"vsm.example"})))
    server.mount([route("/hello")])
    assert request_of(server, "/hello", headers=headers).status == status


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("POST", {}, 200),
        ("POST", {"Host": "localhost:1", "Origin": "http://localhost:1"}, 200),
        ("POST", {"Host": "localhost:1", "Origin": "http://localhost:2"}, 403),
        ("POST", {"Origin": "null"}, 403),
        ("POST", {"Sec-Fetch-Site": "cross-site"}, 403),
        ("GET", {"Origin": "http://evil.example"}, 200),
        ("GET", {"Origin": "http://evil.example", "Upgrade": "websocket"}, 403),
    ],
)
def test_origin_is_checked_where_something_may_change(
    server: Any, route: Any, request_of: Any, method: str, headers: dict[str, str], status: int
) -> None:
    server.mount([route("/hello"), route("/hello", method="POST")])
    assert request_of(server, "/hello", method=method, headers=headers).status == status


def test_bytes_that_are_no_http_are_a_problem_and_counted(server: Any, books: Any) -> None:
    answer = raw(server, b"\x16\x03\x01 garbage\r\n\r\n")
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.0 400"))
    assert b"application/problem+json" in answer
    assert b"\x16" not in answer
    server.stop()
    assert books.total("vsm_run_requests_total", method="other", status="400") == 1


def test_bodies_are_handed_over_as_they_came(server: Any, route: Any, request_of: Any) -> None:
    async def echo(request: web.Request, _parameters: Mapping[str, str]) -> web.Response:
        return web.Response(body=await request.read())

    server.mount([route("/echo", echo, method="POST")])
    headers = {"Content-Encoding": "gzip"}
    answer = request_of(server, "/echo", method="POST", headers=headers, body=b"\x1f\x8b")
    assert answer.read() == b"\x1f\x8b"


def test_connections_over_the_bound_get_503(make_server: Any, route: Any, books: Any) -> None:
    server = make_server(ServerSettings(connections=1))
    server.mount([route("/hello")])
    held = HTTPConnection(*address(server), timeout=5)
    held.request("GET", "/hello")
    assert held.getresponse().read() == b"hello"
    refused = HTTPConnection(*address(server), timeout=5)
    refused.request("GET", "/hello")
    answer = refused.getresponse()
    assert (answer.status, json.load(answer)["status"]) == (503, 503)
    refused.close()
    held.request("GET", "/hello")
    assert held.getresponse().read() == b"hello"
    held.close()
    assert books.total("vsm_run_connections_refused_total", reason="limit") == 1


def test_connection_that_says_nothing_is_closed_and_one_that_did_is_kept(
    make_server: Any, route: Any, books: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "HEADERS_WITHIN", 0.1)
    server = make_server()
    server.mount([route("/hello")])
    held = HTTPConnection(*address(server), timeout=5)
    held.request("GET", "/hello")
    assert held.getresponse().read() == b"hello"
    with socket.create_connection(address(server), timeout=5) as silent:
        silent.sendall(b"GET /hello HTTP/1.1\r\n")
        assert silent.recv(1) == b""
    held.request("GET", "/hello")
    assert held.getresponse().read() == b"hello"
    held.close()
    assert books.total("vsm_run_connections_refused_total", reason="silent") == 1


def test_problem_keeps_the_headers_that_say_what_to_do(
    server: Any, route: Any, request_of: Any
) -> None:
    async def wait(_request: web.Request, _parameters: Mapping[str, str]) -> web.Response:
        raise web.HTTPServiceUnavailable(headers={"Retry-After": "7"})

    server.mount([route("/wait", wait)])
    answer = request_of(server, "/wait")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "7")


def test_client_that_leaves_is_counted_as_gone(
    server: Any, route: Any, request_of: Any, books: Any
) -> None:
    async def leave(_request: web.Request, _parameters: Mapping[str, str]) -> web.Response:
        raise ConnectionResetError

    server.mount([route("/leave", leave)])
    with pytest.raises((OSError, HTTPException)):
        request_of(server, "/leave").read()
    server.stop()
    assert books.total("vsm_run_requests_total", status="499") == 1


def test_two_templates_of_one_path_are_one_place(server: Any, route: Any, request_of: Any) -> None:
    server.mount([route("/a/{id}"), route("/a/{id}", method="PUT"), route("/{x}/b")])
    assert request_of(server, "/a/1", method="POST").headers["Allow"] == "GET, HEAD, OPTIONS, PUT"
    assert request_of(server, "/c/b").status == 200
    assert request_of(server, "/c/d").status == 404


def test_connection_and_request_in_flight_survive_a_mount(server: Any, route: Any) -> None:
    entered, release = threading.Event(), threading.Event()

    async def wait(_request: web.Request, _parameters: Mapping[str, str]) -> web.Response:
        entered.set()
        await asyncio.to_thread(release.wait, 5)
        return web.Response(text="old")

    server.mount([route("/wait", wait)])
    connection = HTTPConnection(*address(server), timeout=5)
    connection.request("GET", "/wait")
    assert entered.wait(5)
    server.mount([route("/hello")])
    release.set()
    assert connection.getresponse().read() == b"old"
    connection.request("GET", "/hello")
    assert connection.getresponse().read() == b"hello"
    connection.close()


def test_stop_lets_requests_in_flight_finish(server: Any, route: Any) -> None:
    entered, release = threading.Event(), threading.Event()

    async def wait(_request: web.Request, _parameters: Mapping[str, str]) -> web.Response:
        entered.set()
        await asyncio.to_thread(release.wait, 5)
        return web.Response(text="done")

    server.mount([route("/wait", wait)])
    connection = HTTPConnection(*address(server), timeout=5)
    connection.request("GET", "/wait")
    assert entered.wait(5)
    stopping = threading.Thread(target=server.stop)
    stopping.start()
    release.set()
    assert connection.getresponse().read() == b"done"
    stopping.join(5)
    assert not stopping.is_alive()
    connection.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address(server), timeout=5)


def test_listeners_are_apart(server: Any, route: Any, request_of: Any) -> None:
    server.mount([route("/hello", listener=Listener.WRITE)])
    assert request_of(server, "/hello").status == 404
    writing = HTTPConnection(*address(server, Listener.WRITE), timeout=5)
    writing.request("GET", "/hello")
    assert writing.getresponse().status == 200
    writing.close()


def test_two_routes_for_the_same_are_refused(server: Any, route: Any) -> None:
    with pytest.raises(ValueError, match="/hello"):
        server.mount([route("/hello"), route("/hello")])


def test_taken_port_names_the_address_and_the_flag(server: Any, books: Any) -> None:
    host, port = address(server)
    free = Binding(listener=Listener.WRITE, host="127.0.0.1", port=0, flag="--ingest")
    taken = Binding(listener=Listener.READ, host=host, port=port, flag="--listen")
    other = ServerThread((free, taken), ledger=books)
    with pytest.raises(ListenError, match=rf"{host}:{port}.*--listen") as caught:
        other.start()
    assert caught.value.flag == "--listen"
    assert other.stop()


def test_loop_that_fails_at_its_start_is_an_error_and_leaves_nothing_bound(
    books: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_self: Door, _sock: socket.socket) -> None:
        raise KeyError

    monkeypatch.setattr(Door, "open", fail)
    server = ServerThread(
        (Binding(listener=Listener.READ, host="127.0.0.1", port=0, flag="--listen"),), ledger=books
    )
    with capture_logs() as logs, pytest.raises(ServerStateError, match="stopped"):
        server.start()
    assert [line["event"] for line in logs] == ["http.stopped"]
    assert server.stop()


def test_server_that_was_not_started_stops(books: Any) -> None:
    assert ServerThread((), ledger=books).stop()


def test_server_starts_once(server: Any) -> None:
    with pytest.raises(ServerStateError, match="started"):
        server.start()


def test_a_listener_without_an_address_is_not_opened(books: Any) -> None:
    server = ServerThread((), ledger=books)
    server.start()
    assert server.urls == {}
    assert server.stop()


def test_an_address_is_shown_as_it_is_written() -> None:
    binding = Binding(listener=Listener.READ, host="::1", port=15105, flag="--listen")
    assert str(binding) == "[::1]:15105"


@pytest.mark.parametrize("host", ["", "127.0.0.1", "localhost", "::", "::1"])
def test_url_reaches_the_socket(host: str) -> None:
    binding = Binding(listener=Listener.READ, host=host, port=0, flag="--listen")
    with listen(binding) as sock:
        url = urlsplit(url_of(sock))
        assert url.hostname is not None
        with socket.create_connection((url.hostname, url.port or 0), timeout=5):
            pass
