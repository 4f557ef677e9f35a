"""The Accept headers' element lists with their q-values (RFC 9110, section 12)."""

from collections.abc import Iterable
from dataclasses import dataclass

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Range:
    """One element of a header: ``text/plain;version=0.0.4;q=0.5``.

    Attributes:
        name: in lower case.
        parameters: by name in lower case.
        q: 0 to 1; 0 refuses, and so does what is no number.
    """

    name: str
    parameters: dict[str, str]
    q: float


def ranges(request: web.BaseRequest, header: str) -> tuple[Range, ...]:
    """Return the elements of a request's header, however many lines carry it."""
    return ranges_of(",".join(request.headers.getall(header, ())))


def ranges_of(text: str) -> tuple[Range, ...]:
    """Return the elements of a header's value; empty ones are passed over."""
    return tuple(
        _range(element) for element in text.split(",") if element.partition(";")[0].strip()
    )


def quality(given: Iterable[Range], names: tuple[str, ...]) -> float:
    """Return the q of the first of `names` that is given: the most specific decides; 0 if none."""
    elements = tuple(given)
    for name in names:
        found = [one.q for one in elements if one.name == name]
        if found:
            return max(found)
    return 0.0


def takes_gzip(request: web.BaseRequest) -> bool:
    """Tell whether the answer may be compressed with gzip."""
    return quality(ranges(request, "Accept-Encoding"), ("gzip", "x-gzip", "*")) > 0


def _range(element: str) -> Range:
    name, *rest = (part.strip() for part in element.split(";"))
    pairs = (part.partition("=") for part in rest)
    parameters = {key.strip().lower(): value.strip().strip('"') for key, _, value in pairs}
    return Range(name.lower(), parameters, _q(parameters.get("q", "1")))


def _q(text: str) -> float:
    try:
        q = float(text)
    except ValueError:
        return 0.0
    return q if 0 <= q <= 1 else 0.0
