import gzip
import json

import pytest
from aiohttp.test_utils import make_mocked_request

from vsm_actors.http.accept import takes_gzip
from vsm_actors.http.answers import json_answer
from vsm_actors.http.problems import problem


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", False),
        ("gzip", True),
        ("deflate, GZIP;q=0.5", True),
        ("gzip;q=0", False),
        ("gzip;q=0, *", False),
        ("gzip;q=nan", False),
        ("*;q=0.1", True),
        ("br, identity", False),
    ],
)
def test_gzip_follows_the_accept_encoding_header(header: str, *, expected: bool) -> None:
    request = make_mocked_request("GET", "/", headers={"Accept-Encoding": header})
    assert takes_gzip(request) is expected


def test_long_json_is_compressed_where_it_is_wanted() -> None:
    value = {"a": "b" * 10_000}
    wanted = json_answer(
        make_mocked_request("GET", "/", headers={"Accept-Encoding": "gzip"}), value
    )
    assert wanted.headers["Content-Encoding"] == "gzip"
    assert isinstance(wanted.body, bytes)
    assert json.loads(gzip.decompress(wanted.body)) == value
    plain = json_answer(make_mocked_request("GET", "/"), value, status=201)
    assert (plain.status, plain.content_type) == (201, "application/json")
    assert isinstance(plain.body, bytes)
    assert json.loads(plain.body) == value


def test_problem_may_not_say_twice_what_it_says() -> None:
    with pytest.raises(ValueError, match="type"):
        problem(400, "A", "b", type="x")
