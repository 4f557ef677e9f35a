import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsm_actors.core.errors import InvalidPathError
from vsm_actors.core.naming import (
    MAX_DEPTH,
    check_path,
    depth,
    host_path,
    is_own,
    metric_name,
    parent,
)


@pytest.mark.parametrize("path", ["acme", "acme/plant-a/line.3_x", "a/" * 15 + "a", "x" * 64])
def test_a_path_that_follows_the_grammar_is_taken(path: str) -> None:
    assert check_path(path) == path


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("", "segment ''"),
        ("/acme", "segment ''"),
        ("acme/", "segment ''"),
        ("a b", "segment 'a b'"),
        ("acme/ü", "segment 'ü'"),
        ("x" * 65, "1 to 64"),
        ("a/" * MAX_DEPTH + "a", f"{MAX_DEPTH + 1} segments"),
        ("a\n", "segment"),
    ],
)
def test_any_other_is_refused_with_the_rule_that_it_breaks(path: str, reason: str) -> None:
    with pytest.raises(InvalidPathError) as caught:
        check_path(path)
    assert reason in str(caught.value)
    assert caught.value.path == path


def test_the_daemons_own_path_is_known_by_its_first_segment() -> None:
    assert is_own("vsm-run")
    assert is_own("vsm-run/x")
    assert not is_own("vsm-runner")


def test_a_parent_contains_its_child() -> None:
    assert parent("acme/plant/line") == "acme/plant"
    assert parent("acme") is None
    assert [depth(path) for path in ("acme", "acme/plant")] == [1, 2]


@given(st.text(max_size=30))
def test_a_metric_name_holds_nothing_but_what_it_may(text: str) -> None:
    assert set(metric_name(text)) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"
    )
    assert len(metric_name(text)) == len(text)


def test_host_with_the_name_of_the_daemon_gets_another_path() -> None:
    assert host_path("vsm-run") == "host-vsm-run"
    assert host_path("web 1.example.org") == "web_1.example.org"


@given(st.text(max_size=200))
def test_any_host_name_becomes_a_path_that_sources_may_use(text: str) -> None:
    path = host_path(text)
    assert check_path(path) == path
    assert not is_own(path)
