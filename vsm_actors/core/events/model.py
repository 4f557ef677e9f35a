"""What an event type is: what it carries, which lanes it takes and what it counts."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

TEXT = 1024
"""Characters of an attribute that people read and no label repeats."""


class Lane(enum.Flag):
    """The ways that an event can take through the daemon."""

    BULK = enum.auto()
    """Into columns, to the MetricsCollector."""
    EVENT = enum.auto()
    """As one record, to each monitor that it concerns."""
    ALGEDONIC = enum.auto()
    """Straight to the AlgedonicChannel and on to System 5."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """A number that an event carries.

    Attributes:
        name: its key under ``measurements``.
        help: what it is, with its unit.
        required: whether an event without it is rejected.
        low: least value allowed, inclusive.
        high: greatest value allowed, inclusive.
    """

    name: str
    help: str
    required: bool = False
    low: float = float("-inf")
    high: float = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """A word that an event carries.

    Attributes:
        name: its key under ``attributes``.
        help: what it is.
        required: whether an event without it is rejected.
        choices: the only values allowed, or empty for any.
        longest: characters that its value may have; a label's value is kept for ever, so it is
            short.
    """

    name: str
    help: str
    required: bool = False
    choices: tuple[str, ...] = ()
    longest: int = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """One point that an event gives to the bulk lane.

    A label takes its value from `labels` where it is named there, else from the envelope (event,
    path, system, unit) or the attribute of its own name, else it is empty. A source in `labels`
    is a tuple of attribute names (or ``=word`` for the word itself), joined by ``/``.

    Attributes:
        family: the metric family that counts it.
        value: the measurement that is the point's value; None counts 1.
        labels: where labels come from that are not found by their own name.
        when: an attribute and the value that it must have, or None for always.
        present: attributes that must be there, else nothing is counted.
    """

    family: str
    value: str | None = None
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    when: tuple[str, str] | None = None
    present: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType:
    """One kind of event: the catalogue's entry, from which all else follows.

    Attributes:
        name: as written in ``event``.
        help: one sentence.
        systems: the systems that may report it; the first is meant where none is said.
        measurements: the numbers that it carries.
        attributes: the words that it carries.
        lanes: the ways that it takes.
        monitors: the actors that fold its record, by name.
        counts: the points that it gives to the bulk lane.
        paired: the record is sent to `monitors` only when it carries one of these attributes;
            empty for always.
    """

    name: str
    help: str
    systems: tuple[int, ...]
    measurements: tuple[Measurement, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    lanes: Lane = Lane.BULK | Lane.EVENT
    monitors: tuple[str, ...] = ()
    counts: tuple[Count, ...] = ()
    paired: tuple[str, ...] = ()


def count_of(family: str, value: str | None = None, **labels: tuple[str, ...]) -> Count:
    """Return a `Count` whose label sources are written as keywords (``from_`` for ``from``)."""
    sources = {name.rstrip("_"): source for name, source in labels.items()}
    return Count(family=family, value=value, labels=MappingProxyType(sources))


def state_of(stream: str, *attributes: str, optional: tuple[str, ...] = ()) -> Count:
    """Return a `Count` of one sample of a stream, whose state is the attributes joined by ``/``.

    Without them there is no state, and nothing is counted: an empty word would be one state more.

    Args:
        stream: its name.
        attributes: must be there.
        optional: further ones, empty in the joined word where they are absent.
    """
    return Count(
        family="vsm_states_total",
        labels=MappingProxyType({"stream": (f"={stream}",), "state": (*attributes, *optional)}),
        present=attributes,
    )


EVENTS_TOTAL = count_of("vsm_events_total")
"""What has no counter of its own counts here; `event` is the name, as the envelope says it."""
