"""Families that monitors and calculators conclude: the readings."""

from vsm_actors.core.families.model import Family, Kind, Origin

_UNIT = ("path", "unit")
_EDGE = ("path", "from", "to", "channel")

_RATIO = (
    "Variety of controller over controlled, summed over streams; NaN: none to absorb. "
    "The pairs are 3:1 (System 3 over System 1), 2:1-1 (System 2 over the operations' "
    "conflicts), 4:env (System 4 over the environment), 5:3-4 (System 5 over what "
    "passes between Systems 3 and 4) and 3:4 (System 3 over System 4)."
)


def _reading(name: str, text: str, *labels: str, unit: str = "", kind: Kind = Kind.GAUGE) -> Family:
    return Family(name=name, kind=kind, help=text, labels=labels, unit=unit, origin=Origin.READING)


SYSTEM_1 = (
    _reading(
        "vsm_productivity_ratio",
        "Actuality over capability (Beer), inverted where lower is better.",
        *_UNIT,
        "index",
        unit="ratio",
    ),
    _reading(
        "vsm_latency_ratio",
        "Beer's capability over potentiality, higher is better, not a delay.",
        *_UNIT,
        "index",
        unit="ratio",
    ),
    _reading(
        "vsm_performance_ratio",
        "Actuality over potentiality: productivity times latency (Beer).",
        *_UNIT,
        "index",
        unit="ratio",
    ),
    _reading(
        "vsm_plan_stale",
        "1 if actuality exceeds capability or capability exceeds potentiality, else 0.",
        *_UNIT,
        "index",
    ),
    _reading("vsm_operation_rate", "Operations completed per second, over five minutes.", *_UNIT),
    _reading(
        "vsm_error_ratio",
        "Share of operations that ended in an error; from 20 operations on.",
        *_UNIT,
        unit="ratio",
    ),
    _reading(
        "vsm_error_lower_ratio",
        "Lower bound of the error ratio's 95% interval (Wilson); from 20 operations on.",
        *_UNIT,
        unit="ratio",
    ),
    _reading(
        "vsm_error_upper_ratio",
        "Upper bound of the error ratio's 95% interval (Wilson); from 20 operations on.",
        *_UNIT,
        unit="ratio",
    ),
    _reading(
        "vsm_response_time_quantile_seconds",
        "Response-time quantiles over five minutes, from the sketch (1% relative error); from 20 "
        "operations on.",
        *_UNIT,
        "system",
        "q",
        unit="seconds",
    ),
    _reading(
        "vsm_resource_utilization_ratio", "Used over capacity.", *_UNIT, "resource", unit="ratio"
    ),
    _reading(
        "vsm_resource_saturation_ratio",
        "Work that waits for a resource, over its capacity.",
        *_UNIT,
        "resource",
        unit="ratio",
    ),
    _reading(
        "vsm_resource_exhaustion_seconds",
        "Time until the trend of use meets capacity; absent unless the slope is surely positive, "
        "and below 20 samples.",
        *_UNIT,
        "resource",
        unit="seconds",
    ),
)

SYSTEM_2 = (
    _reading("vsm_conflicts_open", "Conflicts detected and not yet resolved.", *_UNIT),
    _reading(
        "vsm_conflict_resolution_seconds",
        "Mean time from a conflict's detection to its resolution, ages of open ones included.",
        *_UNIT,
        unit="seconds",
    ),
    _reading(
        "vsm_conflicts_timely_ratio",
        "Share of conflicts resolved in time; open ones past their time count against.",
        *_UNIT,
        unit="ratio",
    ),
    _reading(
        "vsm_coordination_lag_seconds",
        "Time from a request to its reply, paired by in_reply_to.",
        "path",
        "from",
        "to",
        unit="seconds",
        kind=Kind.SUMMARY,
    ),
    _reading(
        "vsm_coordination_lags_negative",
        "Replies timed before their requests and therefore dropped, since they were first seen.",
        "path",
    ),
    _reading(
        "vsm_oscillation_index",
        "Thornhill's regularity of a unit's series; above 1 it oscillates, 0 it does not; from 60 "
        "steps on.",
        *_UNIT,
        "series",
    ),
    _reading(
        "vsm_channel_loss_ratio",
        "Share of messages sent that were dropped or not received within 60 s; from 20 messages "
        "on.",
        *_EDGE,
        unit="ratio",
    ),
    _reading(
        "vsm_channel_capacity_use_ratio",
        "Information rate over declared capacity; Beer's second principle wants it below 1.",
        *_EDGE,
        unit="ratio",
    ),
    _reading(
        "vsm_channel_silence_phi",
        "Suspicion that a channel fell silent: -log10 of the chance of so long a pause.",
        *_EDGE,
    ),
    _reading(
        "vsm_channel_variety_bits",
        "Entropy of the states sent into a channel, or received out of it, over an hour.",
        *_EDGE,
        "direction",
        unit="bits",
    ),
    _reading(
        "vsm_attenuation_ratio",
        "Variety that a channel filters out: 1 - H(out)/H(in).",
        *_EDGE,
        unit="ratio",
    ),
    _reading(
        "vsm_variety_absorbed_bits",
        "Variety that a channel absorbs a window: H(in) - H(out).",
        *_EDGE,
        unit="bits",
        kind=Kind.SUMMARY,
    ),
)

