"""Events of System 3 and 3*."""

from vsm_actors.core.events.model import (
    EVENTS_TOTAL,
    TEXT,
    Attribute,
    EventType,
    Measurement,
    state_of,
)

_ID = Attribute(name="id", help="Which one; pairs its events.", required=True)
_UNIT = Attribute(name="unit", help="The unit that is meant.", required=True)
_ACTION = Attribute(name="action", help="What is to be done.")
_DIRECTIVE = (
    _ID,
    _UNIT,
    _ACTION,
    Attribute(name="effect", help="What came of it."),
)
_DUE = Measurement(name="due", help="Seconds within which it is due.", low=0)
_ACTS = state_of("directives.action", "action")


def _directive(verb: str, text: str, *, act: bool) -> EventType:
    return EventType(
        name=f"directive.{verb}",
        help=text,
        systems=(3,),
        measurements=(_DUE,),
        attributes=_DIRECTIVE,
        monitors=("ControlMonitor",),
        counts=(EVENTS_TOTAL, _ACTS) if act else (EVENTS_TOTAL,),
    )


def _finding(verb: str, text: str) -> EventType:
    return EventType(
        name=f"finding.{verb}",
        help=text,
        systems=(3,),
        attributes=(_ID, _UNIT),
        monitors=("AuditManager",),
        counts=(EVENTS_TOTAL,),
    )


CONTROL: tuple[EventType, ...] = (
    _directive("issued", "System 3 told a unit to do something.", act=True),
    _directive("completed", "A unit did what it was told.", act=False),
    _directive("refused", "A unit declined what it was told.", act=False),
    EventType(
        name="resource.allocated",
        help="A resource bargain: what was agreed, and what was delivered.",
        systems=(3,),
        measurements=(
            Measurement(
                name="agreed", help="Agreed, in the resource's unit.", required=True, low=0
            ),
            Measurement(
                name="delivered", help="Delivered, in the resource's unit.", required=True, low=0
            ),
        ),
        attributes=(
            Attribute(name="resource", help="Which resource.", required=True),
            _UNIT,
            _ACTION,
        ),
        monitors=("ControlMonitor",),
        counts=(EVENTS_TOTAL, _ACTS),
    ),
    EventType(
        name="override.applied",
        help="System 3 overruled a unit.",
        systems=(3,),
        attributes=(
            _UNIT,
            Attribute(name="about", help="The id of what it overruled."),
            _ACTION,
            Attribute(name="reason", help="Why.", longest=TEXT),
        ),
        monitors=("ControlMonitor",),
        counts=(EVENTS_TOTAL, _ACTS),
    ),
    EventType(
        name="audit.performed",
        help="System 3* looked for itself.",
        systems=(3,),
        measurements=(
            Measurement(name="claimed", help="What the unit had said.", required=True),
            Measurement(name="found", help="What the audit saw.", required=True),
            Measurement(name="tolerance", help="Difference that is let pass.", low=0),
        ),
        attributes=(
            _UNIT,
            Attribute(name="stream", help="What was audited.", required=True),
            Attribute(name="id", help="Which audit."),
        ),
        monitors=("AuditManager",),
        counts=(EVENTS_TOTAL,),
    ),
    _finding("opened", "An audit found something to mend."),
    _finding("closed", "A finding was mended."),
)
