"""Algedonic events: pain and pleasure, past everything to System 5."""

from vsm_actors.core.events.model import (
    EVENTS_TOTAL,
    TEXT,
    Attribute,
    EventType,
    Lane,
    Measurement,
    count_of,
)

_SYSTEMS = (1, 2, 3, 4)
_LANES = Lane.ALGEDONIC
"""The AlgedonicChannel counts what is new, so that a retry with the same id counts once."""
_INTENSITY = Measurement(name="intensity", help="0 to 1.", low=0, high=1)


def _attributes(*, raised: bool) -> tuple[Attribute, ...]:
    return (
        Attribute(name="id", help="Which signal; a repeated one is the same.", required=True),
        Attribute(
            name="severity",
            help="How bad, or how good.",
            required=raised,
            choices=("critical", "high", "medium"),
        ),
        Attribute(
            name="kind", help="Which feeling.", required=raised, choices=("pain", "pleasure")
        ),
        Attribute(name="metric", help="What deviates, else the id."),
        Attribute(name="message", help="What a person should read.", longest=TEXT),
        Attribute(name="by", help="Who acknowledged or cleared it."),
    )


ALGEDONIC: tuple[EventType, ...] = (
    EventType(
        name="algedonic.raised",
        help="Pain or pleasure that System 5 must hear at once.",
        systems=_SYSTEMS,
        measurements=(_INTENSITY,),
        attributes=_attributes(raised=True),
        lanes=_LANES,
        monitors=("PolicyMonitor",),
        counts=(count_of("vsm_algedonic_signals_total"),),
    ),
    EventType(
        name="algedonic.acknowledged",
        help="System 5 heard a signal.",
        systems=(*_SYSTEMS, 5),
        measurements=(_INTENSITY,),
        attributes=_attributes(raised=False),
        lanes=_LANES,
        monitors=("PolicyMonitor",),
        counts=(EVENTS_TOTAL,),
    ),
    EventType(
        name="algedonic.cleared",
        help="What a signal said is over.",
        systems=(*_SYSTEMS, 5),
        measurements=(_INTENSITY,),
        attributes=_attributes(raised=False),
        lanes=_LANES,
        monitors=("PolicyMonitor",),
        counts=(EVENTS_TOTAL,),
    ),
)
