"""Families of the daemon itself, ``vsm_run_*``; the ledger keeps them."""

from vsm_actors.core.families.model import Family, Kind, Origin


def _own(name: str, kind: Kind, text: str, *labels: str, unit: str = "") -> Family:
    return Family(name=name, kind=kind, help=text, labels=labels, unit=unit, origin=Origin.SELF)


OWN: tuple[Family, ...] = (
    _own("vsm_run_build_info", Kind.GAUGE, "1, labelled with the version.", "version", "python"),
    _own("vsm_run_start_time_seconds", Kind.GAUGE, "Unix time of the start.", unit="seconds"),
    _own("vsm_run_points_accepted_total", Kind.COUNTER, "Points accepted.", "source"),
    _own(
        "vsm_run_points_rejected_total",
        Kind.COUNTER,
        "Points refused because they were wrong.",
        "source",
        "reason",
    ),
    _own(
        "vsm_run_points_dropped_total",
        Kind.COUNTER,
        "Points lost although they were right.",
        "source",
        "reason",
    ),
    _own(
        "vsm_run_observation_gaps_total",
        Kind.COUNTER,
        "What a built-in source could not read or had to fold at a look.",
        "source",
        "reason",
    ),
    _own(
        "vsm_run_requests_total",
        Kind.COUNTER,
        "HTTP requests answered.",
        "listener",
        "route",
        "method",
        "status",
    ),
    _own(
        "vsm_run_receive_errors_total",
        Kind.COUNTER,
        "Failed reads of a socket that goes on.",
        "source",
    ),
    _own("vsm_run_connections", Kind.GAUGE, "HTTP connections open.", "listener"),
    _own(
        "vsm_run_connections_refused_total",
        Kind.COUNTER,
        "Connections closed unheard: too many, or silent for too long.",
        "listener",
        "reason",
    ),
    _own("vsm_run_series", Kind.GAUGE, "Series alive."),
    _own(
        "vsm_run_series_overflow_total",
        Kind.COUNTER,
        "Misses that a cardinality cap sent to an overflow series.",
        "cap",
    ),
    _own("vsm_run_series_retired_total", Kind.COUNTER, "Series retired after an idle hour."),
    _own(
        "vsm_run_sketch_clamped_total",
        Kind.COUNTER,
        "Observations outside the sketch's index range.",
    ),
    _own(
        "vsm_run_windows_discarded_total",
        Kind.COUNTER,
        "Retained windows dropped early for their bytes.",
    ),
    _own("vsm_run_mailbox_depth", Kind.GAUGE, "Messages waiting.", "actor"),
    _own(
        "vsm_run_mailbox_load",
        Kind.GAUGE,
        "Cost of what waits, in the mailbox's own units (points, records, bytes; a window counts "
        "as 1,000).",
        "actor",
    ),
    _own(
        "vsm_run_mailbox_refused_total", Kind.COUNTER, "Offers refused for want of room.", "actor"
    ),
    _own("vsm_run_messages_handled_total", Kind.COUNTER, "Messages handled.", "actor"),
    _own(
        "vsm_run_busy_seconds_total",
        Kind.COUNTER,
        "Time spent in handlers.",
        "actor",
        unit="seconds",
    ),
    _own("vsm_run_actor_restarts_total", Kind.COUNTER, "Restarts of an actor.", "actor"),
    _own(
        "vsm_run_dead_letters_total", Kind.COUNTER, "Messages that nobody will ever take.", "actor"
    ),
    _own("vsm_run_abandoned_threads_total", Kind.COUNTER, "Threads that did not stop in time."),
    _own(
        "vsm_run_bridge_dropped_total",
        Kind.COUNTER,
        "Calls to the server thread refused for want of room.",
    ),
    _own("vsm_run_ticks_missed_total", Kind.COUNTER, "Ticks merged into a later one."),
    _own(
        "vsm_run_folds_refused_total",
        Kind.COUNTER,
        "Keys that a monitor's bound refused.",
        "monitor",
    ),
    _own(
        "vsm_run_events_duplicate_total",
        Kind.COUNTER,
        "Events whose id was seen within ten minutes.",
    ),
    _own(
        "vsm_run_event_ids_forgotten_total",
        Kind.COUNTER,
        "Event ids forgotten before ten minutes, for want of room.",
    ),
    _own(
        "vsm_run_event_plans_cleared_total",
        Kind.COUNTER,
        "Times that the cache of decoded event heads was emptied.",
        "reason",
    ),
    _own(
        "vsm_run_algedonic_not_durable_total",
        Kind.COUNTER,
        "Algedonic signals delivered although their commit failed.",
    ),
    _own(
        "vsm_run_algedonic_delivery_seconds",
        Kind.HISTOGRAM,
        "Time from acceptance of an algedonic signal to System 5's receipt.",
        unit="seconds",
    ),
    _own("vsm_run_scrape_seconds", Kind.HISTOGRAM, "Time to answer a scrape.", unit="seconds"),
    _own(
        "vsm_run_feed_latency_seconds",
        Kind.HISTOGRAM,
        "Time from a point's arrival to its frame.",
        unit="seconds",
    ),
    _own(
        "vsm_run_config_last_reload_successful",
        Kind.GAUGE,
        "1 if the last reload was taken, else 0.",
    ),
)
