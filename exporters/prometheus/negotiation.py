"""Which format a scraper gets, by its Accept and Accept-Encoding headers (RFC 9110)."""

import enum
from collections.abc import Iterator
from dataclasses import dataclass


class Format(enum.Enum):
    """The exposition formats; the value is the Content-Type."""

    TEXT = "text/plain; version=0.0.4; charset=utf-8"
    OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"


@dataclass(frozen=True, slots=True)
class _Range:
    """One element of a header: ``text/plain;version=0.0.4;q=0.5``."""

    name: str
    parameters: dict[str, str]
    q: float


def format_of(accept: str) -> Format:
    """Return the format with the highest q; of equal ones OpenMetrics when it is named.

    A client that accepts neither gets text 0.0.4, as from every Prometheus library: an answer that
    it can complain about beats none.
    """
    ranges = tuple(_ranges(accept))
    text = _quality(ranges, ("text/plain", "text/*", "*/*"))
    openmetrics = _quality(
        tuple(one for one in ranges if one.parameters.get("version", "1.0.0") == "1.0.0"),
        ("application/openmetrics-text",),
    )
    return Format.OPENMETRICS if openmetrics > 0 and openmetrics >= text else Format.TEXT


def accepts_gzip(accept_encoding: str) -> bool:
    """Tell whether an answer may be compressed with gzip."""
    return _quality(tuple(_ranges(accept_encoding)), ("gzip", "x-gzip", "*")) > 0


def _quality(ranges: tuple[_Range, ...], names: tuple[str, ...]) -> float:
    """Return the q of the first of `names` that is there: the most specific decides."""
    for name in names:
        found = [one.q for one in ranges if one.name == name]
        if found:
            return max(found)
    return 0.0


def _ranges(header: str) -> Iterator[_Range]:
    for element in header.split(","):
        name, *rest = (part.strip() for part in element.split(";"))
        pairs = (part.partition("=") for part in rest)
        parameters = {key.strip().lower(): value.strip().strip('"') for key, _, value in pairs}
        if name:
            yield _Range(name.lower(), parameters, _q(parameters.get("q", "1")))


def _q(text: str) -> float:
    try:
        q = float(text)
    except ValueError:
        return 0.0
    return q if 0 <= q <= 1 else 0.0
