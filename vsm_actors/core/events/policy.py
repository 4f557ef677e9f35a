"""Events of System 5."""

from vsm_actors.core.events.model import (
    EVENTS_TOTAL,
    TEXT,
    Attribute,
    EventType,
    Measurement,
    state_of,
)

_ID = Attribute(name="id", help="Which one.", required=True)

POLICY: tuple[EventType, ...] = (
    EventType(
        name="policy.declared",
        help="System 5 declared a policy.",
        systems=(5,),
        attributes=(_ID, Attribute(name="rule", help="What it says.", longest=TEXT)),
        monitors=("PolicyMonitor",),
        counts=(EVENTS_TOTAL,),
    ),
    EventType(
        name="decision.made",
        help="A decision was taken under a policy.",
        systems=(5,),
        attributes=(
            _ID,
            Attribute(name="policy", help="Under which policy.", required=True),
            Attribute(
                name="outcome",
                help="Whether it kept to the policy.",
                required=True,
                choices=("compliant", "violation"),
            ),
        ),
        monitors=("PolicyMonitor",),
        counts=(EVENTS_TOTAL, state_of("decisions", "policy", "outcome")),
    ),
    EventType(
        name="purpose.declared",
        help="System 5 declared what the organisation is for.",
        systems=(5,),
        measurements=(
            Measurement(
                name="share", help="Share of operations, 0 to 1.", required=True, low=0, high=1
            ),
        ),
        attributes=(Attribute(name="purpose", help="Which purpose.", required=True),),
        monitors=("IdentityManager",),
        counts=(EVENTS_TOTAL,),
    ),
    EventType(
        name="goal.declared",
        help="System 5 declared a goal.",
        systems=(5,),
        measurements=(
            Measurement(name="start", help="Where it starts.", required=True),
            Measurement(name="target", help="Where it is to end.", required=True),
            Measurement(name="due", help="When, in Unix seconds.", low=0),
            Measurement(name="value", help="Where it stands."),
        ),
        attributes=(
            _ID,
            Attribute(name="sense", help="Which way is better.", choices=("higher", "lower")),
        ),
        monitors=("StrategicPlanner",),
        counts=(EVENTS_TOTAL,),
    ),
    EventType(
        name="goal.progressed",
        help="A goal came nearer, or receded.",
        systems=(5,),
        measurements=(
            Measurement(name="value", help="Where it stands.", required=True),
            Measurement(name="start", help="Where it starts."),
            Measurement(name="target", help="Where it is to end."),
            Measurement(name="due", help="When, in Unix seconds.", low=0),
        ),
        attributes=(
            _ID,
            Attribute(name="sense", help="Which way is better.", choices=("higher", "lower")),
        ),
        monitors=("StrategicPlanner",),
        counts=(EVENTS_TOTAL,),
    ),
)
