import pytest

from exporters.prometheus.negotiation import Format, accepts_gzip, format_of

PROMETHEUS_2 = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)
PROMETHEUS_3 = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,"
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (PROMETHEUS_2, Format.OPENMETRICS),
        (PROMETHEUS_3, Format.OPENMETRICS),
        ("", Format.TEXT),
        ("*/*", Format.TEXT),
        ("text/html,application/xhtml+xml,*/*;q=0.8", Format.TEXT),
        ("application/openmetrics-text", Format.OPENMETRICS),
        ("Application/OpenMetrics-Text; Version=1.0.0", Format.OPENMETRICS),
        ("application/openmetrics-text; version=0.0.1", Format.TEXT),
        ('application/openmetrics-text; version="1.0.0"', Format.OPENMETRICS),
        ("application/openmetrics-text;q=0.5,text/plain;q=0.9", Format.TEXT),
        ("application/openmetrics-text;q=0.5,text/plain;q=0.5", Format.OPENMETRICS),
        ("application/openmetrics-text;q=0,text/plain;q=0", Format.TEXT),
        ("application/openmetrics-text;q=x", Format.TEXT),
        ("application/openmetrics-text;q=7", Format.TEXT),
        ("application/openmetrics-text;q=0.2,*/*;q=0.9,text/plain;q=0.1", Format.OPENMETRICS),
        ("application/openmetrics-text;q=0.2,text/*;q=0.3", Format.TEXT),
        ("application/json", Format.TEXT),
        (",;,q=1;;", Format.TEXT),
    ],
)
def test_format_follows_the_accept_header(accept: str, form: Format) -> None:
    assert format_of(accept) is form


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", False),
        ("gzip", True),
        ("deflate, GZIP;q=0.5", True),
        ("gzip;q=0", False),
        ("gzip;q=0, *", False),
        ("*;q=0.1", True),
        ("br, identity", False),
    ],
)
def test_gzip_follows_the_accept_encoding_header(header: str, expected: bool) -> None:  # noqa: FBT001  parametrised
    assert accepts_gzip(header) is expected