SYSTEM_3 = (
    _reading(
        "vsm_directive_compliance_ratio",
        "Share of directives completed in time; overdue and refused count against.",
        *_UNIT,
        unit="ratio",
    ),
    _reading(
        "vsm_directive_delay_seconds",
        "Mean time from a directive to its completion.",
        *_UNIT,
        unit="seconds",
    ),
    _reading("vsm_overrides", "Overrides applied within System 3's window.", *_UNIT),
    _reading(
        "vsm_bargain_fulfilment_ratio",
        "Resource bargain: delivered over agreed.",
        *_UNIT,
        "resource",
        unit="ratio",
    ),
    _reading(
        "vsm_unused_capability",
        "Capability less actuality, in the unit of the index.",
        *_UNIT,
        "index",
    ),
    _reading(
        "vsm_pareto_front",
        "1 for units that no other unit beats on performance, cost and utilisation, else 0.",
        *_UNIT,
    ),
    _reading(
        "vsm_audit_discrepancy_ratio",
        "Share of audits whose finding left the claim by more than the tolerance.",
        *_UNIT,
        unit="ratio",
    ),
    *(
        _reading(
            f"vsm_audit_discrepancy_{bound}_ratio",
            f"{bound.title()} bound of the audit discrepancy's Wilson interval (95%).",
            *_UNIT,
            unit="ratio",
        )
        for bound in ("lower", "upper")
    ),
    _reading("vsm_audit_age_seconds", "Time since the last audit.", *_UNIT, unit="seconds"),
    _reading(
        "vsm_audit_coverage_ratio",
        "Share of the known units audited within System 3's window.",
        "path",
        unit="ratio",
    ),
    _reading("vsm_findings_open", "Audit findings opened and not yet closed.", *_UNIT),
)

SYSTEM_4 = (
    _reading(
        "vsm_scan_age_seconds",
        "Time since a source was last heard.",
        "path",
        "source",
        unit="seconds",
    ),
    _reading(
        "vsm_scan_freshness_ratio",
        "min(1, expected interval / age) of a source; of all expected ones where it is empty.",
        "path",
        "source",
        unit="ratio",
    ),
    _reading(
        "vsm_novelty_ratio",
        "Good-Turing estimate of the chance that the next signal is of a kind never seen; from 20 "
        "signals on.",
        "path",
        unit="ratio",
    ),
    _reading("vsm_risk", "1 - product(1 - likelihood x impact) of open threats.", "path"),
    _reading("vsm_threats_open", "Threats reported and not yet closed.", "path"),
    _reading("vsm_forecast", "The forecast of a series, in its own unit.", "path", "series"),
    _reading("vsm_forecast_lower", "Lower bound of the forecast's interval.", "path", "series"),
    _reading("vsm_forecast_upper", "Upper bound of the forecast's interval.", "path", "series"),
    _reading(
        "vsm_forecast_mase",
        "Mean absolute scaled error of realised forecasts; below 1 beats the naive one; from 20 "
        "realised forecasts on.",
        "path",
        "series",
    ),
    _reading(
        "vsm_forecast_interval_coverage_ratio",
        "Share of realised values that fell into the interval forecast for them; from 20 "
        "realised values on.",
        "path",
        "series",
        unit="ratio",
    ),
)

