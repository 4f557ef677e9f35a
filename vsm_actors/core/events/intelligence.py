"""Events of System 4."""

from vsm_actors.core.events.model import (
    EVENTS_TOTAL,
    Attribute,
    EventType,
    Measurement,
    count_of,
    state_of,
)

_ID = Attribute(name="id", help="Which one; pairs its events.", required=True)


def _forecast(verb: str, text: str) -> EventType:
    acts = state_of("forecasts.series", "series")
    return EventType(
        name=f"forecast.{verb}",
        help=text,
        systems=(4,),
        measurements=(
            Measurement(name="value", help="In the series' own unit.", required=True),
            Measurement(name="lower", help="Lower bound of the interval."),
            Measurement(name="upper", help="Upper bound of the interval."),
            Measurement(name="horizon", help="Seconds ahead.", low=0),
        ),
        attributes=(Attribute(name="series", help="Which series.", required=True), _ID),
        monitors=("FutureProjector",),
        counts=(EVENTS_TOTAL, acts) if verb == "generated" else (EVENTS_TOTAL,),
    )


def _adaptation(verb: str, text: str) -> EventType:
    acts = state_of("adaptations.action", "action")
    return EventType(
        name=f"adaptation.{verb}",
        help=text,
        systems=(4,),
        attributes=(
            _ID,
            Attribute(name="change", help="The id of the change that it answers."),
            Attribute(name="action", help="What is to be changed."),
        ),
        monitors=("StrategicPlanner",),
        counts=(EVENTS_TOTAL, acts) if verb == "proposed" else (EVENTS_TOTAL,),
    )


INTELLIGENCE: tuple[EventType, ...] = (
    EventType(
        name="environment.scanned",
        help="A look at the outside.",
        systems=(4,),
        measurements=(Measurement(name="value", help="In the signal's own unit.", required=True),),
        attributes=(
            Attribute(name="source", help="Where one looked.", required=True),
            Attribute(name="signal", help="What was seen.", required=True),
            Attribute(name="state", help="The state that it was in."),
        ),
        monitors=("EnvironmentScanner", "FutureProjector"),
        counts=(
            EVENTS_TOTAL,
            count_of("vsm_environment_value", "value"),
            # A signal that names no state was still seen: which one it was is its state.
            state_of("environment", "source", "signal", optional=("state",)),
        ),
    ),
    EventType(
        name="change.detected",
        help="The outside changed in a way that matters.",
        systems=(4,),
        measurements=(Measurement(name="horizon", help="Seconds until it bears.", low=0),),
        attributes=(
            _ID,
            Attribute(name="source", help="Where it was seen."),
            Attribute(name="unit", help="The unit that it concerns."),
            Attribute(name="index", help="The index that it concerns."),
        ),
        monitors=("EnvironmentScanner", "StrategicPlanner"),
        counts=(EVENTS_TOTAL,),
    ),
    EventType(
        name="threat.reported",
        help="Something outside may do harm.",
        systems=(4,),
        measurements=(
            Measurement(name="likelihood", help="0 to 1.", required=True, low=0, high=1),
            Measurement(name="impact", help="0 to 1.", required=True, low=0, high=1),
        ),
        attributes=(
            _ID,
            Attribute(
                name="status", help="Where it stands.", required=True, choices=("open", "closed")
            ),
        ),
        monitors=("ThreatAnalyzer",),
        counts=(EVENTS_TOTAL,),
    ),
    _forecast("generated", "A forecast was made."),
    _forecast("realised", "What had been forecast came about."),
    _adaptation("proposed", "System 4 proposes to change."),
    _adaptation("approved", "System 5 approved a change."),
    _adaptation("implemented", "A change was made."),
)
