"""Families that are counted or measured directly from events."""

from vsm_actors.core.families.model import DEFAULT_BUCKETS, Family, Kind

_REPORTER = ("path", "system", "unit")
_EDGE = ("path", "from", "to", "channel")

SOURCES: tuple[Family, ...] = (
    Family(
        name="vsm_operations_total",
        kind=Kind.COUNTER,
        help="Operations completed, by outcome.",
        labels=(*_REPORTER, "operation", "outcome"),
    ),
    Family(
        name="vsm_operations_started_total",
        kind=Kind.COUNTER,
        help="Operations started.",
        labels=(*_REPORTER, "operation"),
    ),
    Family(
        name="vsm_operations_by_purpose_total",
        kind=Kind.COUNTER,
        help="Operations completed, by the purpose that they say they serve; empty if undeclared.",
        labels=("path", "system", "purpose"),
    ),
    Family(
        name="vsm_operation_cost_total",
        kind=Kind.COUNTER,
        help="Cost of completed operations, in the currency of the label.",
        labels=(*_REPORTER, "currency"),
    ),
    Family(
        name="vsm_errors_total",
        kind=Kind.COUNTER,
        help="Operations that ended in an error, by its type.",
        labels=(*_REPORTER, "error_type"),
    ),
    Family(
        name="vsm_response_time_seconds",
        kind=Kind.HISTOGRAM,
        help="Time from the start of an operation to its end.",
        labels=_REPORTER,
        unit="seconds",
        buckets=DEFAULT_BUCKETS,
    ),
    Family(
        name="vsm_messages_total",
        kind=Kind.COUNTER,
        help="Messages between systems, by result: sent, received or dropped.",
        labels=(*_EDGE, "result"),
    ),
    Family(
        name="vsm_message_lag_seconds",
        kind=Kind.SUMMARY,
        help="Time from sending a message to receiving it, as its receiver reported it.",
        labels=_EDGE,
        unit="seconds",
    ),
    Family(
        name="vsm_message_information_bits_total",
        kind=Kind.COUNTER,
        help="Information in the messages of a channel, as their reporters declared it.",
        labels=(*_EDGE, "result"),
        unit="bits",
    ),
    Family(
        name="vsm_message_states_total",
        kind=Kind.COUNTER,
        help="Messages by the state that they carry.",
        labels=(*_EDGE, "result", "state"),
    ),
    Family(
        name="vsm_states_total",
        kind=Kind.COUNTER,
        help="Samples of a stream by the state that was observed.",
        labels=(*_REPORTER, "stream", "state"),
    ),
    Family(
        name="vsm_resource_used",
        kind=Kind.GAUGE,
        help="How much of a resource is in use, in the resource's own unit.",
        labels=(*_REPORTER, "resource"),
    ),
    Family(
        name="vsm_resource_capacity",
        kind=Kind.GAUGE,
        help="How much of a resource there is, in the resource's own unit.",
        labels=(*_REPORTER, "resource"),
    ),
    Family(
        name="vsm_resource_queued",
        kind=Kind.GAUGE,
        help="How much work waits for a resource.",
        labels=(*_REPORTER, "resource"),
    ),
    Family(
        name="vsm_actuality",
        kind=Kind.GAUGE,
        help="What a unit does now (Beer's actuality), in the unit of its index.",
        labels=(*_REPORTER, "index"),
    ),
    Family(
        name="vsm_capability",
        kind=Kind.GAUGE,
        help="What a unit could do now with what it has (Beer's capability).",
        labels=(*_REPORTER, "index"),
    ),
    Family(
        name="vsm_potentiality",
        kind=Kind.GAUGE,
        help="What a unit could do if its constraints were lifted (Beer's potentiality).",
        labels=(*_REPORTER, "index"),
    ),
    Family(
        name="vsm_environment_value",
        kind=Kind.GAUGE,
        help="The last value of an outside signal, in its own unit.",
        labels=("path", "source", "signal"),
    ),
    Family(
        name="vsm_events_total",
        kind=Kind.COUNTER,
        help="Catalogued events accepted that have no counter of their own.",
        labels=(*_REPORTER, "event"),
    ),
    Family(
        name="vsm_custom_events_total",
        kind=Kind.COUNTER,
        help="Events accepted whose name is not in the catalogue.",
        labels=(*_REPORTER, "event"),
    ),
    Family(
        name="vsm_custom_measurement",
        kind=Kind.SUMMARY,
        help="Measurements of events whose name is not in the catalogue.",
        labels=(*_REPORTER, "event", "measurement"),
    ),
    Family(
        name="vsm_algedonic_signals_total",
        kind=Kind.COUNTER,
        help="Algedonic signals raised: pain and pleasure that bypass to System 5.",
        labels=(*_REPORTER, "severity", "kind"),
    ),
)
