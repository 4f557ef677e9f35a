"""What Linux says about processes and control groups."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsm_actors.core.naming import check_path
from vsm_actors.intake.host.procfs import (
    KERNEL,
    Place,
    Stat,
    number,
    parse_keyed,
    parse_quota,
    parse_stat,
    place,
    ratio,
    unit_name,
)

LINE = (
    b"1234 (nginx) S 1 1234 1234 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 1 0 98765 "
    b"12345678 512 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0\n"
)
CONTAINER = "0123456789ab" + "c" * 52


def test_stat_gives_state_times_start_and_pages() -> None:
    expected = Stat(
        name="nginx", state="sleeping", kernel=False, ticks=200, started=98765, pages=512
    )
    assert parse_stat(LINE) == expected


@pytest.mark.parametrize("name", [b"(sd-pam)", b"a) S 1 (b", b"with space", b"\xff\x00", b""])
def test_name_may_hold_anything(name: bytes) -> None:
    stat = parse_stat(LINE.replace(b"nginx", name))
    assert stat is not None
    assert (stat.name, stat.started) == (name.decode("utf-8", "replace"), 98765)


def test_kernel_thread_is_known_by_its_flag() -> None:
    stat = parse_stat(LINE.replace(b"4194560", b"2129984"))
    assert stat is not None
    assert stat.kernel


def test_state_that_is_not_known_is_said_to_be_so() -> None:
    stat = parse_stat(LINE.replace(b") S", b") Q"))
    assert stat is not None
    assert stat.state == "unknown"


@pytest.mark.parametrize(
    "text", [b"", b"1 (a", b"1 a) S 1", b"1 (a) S 1 2 3", LINE.replace(b"98765", b"soon")]
)
def test_what_is_no_stat_is_none(text: bytes) -> None:
    assert parse_stat(text) is None


@given(st.binary(max_size=400))
def test_no_bytes_break_the_parser(text: bytes) -> None:
    parse_stat(text)
    parse_stat(b"1 (a) " + text)


@pytest.mark.parametrize(
    ("cgroup", "unit", "group"),
    [
        ("0::/system.slice/ssh.service\n", "ssh.service", "/system.slice/ssh.service"),
        ("0::/init.scope", "init.scope", "/init.scope"),
        (
            "0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-x.scope",
            "app-x.scope",
            "/user.slice/user-1000.slice/user@1000.service/app.slice/app-x.scope",
        ),
        ("0::/system.slice/x.service/inner/more", "x.service", "/system.slice/x.service"),
        (
            f"0::/system.slice/docker-{CONTAINER}.scope",
            "docker-0123456789ab.scope",
            f"/system.slice/docker-{CONTAINER}.scope",
        ),
        (
            "5:memory:/a.service\n1:name=systemd:/b.service\n0::/c.service",
            "b.service",
            "/b.service",
        ),
        ("0::/", "nginx", ""),
        ("9:memory:/\n", "nginx", ""),
        ("", "nginx", ""),
        ("nonsense", "nginx", ""),
    ],
)
def test_place_is_the_service_or_else_the_program(cgroup: str, unit: str, group: str) -> None:
    assert place("nginx", kernel=False, cgroup=cgroup) == Place(unit, group)


def test_threads_of_the_kernel_are_one_unit() -> None:
    assert place("kworker/0:1", kernel=True, cgroup="0::/") == Place(KERNEL, "")


@given(st.text(max_size=200))
def test_unit_is_always_a_segment_of_a_path(text: str) -> None:
    assert check_path(unit_name(text)) == unit_name(text)


@pytest.mark.parametrize(
    ("text", "cores"),
    [("150000 100000\n", 1.5), ("max 100000", None), ("", None), ("1 0", None), ("x y", None)],
)
def test_quota_is_in_cores(text: str, cores: float | None) -> None:
    assert parse_quota(text) == cores


def test_negative_quota_of_version_1_is_no_limit() -> None:
    assert ratio("-1", "100000") is None


def test_number_too_large_for_a_float_is_none() -> None:
    assert number("9" * 400) is None


@pytest.mark.parametrize(("key", "value"), [("anon", 7.0), ("file", None), ("inactive", None)])
def test_keyed_lines_are_found_by_their_key(key: str, value: float | None) -> None:
    assert parse_keyed("anon 7\ninactive_file 3\nfile\n", key) == value
