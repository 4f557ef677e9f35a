"""The catalogue's counts, compiled: from an event to the labels of each of its points."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from vsm_actors.core.events import Count, EventType
from vsm_actors.core.families import Family, Kind, family
from vsm_actors.core.record import Event

_Source: TypeAlias = Callable[[Event], str]

_ENVELOPE: Mapping[str, _Source] = {
    "event": lambda event: event.name,
    "path": lambda event: event.path,
    "system": lambda event: str(event.system),
    "unit": lambda event: event.unit,
}


class Point(NamedTuple):
    """What an event gives to one series.

    Attributes:
        series: the series' id.
        measurement: whose value it is; None counts 1.
        traced: whether a trace of the event is an exemplar of it.
    """

    series: int
    measurement: str | None
    traced: bool


def label_attributes(kind: EventType) -> frozenset[str]:
    """Return the attributes of `kind` that decide which series its points go to."""
    names: set[str] = set()
    for count in kind.counts:
        names.update(count.present)
        if count.when is not None:
            names.add(count.when[0])
        for label in family(count.family).labels:
            if label in count.labels:
                names.update(part for part in count.labels[label] if not part.startswith("="))
            elif label not in _ENVELOPE:
                names.add(label)
    return frozenset(names)


@dataclass(frozen=True, slots=True)
class Emitter:
    """One `Count` of the catalogue, compiled.

    Attributes:
        family: what it counts into.
        sources: what makes each label, in the family's order.
        value: the measurement that it takes, or None to count 1.
        when: an attribute and the value that it must have, or None.
        present: attributes that must be there.
        traced: whether a trace of the event is an exemplar of the point.
    """

    family: Family
    sources: tuple[_Source, ...]
    value: str | None
    when: tuple[str, str] | None
    present: tuple[str, ...]
    traced: bool

    @classmethod
    def of(cls, count: Count) -> "Emitter":
        """Compile one."""
        found = family(count.family)
        return cls(
            family=found,
            sources=tuple(_source(label, count) for label in found.labels),
            value=count.value,
            when=count.when,
            present=count.present,
            traced=found.kind is Kind.HISTOGRAM,
        )

    def applies(self, event: Event) -> bool:
        """Tell whether `event` gives it a point."""
        if self.value is not None and self.value not in event.measurements:
            return False
        if self.when is not None and event.attributes.get(self.when[0]) != self.when[1]:
            return False
        return all(event.attributes.get(name) for name in self.present)

    def labels(self, event: Event) -> tuple[str, ...]:
        """Return the label values of that point."""
        return tuple([source(event) for source in self.sources])


def _source(label: str, count: Count) -> _Source:
    if label in count.labels:
        parts = tuple(map(_part, count.labels[label]))
        return lambda event: "/".join([part(event) for part in parts])
    return _ENVELOPE.get(label) or _attribute(label)


def _part(name: str) -> _Source:
    if name.startswith("="):
        word = name[1:]
        return lambda _: word
    return _attribute(name)


def _attribute(name: str) -> _Source:
    return lambda event: event.attributes.get(name, "")
