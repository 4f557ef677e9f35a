"""Lines that a rule maps to an event: the points that the event's counts make of them."""

from collections.abc import Mapping
from dataclasses import replace

from vsm_actors.core.events import CATALOGUE, Count, EventType
from vsm_actors.core.families import family
from vsm_actors.core.series import SeriesTable
from vsm_actors.intake.statsd.errors import Reason, RejectedError
from vsm_actors.intake.statsd.grammar import MAX_VALUE, MetricType, Tail
from vsm_actors.intake.statsd.position import Position
from vsm_actors.intake.statsd.rules import Mapped, Rule
from vsm_actors.intake.statsd.target import Placed, Target, target_of

_CUSTOM_COUNTS = (
    Count(family="vsm_custom_events_total"),
    Count(family="vsm_custom_measurement", value="*"),
)


def place_event(table: SeriesTable, mapped: Mapped, position: Position, tail: Tail) -> Placed:
    """Return the targets of a line that counts as an event, or as many as a counter says.

    Raises:
        RejectedError: bad_type for a set, bad_attribute or bad_system where the event refuses it.
    """
    if tail.kind is MetricType.SET:
        raise RejectedError(Reason.BAD_TYPE)
    rule = mapped.rule
    measured = rule.measurement if tail.kind is not MetricType.COUNTER else ""
    event = CATALOGUE.get(rule.event)
    counts = _CUSTOM_COUNTS if event is None else _counts(event, position)
    placed = [
        _place(table, count, mapped, position, tail)
        for count in counts
        if count.value is None or (measured and count.value in (measured, "*"))
    ]
    if not placed:
        raise RejectedError(Reason.BAD_ATTRIBUTE)
    return Placed(
        targets=tuple(target for target, _ in placed), capped=any(capped for _, capped in placed)
    )


def _place(
    table: SeriesTable, count: Count, mapped: Mapped, position: Position, tail: Tail
) -> tuple[Target, bool]:
    """The target of one count, and whether a cap sent it to an overflow series."""
    counted = family(count.family)
    rule = mapped.rule
    words = {**position.labels, "event": rule.event, "measurement": rule.measurement}
    sourced = {label: _joined(source, words) for label, source in count.labels.items()}
    values = position.values(counted, {**words, **sourced})
    series = table.intern(counted, values)
    target = target_of(series, counted, tail)
    if count.value is not None:
        target = replace(target, low=max(target.low, _least(rule)))
    elif tail.kind is not MetricType.COUNTER:
        target = replace(target, constant=True)
    return target, table[series].labels != values


def _least(rule: Rule) -> float:
    """The least value that the event's measurement may have."""
    event = CATALOGUE.get(rule.event)
    known = event.measurements if event is not None else ()
    return max((one.low for one in known if one.name == rule.measurement), default=-MAX_VALUE)


def _counts(event: EventType, position: Position) -> tuple[Count, ...]:
    """The counts of an event that its attributes call for.

    Raises:
        RejectedError: bad_attribute, for a required one that is empty or a choice that is none.
    """
    words = position.labels
    for attribute in event.attributes:
        word = words.get(attribute.name, "")
        if (attribute.required and not word) or (
            word and attribute.choices and word not in attribute.choices
        ):
            raise RejectedError(Reason.BAD_ATTRIBUTE)
    if int(position.system) not in event.systems:
        raise RejectedError(Reason.BAD_SYSTEM)
    return tuple(count for count in event.counts if _wanted(count, words))


def _wanted(count: Count, words: Mapping[str, str]) -> bool:
    if count.when is not None and words.get(count.when[0]) != count.when[1]:
        return False
    return all(words.get(name) for name in count.present)


def _joined(source: tuple[str, ...], words: Mapping[str, str]) -> str:
    return "/".join(part[1:] if part[:1] == "=" else words.get(part, "") for part in source)
