"""Events of System 2."""

from vsm_actors.core.events.model import EVENTS_TOTAL, Attribute, EventType, state_of

_ID = Attribute(name="id", help="Which conflict; pairs detection with resolution.", required=True)
_ABOUT = (
    Attribute(name="between", help="The units in conflict, separated by commas."),
    Attribute(name="action", help="What was done about it."),
    Attribute(name="by", help="Who closed it."),
)

COORDINATION: tuple[EventType, ...] = (
    EventType(
        name="conflict.detected",
        help="Units get into each other's way.",
        systems=(2,),
        attributes=(_ID, *_ABOUT),
        monitors=("CoordinationMonitor", "VarietyManager"),
        counts=(EVENTS_TOTAL, state_of("conflicts", "between")),
    ),
    EventType(
        name="conflict.resolved",
        help="A conflict ended.",
        systems=(2,),
        attributes=(_ID, *_ABOUT),
        monitors=("CoordinationMonitor", "VarietyManager"),
        counts=(EVENTS_TOTAL, state_of("resolutions", "action")),
    ),
)
