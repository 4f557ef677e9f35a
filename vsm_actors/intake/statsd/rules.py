"""Mapping rules, ``[[statsd.rule]]``.

They place metrics without tags, rename them, or map them to an event of the catalogue. The first
rule that matches a name wins; the tags of a line win over it. In a glob ``*`` stands for one
segment between dots, as in Prometheus's statsd_exporter; captures are written ``$1`` or ``${1}``
in `path`, `unit`, `name` and `labels`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from vsm_actors.core.errors import InvalidPathError
from vsm_actors.core.events import CATALOGUE, EventType, Lane
from vsm_actors.core.naming import check_path, is_own
from vsm_actors.intake.statsd.errors import RuleError

_CAPTURE = re.compile(r"\$(?:\{(\d+)\}|(\d+))")
_SYSTEMS = (1, 2, 3, 4, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule as configured.

    Attributes:
        match: a glob over the dotted name, or a regular expression that matches all of it.
        regex: whether `match` is a regular expression; the configuration is trusted.
        path: where the points belong, "" for the default.
        system: 1 to 5, or 0 for the event's own, else 1.
        unit: the unit, "" for none.
        name: what the metric is called, "" for its own name.
        labels: further labels; of an event, its attributes.
        event: an event of the bulk lane, or a custom one; "" for a custom metric.
        measurement: the measurement that a gauge, timer, histogram or distribution carries, ""
            where it only counts; a counter counts that many events.
    """

    match: str
    regex: bool = False
    path: str = ""
    system: int = 0
    unit: str = ""
    name: str = ""
    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    event: str = ""
    measurement: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """What a rule says of one name, its captures filled in.

    Attributes:
        rule: the rule that matched.
        path: "" for the default.
        unit: "" for none.
        name: of the metric.
        labels: further labels.
    """

    rule: Rule
    path: str
    unit: str
    name: str
    labels: Mapping[str, str]


UNMAPPED = Mapped(rule=Rule(match=""), path="", unit="", name="", labels=MappingProxyType({}))
"""What is said of a name that no rule matches."""


class Rules:
    """Compiled rules."""

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        """Compile the rules, in their order.

        Raises:
            RuleError: a rule that cannot work.
        """
        self._rules = [(_compile(rule), rule) for rule in rules]

    def map(self, name: str) -> Mapped:
        """Return what the first rule that matches `name` says."""
        for pattern, rule in self._rules:
            found = pattern.fullmatch(name)
            if found is not None:
                return _fill(rule, found, name)
        return replace(UNMAPPED, name=name)


def _fill(rule: Rule, found: re.Match[str], name: str) -> Mapped:
    def fill(template: str) -> str:
        return _CAPTURE.sub(lambda one: found[int(one[1] or one[2])] or "", template)

    return Mapped(
        rule=rule,
        path=fill(rule.path),
        unit=fill(rule.unit),
        name=fill(rule.name) or name,
        labels={label: fill(text) for label, text in rule.labels.items()},
    )


def _compile(rule: Rule) -> re.Pattern[str]:
    text = rule.match if rule.regex else re.escape(rule.match).replace(r"\*", r"([^.]*)")
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise RuleError(rule.match, f"not a regular expression: {error}") from error
    problem = _problem(rule, pattern.groups)
    if problem:
        raise RuleError(rule.match, problem)
    return pattern


def _problem(rule: Rule, groups: int) -> str:
    texts = (rule.path, rule.unit, rule.name, *rule.labels.values())
    highest = max((int(a or b) for text in texts for a, b in _CAPTURE.findall(text)), default=0)
    if highest > groups:
        return f"${highest} is used, but the pattern has {groups} captures"
    if rule.system and rule.system not in _SYSTEMS:
        return f"system {rule.system} must be 1 to 5"
    return _path_problem(rule.path) or _event_problem(rule)


def _path_problem(path: str) -> str:
    try:
        literal = check_path(_CAPTURE.sub("x", path)) if path else ""
    except InvalidPathError as error:
        return str(error)
    return f"path {path!r} is the daemon's own" if is_own(literal) else ""


def _event_problem(rule: Rule) -> str:
    event = CATALOGUE.get(rule.event)
    if event is None:
        return "" if rule.event or not rule.measurement else "measurement needs an event"
    if not bulk_only(event):
        return f"event {event.name} needs its record, which a StatsD line cannot carry"
    if rule.measurement and rule.measurement not in [one.name for one in event.measurements]:
        return f"event {event.name} has no measurement {rule.measurement!r}"
    if rule.system and rule.system not in event.systems:
        return f"event {event.name} is of systems {event.systems}"
    return _attribute_problem(event, rule.labels)


def _attribute_problem(event: EventType, labels: Mapping[str, str]) -> str:
    for attribute in event.attributes:
        text = labels.get(attribute.name, "")
        if attribute.required and not text:
            return f"event {event.name} needs the label {attribute.name!r}"
        literal = "$" not in text
        if text and literal and attribute.choices and text not in attribute.choices:
            return f"{attribute.name} {text!r} must be one of {', '.join(attribute.choices)}"
    return ""


def bulk_only(event: EventType) -> bool:
    """Tell whether an event without an id takes the bulk lane alone."""
    return event.lanes is Lane.BULK or (bool(event.paired) and Lane.ALGEDONIC not in event.lanes)
