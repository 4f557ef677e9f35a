"""Which format a scraper gets, by its Accept header."""

import enum

from vsm_actors.http.accept import Range, quality


class Format(enum.Enum):
    """The exposition formats; the value is the Content-Type."""

    TEXT = "text/plain; version=0.0.4; charset=utf-8"
    OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"


def format_of(accept: tuple[Range, ...]) -> Format:
    """Return the format with the highest q; of equal ones OpenMetrics where it is named.

    A client that accepts neither gets text 0.0.4, as from every Prometheus library: an answer that
    it can complain about beats none.
    """
    text = quality(accept, ("text/plain", "text/*", "*/*"))
    spoken = (one for one in accept if one.parameters.get("version", "1.0.0") == "1.0.0")
    openmetrics = quality(spoken, ("application/openmetrics-text",))
    return Format.OPENMETRICS if openmetrics > 0 and openmetrics >= text else Format.TEXT
