"""HELP, TYPE and UNIT lines, as each format wants them."""

from collections.abc import Collection
from dataclasses import dataclass

from exporters.prometheus.lettering import help_text
from exporters.prometheus.negotiation import Format

_TOTAL = "_total"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What is said about a metric name once.

    Attributes:
        name: as on its sample lines; a counter's ends in ``_total``.
        type: counter, gauge, histogram, summary or unknown.
        help: one sentence.
        unit: a base unit, or "".
    """

    name: str
    type: str
    help: str
    unit: str


def header(about: Metadata, form: Format, names: Collection[str]) -> bytes:
    """Return the metadata lines, without the last line break.

    Args:
        about: what to say.
        form: how.
        names: of all metrics of this exposition. OpenMetrics names a counter's family without
            ``_total``; where another metric has that name already, or the name does not end so, the
            type is unknown there, which every name may be.
    """
    if form is Format.TEXT:
        said = help_text(about.help, quotes=False)
        kind = "untyped" if about.type == "unknown" else about.type
        return f"# HELP {about.name} {said}\n# TYPE {about.name} {kind}".encode()
    name, kind = _openmetrics(about, names)
    lines = [f"# TYPE {name} {kind}", f"# HELP {name} {help_text(about.help, quotes=True)}"]
    if about.unit and name.endswith(f"_{about.unit}"):
        lines.insert(1, f"# UNIT {name} {about.unit}")
    return "\n".join(lines).encode()


def _openmetrics(about: Metadata, names: Collection[str]) -> tuple[str, str]:
    if about.type != "counter":
        return about.name, about.type
    base = about.name.removesuffix(_TOTAL)
    return (about.name, "unknown") if base == about.name or base in names else (base, "counter")