SYSTEM_5 = (
    _reading(
        "vsm_policy_adherence_ratio",
        "Share of decisions that complied with their policy.",
        "path",
        unit="ratio",
    ),
    _reading(
        "vsm_identity_divergence_bits",
        "Jensen-Shannon divergence between declared purposes and operations by purpose; from 20 "
        "operations on.",
        "path",
        unit="bits",
    ),
    _reading(
        "vsm_goal_progress_ratio",
        "(value - start) / (target - start) of a declared goal.",
        "path",
        "goal",
        unit="ratio",
    ),
    _reading(
        "vsm_goal_time_ratio",
        "Share of the time from a goal's declaration to its due date that has passed.",
        "path",
        "goal",
        unit="ratio",
    ),
    _reading(
        "vsm_adaptations",
        "Adaptations that reached a stage within System 5's window.",
        "path",
        "stage",
    ),
    _reading(
        "vsm_s3_s4_balance_ratio",
        "1 - |V3 - V4| / (V3 + V4) of the variety of Systems 3 and 4.",
        "path",
        unit="ratio",
    ),
    _reading(
        "vsm_algedonic_response_seconds",
        "Mean time from raised to acknowledged, ages of open ones included.",
        "path",
        unit="seconds",
    ),
    _reading(
        "vsm_algedonic_timely_ratio",
        "Share of pain acknowledged within its recovery time; open past it counts against.",
        "path",
        unit="ratio",
    ),
)

VARIETY = (
    _reading(
        "vsm_variety_bits",
        "Shannon entropy of a stream over an hour, Miller-Madow corrected; assumes independence; "
        "absent below 5 samples a state, and where over 5% are of states seen once.",
        "path",
        "system",
        "stream",
        unit="bits",
    ),
    _reading(
        "vsm_variety_overflow_ratio",
        "Share of a stream's samples whose state came after its alphabet was full.",
        "path",
        "system",
        "stream",
        unit="ratio",
    ),
    *(
        _reading(name, text, "path", "pair", "derived", unit=unit)
        for name, text, unit in (
            (
                "vsm_variety_ratio",
                _RATIO,
                "ratio",
            ),
            ("vsm_variety_deficit_bits", "Variety that the controller lacks.", "bits"),
            (
                "vsm_variety_regulation_ratio",
                "Potential regulation: mutual information over the disturbance's entropy.",
                "ratio",
            ),
            (
                "vsm_variety_regulation_achieved_ratio",
                "Achieved regulation: 1 - H(outcome) / H(disturbance).",
                "ratio",
            ),
        )
    ),
)

ALGEDONIC = (
    _reading(
        "vsm_algedonic_open",
        "Algedonic signals that are not cleared, by the recursion level where they stand.",
        "path",
        "severity",
        "kind",
        "level",
    ),
)

ROLLUPS = (
    _reading("vsm_system_health", "Health of one of the five systems, 0-100.", "path", "system"),
    _reading(
        "vsm_system_health_coverage_ratio",
        "Weight of the health's parts that are present.",
        "path",
        "system",
        unit="ratio",
    ),
    _reading(
        "vsm_system_health_part_ratio",
        "One part of a system's health before weighting; a counted share, x of n, enters as "
        "(x+1/2)/(n+1), so that one failure of one is not zero.",
        "path",
        "system",
        "part",
        unit="ratio",
    ),
    _reading(
        "vsm_system_health_part_stale",
        "1 for a required part that is not there, so that the system's health is absent.",
        "path",
        "system",
        "part",
    ),
    _reading(
        "vsm_viability_index",
        "Fifth root of the product of the five healths times the least requisite ratio, 0-100.",
        "path",
    ),
    _reading(
        "vsm_viability_index_coverage_ratio",
        "Share of the viability index's inputs that are present.",
        "path",
        unit="ratio",
    ),
    _reading(
        "vsm_viability_limiting_system",
        "The system whose health is the least, 1 to 5.",
        "path",
    ),
    _reading(
        "vsm_viability_absent",
        "1 for a reason why there is no viability index: leaf, system-1 to system-5, variety.",
        "path",
        "reason",
    ),
    _reading(
        "vsm_recursion_depth",
        "Levels of recursion whose five systems all reported in the window.",
        "path",
    ),
    _reading(
        "vsm_reading_coverage_ratio",
        "Share of the data that a monitor's readings want which is there.",
        "path",
        "system",
        "unit",
        "monitor",
        unit="ratio",
    ),
    _reading(
        "vsm_reading_age_seconds",
        "Age of the newest data under a monitor's readings.",
        "path",
        "system",
        "unit",
        "monitor",
        unit="seconds",
    ),
)

READINGS: tuple[Family, ...] = (
    *SYSTEM_1, *SYSTEM_2, *SYSTEM_3, *SYSTEM_4, *SYSTEM_5, *VARIETY, *ALGEDONIC, *ROLLUPS,
)  # fmt: skip
