"""Streams of states: where the variety of each system is looked for, and who faces whom.

A stream is what `state.observed` reports, what the event catalogue counts as states, or what
follows from counters that say which kind (`operations.outcome`, `messages.*`).
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import TypeAlias

from vsm_actors.core.window.view import View

Stream: TypeAlias = tuple[str, str, str]
"""Path, system and stream; the system is "" where two share the stream."""

Sampled: TypeAlias = Mapping[Stream, Mapping[str, float]]
"""Weight by state, of each stream."""

Sample: TypeAlias = tuple[Stream, str, float]
"""A stream, the state that it was seen in, and the weight of that."""

OPERATIONS = "operations.outcome"
MESSAGES = "messages.state"
AMONG_UNITS = "messages.1-1"
BETWEEN_3_AND_4 = "messages.3-4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of a pair, by default: streams of systems.

    Attributes:
        streams: system and stream; their entropies add up.
    """

    streams: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facing:
    """Who regulates whom.

    Attributes:
        controller: whose variety must be requisite.
        controlled: whose variety it must absorb.
    """

    controller: Side
    controlled: Side


def _side(*streams: tuple[str, str]) -> Side:
    return Side(streams=streams)


ACTS_OF_3 = _side(("3", "directives.action"))
ACTS_OF_4 = _side(("4", "adaptations.action"), ("4", "forecasts.series"))

PAIRS: Mapping[str, Facing] = MappingProxyType(
    {
        "3:1": Facing(controller=ACTS_OF_3, controlled=_side(("1", OPERATIONS))),
        "2:1-1": Facing(
            controller=_side(("2", MESSAGES), ("2", "resolutions")),
            controlled=_side(("2", "conflicts"), ("1", AMONG_UNITS)),
        ),
        "4:env": Facing(controller=ACTS_OF_4, controlled=_side(("4", "environment"))),
        "5:3-4": Facing(
            controller=_side(("5", "decisions")), controlled=_side(("", BETWEEN_3_AND_4))
        ),
        "3:4": Facing(controller=ACTS_OF_3, controlled=ACTS_OF_4),
    }
)
"""The pairs of the model with their default streams."""


def sampled(view: View) -> Sampled:
    """Return the states that each stream was seen in during a window."""
    return _added(chain(_states(view), _operations(view), _messages(view)))


def sampled_acts(view: View, wanted: Container[tuple[str, str]]) -> Sampled:
    """Return the same for the wanted streams alone, by system and name, among those reported."""
    return _added(sample for sample in _states(view) if sample[0][1:] in wanted)


def _added(samples: Iterable[Sample]) -> Sampled:
    streams: defaultdict[Stream, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    for stream, state, weight in samples:
        if weight > 0:
            streams[stream][state] += weight
    return streams


def _states(view: View) -> Iterator[Sample]:
    for row in view.rows("vsm_states_total"):
        path, system, _, stream, state = row.series.labels
        yield (path, system, stream), state, row.sum


def _operations(view: View) -> Iterator[Sample]:
    for row in view.rows("vsm_operations_total"):
        path, system, _, operation, outcome = row.series.labels
        yield (path, system, OPERATIONS), f"{operation}/{outcome}", row.sum


def _messages(view: View) -> Iterator[Sample]:
    """Yield messages as they were sent: a message that is received too is not a second one."""
    for row in view.rows("vsm_message_states_total"):
        path, source, target, _, result, state = row.series.labels
        if result != "sent":
            continue
        sender, receiver = source.partition("/")[0], target.partition("/")[0]
        yield (path, sender, MESSAGES), state, row.sum
        if sender == receiver == "1":
            yield (path, "1", AMONG_UNITS), state, row.sum
        elif {sender, receiver} == {"3", "4"}:
            yield (path, "", BETWEEN_3_AND_4), state, row.sum
