import socket
from typing import Any

import pytest
from datadog.dogstatsd.base import DogStatsd
from statsd import StatsClient, TCPStatsClient


def tags(path: str) -> bytes:
    return f"|#path:{path},system:1,unit:press-3".encode()


def test_a_statsd_client_over_udp_counts_exactly(daemon: Any, eventually: Any) -> None:
    host, port = daemon.statsd
    client = StatsClient(host, port, prefix="shop")
    for _ in range(500):
        client.incr("orders")
    client.gauge("queue", 7)
    client.gauge("queue", 3, delta=True)
    client.timing("wait", 320)
    client.set("visitors", "ann")
    client.close()
    eventually(lambda: daemon.total("vsm_custom_shop_orders_total") == 500)
    eventually(lambda: daemon.total("vsm_custom_shop_queue") == 10)
    eventually(lambda: daemon.total("vsm_custom_shop_wait_seconds_count") == 1)
    assert daemon.total("vsm_custom_shop_wait_seconds_sum") == pytest.approx(0.32)


def test_a_statsd_client_over_tcp_counts_exactly(daemon: Any, eventually: Any) -> None:
    host, port = daemon.statsd
    client = TCPStatsClient(host, port, prefix="depot")
    for _ in range(5_000):
        client.incr("parcels")
    client.close()
    eventually(lambda: daemon.total("vsm_custom_depot_parcels_total") == 5_000)


def test_a_dogstatsd_client_places_points_by_its_tags(
    daemon: Any, path: str, eventually: Any
) -> None:
    host, port = daemon.statsd
    client = DogStatsd(host=host, port=port, disable_telemetry=True, disable_buffering=False)
    placed = [f"path:{path}", "system:1", "unit:press-3", "colour:red"]
    for _ in range(300):
        client.increment("strokes", 2, tags=placed)
    client.histogram("force", 12.5, tags=placed)
    client.distribution("heat", 80, tags=placed)
    client.flush_buffered_metrics()
    client.close_socket()
    eventually(
        lambda: (
            daemon.total("vsm_custom_strokes_total", path=path, unit="press-3", colour="red") == 600
        )
    )
    eventually(lambda: daemon.total("vsm_custom_force_sum", path=path) == 12.5)
    eventually(lambda: daemon.total("vsm_custom_heat_count", path=path) == 1)


def test_rates_and_several_values_keep_counts_whole(
    daemon: Any, path: str, eventually: Any
) -> None:
    daemon.send_udp(
        b"rated:3|c|@0.1" + tags(path) + b"\n" + b"slow:10:20:30|ms" + tags(path),
        b"slow:40|ms|@0.5" + tags(path),
    )
    eventually(lambda: daemon.total("vsm_custom_rated_total", path=path) == 30)
    eventually(lambda: daemon.total("vsm_custom_slow_seconds_count", path=path) == 5)
    assert daemon.total("vsm_custom_slow_seconds_sum", path=path) == pytest.approx(0.14)


def test_a_datagram_of_64_kib_is_taken_whole(daemon: Any, path: str, eventually: Any) -> None:
    line = b"wide:1|c" + tags(path)
    count = 65_000 // (len(line) + 1)
    daemon.send_udp(b"\n".join([line] * count))
    eventually(lambda: daemon.total("vsm_custom_wide_total", path=path) == count)


def test_a_line_in_pieces_over_tcp_is_one_line(daemon: Any, path: str, eventually: Any) -> None:
    whole = b"torn:5|c" + tags(path) + b"\n"
    with socket.create_connection(daemon.statsd) as sender:
        sender.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for place in range(len(whole)):
            sender.sendall(whole[place : place + 1])
    eventually(lambda: daemon.total("vsm_custom_torn_total", path=path) == 5)


def test_signed_gauges_are_resolved_in_order(daemon: Any, path: str, eventually: Any) -> None:
    end = tags(path)
    lines = [b"level:10|g", b"level:+5|g", b"level:-2|g", b"fresh:-4|g"]
    daemon.send_tcp(b"".join(line + end + b"\n" for line in lines))
    eventually(lambda: daemon.total("vsm_custom_level", path=path) == 13)
    eventually(lambda: daemon.total("vsm_custom_fresh", path=path) == -4)


def test_broken_lines_lose_only_themselves_and_are_counted(
    daemon: Any, path: str, eventually: Any
) -> None:
    end = tags(path)
    before = daemon.total("vsm_run_points_rejected_total", source="statsd")
    broken = [
        *(b"x", b"x:", b"x:|c", b"x:1", b"x:1|", b"x:1|zz", b":1|c", b"x:nan|c", b"x:inf|g"),
        *(b"x:1e999|c", b"x:1_0|c", b"x:-1|c", b"x:1|c|@0", b"x:1|c|@2", b"\xff\xfe:1|c"),
        b"x:1|c|#path:a b",
    ]
    for line in broken:
        daemon.send_udp(b"good:1|c" + end + b"\n" + line + b"\n" + b"good:1|c" + end)
    eventually(lambda: daemon.total("vsm_custom_good_total", path=path) == 2 * len(broken))
    eventually(
        lambda: (
            daemon.total("vsm_run_points_rejected_total", source="statsd") - before >= len(broken)
        )
    )
