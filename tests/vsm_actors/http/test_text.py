from hypothesis import given
from hypothesis import strategies as st

from vsm_actors.http.origins import host_allowed, origin_allowed
from vsm_actors.http.text import printable


@given(st.text(st.characters(codec=None), max_size=50))
def test_printable_text_is_printable_and_encodes(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    shown.encode()


@given(st.text(st.characters(codec=None), max_size=20), st.text(max_size=20))
def test_printable_text_tells_different_texts_apart(one: str, other: str) -> None:
    assert (printable(one) == printable(other)) is (one == other)


def test_printable_text_is_bounded() -> None:
    assert printable("a" * 5_000) == "a" * 1_024 + "…"
    assert printable("\x1b" * 5_000, longest=2) == r"\x1b\x1b…"


def test_plain_text_stays_as_it_is() -> None:
    assert printable("Größe 10") == "Größe 10"


@given(st.text(max_size=30))
def test_host_check_takes_any_text(host: str) -> None:
    assert host_allowed(host, ()) in {True, False}


def test_names_that_a_foreign_server_could_bind_are_not_allowed() -> None:
    assert host_allowed("localhost.", ())
    assert host_allowed("a.localhost:80", ())
    assert not host_allowed("localhost.evil.example", ())
    assert not host_allowed("", ())
    assert not host_allowed("127.0.0.1.evil.example", ())


def test_origin_of_another_scheme_is_not_allowed() -> None:
    assert origin_allowed("https://a.example", "A.example", "same-origin")
    assert not origin_allowed("file://a.example", "a.example", None)
