"""Events of System 1, and those that any system may report."""

from types import MappingProxyType

from vsm_actors.core.events.model import (
    Attribute,
    Count,
    EventType,
    Lane,
    Measurement,
    count_of,
)

ANY = (1, 2, 3, 4, 5)

_CHANNEL = Attribute(name="channel", help="The channel that carries it.", required=True)
_ID = Attribute(name="id", help="Correlation id, for pairing.")


def _message(verb: str, text: str, *, source_required: bool) -> EventType:
    edge = {"result": (f"={verb}",)}
    return EventType(
        name=f"message.{verb}",
        help=text,
        systems=ANY,
        measurements=(
            Measurement(name="bits", help="Information in the message, bits.", low=0),
            Measurement(name="lag", help="Seconds from sending to receiving.", low=0),
        ),
        attributes=(
            Attribute(
                name="to",
                help="The receiver: 1 to 5, 1/<unit> or env.",
                required=not source_required,
            ),
            _CHANNEL,
            Attribute(name="from", help="The sender, else the reporter.", required=source_required),
            _ID,
            Attribute(name="in_reply_to", help="The id of the request that this answers."),
            Attribute(name="state", help="The state that the message carries."),
        ),
        lanes=Lane.BULK | Lane.EVENT,
        monitors=("CoordinationMonitor", "ChannelMonitor"),
        paired=("id", "in_reply_to"),
        counts=(
            Count(family="vsm_messages_total", labels=MappingProxyType(edge)),
            Count(
                family="vsm_message_information_bits_total",
                value="bits",
                labels=MappingProxyType(edge),
            ),
            Count(family="vsm_message_lag_seconds", value="lag"),
            Count(
                family="vsm_message_states_total",
                labels=MappingProxyType(edge),
                present=("state",),
            ),
        ),
    )


OPERATIONS: tuple[EventType, ...] = (
    EventType(
        name="operation.started",
        help="An operation began.",
        systems=ANY,
        attributes=(
            Attribute(name="operation", help="What kind of operation.", required=True),
            _ID,
        ),
        lanes=Lane.BULK,
        counts=(count_of("vsm_operations_started_total"),),
    ),
    EventType(
        name="operation.completed",
        help="An operation ended.",
        systems=ANY,
        measurements=(
            Measurement(name="duration", help="Seconds from start to end.", required=True, low=0),
            Measurement(name="cost", help="What it cost, in `currency`.", low=0),
        ),
        attributes=(
            Attribute(name="operation", help="What kind of operation.", required=True),
            Attribute(name="outcome", help="How it ended.", required=True, choices=("ok", "error")),
            Attribute(name="error_type", help="Which error, when it ended in one."),
            Attribute(name="purpose", help="The declared purpose that it serves."),
            _ID,
            Attribute(name="currency", help="The unit of `cost`."),
        ),
        lanes=Lane.BULK,
        counts=(
            count_of("vsm_operations_total"),
            count_of("vsm_response_time_seconds", "duration"),
            Count(family="vsm_errors_total", when=("outcome", "error")),
            count_of("vsm_operation_cost_total", "cost"),
            count_of("vsm_operations_by_purpose_total"),
        ),
    ),
    EventType(
        name="resource.measured",
        help="How much of a resource is in use.",
        systems=(1,),
        measurements=(
            Measurement(name="used", help="In use, in the resource's unit.", required=True, low=0),
            Measurement(
                name="capacity", help="There is, in the resource's unit.", required=True, low=0
            ),
            Measurement(name="queued", help="Waiting for it.", low=0),
        ),
        attributes=(Attribute(name="resource", help="Which resource.", required=True),),
        lanes=Lane.BULK,
        counts=(
            count_of("vsm_resource_used", "used"),
            count_of("vsm_resource_capacity", "capacity"),
            count_of("vsm_resource_queued", "queued"),
        ),
    ),
    EventType(
        name="performance.reported",
        help="Beer's three levels of achievement of a unit, for one index.",
        systems=(1,),
        measurements=(
            Measurement(name="actuality", help="What it does now.", required=True, low=0),
            Measurement(name="capability", help="What it could do now.", required=True, low=0),
            Measurement(
                name="potentiality",
                help="What it could do without its constraints.",
                required=True,
                low=0,
            ),
        ),
        attributes=(
            Attribute(name="index", help="Which index of achievement.", required=True),
            Attribute(name="sense", help="Which way is better.", choices=("higher", "lower")),
        ),
        monitors=("OperationalMonitor", "OptimizationEngine"),
        counts=(
            count_of("vsm_actuality", "actuality"),
            count_of("vsm_capability", "capability"),
            count_of("vsm_potentiality", "potentiality"),
        ),
    ),
    EventType(
        name="state.observed",
        help="One sample of the state of a stream.",
        systems=ANY,
        attributes=(
            Attribute(name="stream", help="Which stream.", required=True),
            Attribute(name="state", help="The state that was seen.", required=True),
            Attribute(name="response", help="What the regulator did in answer."),
            Attribute(name="outcome", help="What came of it."),
        ),
        lanes=Lane.BULK,
        counts=(count_of("vsm_states_total"),),
    ),
    _message("sent", "A message left its sender.", source_required=False),
    _message("received", "A message reached its receiver.", source_required=True),
    _message("dropped", "A message was given up.", source_required=False),
)
