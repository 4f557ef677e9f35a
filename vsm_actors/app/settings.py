"""From the configuration to what the parts take."""

import socket
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import platformdirs

from vsm_actors.config import Config
from vsm_actors.core.algedonic import SEVERITIES
from vsm_actors.core.naming import host_path, metric_name
from vsm_actors.core.series import Limits
from vsm_actors.core.variety.requisite import Pair
from vsm_actors.core.viability import Viability
from vsm_actors.core.viability.health import HealthModel
from vsm_actors.intake.statsd.rules import Rule
from vsm_actors.systems.s2_coordination.capacity import Capacity


def data_folder(config: Config) -> Path:
    """Return the folder of the embedded storage."""
    return Path(config.run.data or platformdirs.user_data_dir("vsm-telemetry"))


def default_path(config: Config) -> str:
    """Return the path of events that name none: as configured, else the host's name."""
    return config.model.path or host_path(socket.gethostname())


def limits(config: Config) -> Limits:
    """Return the cardinality caps."""
    return Limits(
        series=config.limits.series,
        metric_series=config.limits.metric_series,
        label_values=config.limits.label_values,
    )


def statsd_rules(config: Config) -> tuple[Rule, ...]:
    """Return the mapping rules, in their order."""
    return tuple(
        Rule(
            match=rule.match,
            regex=rule.kind == "regex",
            path=rule.path,
            system=rule.system or 0,
            unit=rule.unit,
            name=metric_name(rule.name),
            labels=rule.labels,
            event=rule.event,
            measurement=rule.measurement,
        )
        for rule in config.statsd.rule
    )


def monitor_settings(config: Config) -> Mapping[str, Mapping[str, Any]]:
    """Return what the configuration says to a monitor or calculator, by its name."""
    expected = {
        (source.path, source.source): float(source.expected_interval) for source in config.source
    }
    capacities = tuple(
        Capacity(
            path=one.path, origin=one.origin, to=one.to, channel=one.channel, bits=one.capacity
        )
        for one in config.channel
    )
    pairs = tuple(
        Pair(path=one.path, pair=one.pair, controller=one.controller, controlled=one.controlled)
        for one in config.variety.pair
    )
    recovery = {
        severity: float(getattr(config.algedonic.recovery, severity)) for severity in SEVERITIES
    }
    return MappingProxyType(
        {
            "PolicyMonitor": {"recovery": recovery},
            "EnvironmentScanner": {"expected": expected},
            "ChannelMonitor": {"capacities": capacities},
            "VarietyCalculator": {"pairs": pairs},
        }
    )


def viability(config: Config) -> Viability:
    """Return the roll-ups, told which paths expect to hear from sources."""
    scanned = frozenset(source.path for source in config.source)
    return Viability(model=HealthModel(scanned=scanned))
