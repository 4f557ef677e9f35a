"""The supervision tree, as specs."""

from collections.abc import Callable, Mapping
from typing import Any

from exporters.endpoint import Endpoint
from exporters.prometheus import PrometheusExporter, lost
from supervision import (
    Actor,
    Address,
    Backoff,
    ChildSpec,
    MailboxPolicy,
    SupervisorSpec,
    TreeNode,
)
from vsm_actors.actors import collector, monitor, pubsub, ticker, viability_calculator
from vsm_actors.actors.algedonic_channel import AlgedonicChannel
from vsm_actors.actors.collector import MetricsCollector
from vsm_actors.actors.monitor import MonitorActor, Outlets
from vsm_actors.actors.pubsub import PubSub, Topic
from vsm_actors.actors.ticker import Ticker
from vsm_actors.actors.viability_calculator import ViabilityCalculator
from vsm_actors.app import settings
from vsm_actors.app.parts import ROOT, Parts
from vsm_actors.core.messages import Signals, Stored
from vsm_actors.core.monitor import Monitor
from vsm_actors.core.variety import VarietyCalculator
from vsm_actors.http.readiness import Readiness
from vsm_actors.http.route import Route
from vsm_actors.intake.handover import Handover
from vsm_actors.intake.host.actor import HostSource
from vsm_actors.intake.http_events.bulk import HttpEvents, answer_lost
from vsm_actors.intake.own.actor import SelfSource
from vsm_actors.intake.own.process import OwnReader
from vsm_actors.intake.statsd.actor import intake_spec
from vsm_actors.systems.catalog import SYSTEMS

BODIES = 16
"""Bodies of the greatest size that may wait to be decoded off the loop."""

FEED = 4_000
"""What may wait at an exporter: two seconds of windows and frames, then it asks for a full one."""

NOT_DURABLE = "algedonic signals are not stored: see the log for what is wrong with the disk"
"""What readiness calls the trouble of a store that fails."""

_BACKOFF = Backoff()


class Tree:
    """The specs of one daemon."""

    def __init__(self, parts: Parts) -> None:
        """Wire the tree over `parts`."""
        self._parts = parts
        self._settings = settings.monitor_settings(parts.config)
        self.monitors: Mapping[str, Address] = {
            one().name: parts.book[f"{system.supervisor}/{one().name}"]
            for system in SYSTEMS
            for one in system.monitors
        }

    def spec(
        self,
        *,
        routes: tuple[Route, ...],
        readiness: Readiness,
        snapshot: Callable[[], TreeNode],
    ) -> SupervisorSpec:
        """Return the root's spec.

        Args:
            routes: that Endpoint mounts.
            readiness: that Endpoint tells which listeners answer.
            snapshot: yields the tree, for the daemon's look at itself.
        """
        parts = self._parts
        endpoint = {"server": parts.server, "routes": routes, "readiness": readiness}
        beat = {"collector": parts.book["MetricsCollector"], "ledger": parts.ledger}
        return SupervisorSpec(
            id=ROOT,
            backoff=_BACKOFF,
            children=(
                self._pubsub(),
                self._collector(),
                *self._systems(),
                self._hosted(VarietyCalculator(**self._settings["VarietyCalculator"])),
                self._viability(),
                self._algedonic(readiness),
                self._prometheus(),
                _worker("Endpoint", Endpoint, endpoint),
                _worker("Ticker", Ticker, beat, ticker.MAILBOX),
                self._intake(snapshot),
            ),
        )

    def _pubsub(self) -> ChildSpec:
        book = self._parts.book
        windows = (
            *self.monitors.values(),
            book["VarietyCalculator"],
            book["ViabilityCalculator"],
            book["AlgedonicChannel"],
            book["PrometheusExporter"],
            *(book[f"Intake/{name}"] for name in self._sources()),
        )
        subscribers = {Topic.FRAMES: (book["PrometheusExporter"],), Topic.WINDOWS: windows}
        arguments = {"subscribers": subscribers, "ledger": self._parts.ledger}
        return _worker("PubSub", PubSub, arguments, pubsub.MAILBOX)

    def _collector(self) -> ChildSpec:
        parts = self._parts
        arguments = {
            "table": parts.table,
            "pubsub": parts.book["PubSub"],
            "ticker": parts.book["Ticker"],
            "ledger": parts.ledger,
        }
        mailbox = collector.mailbox(parts.ledger)
        return _worker("MetricsCollector", MetricsCollector, arguments, mailbox)

    def _systems(self) -> tuple[SupervisorSpec, ...]:
        return tuple(
            SupervisorSpec(
                id=system.supervisor,
                backoff=_BACKOFF,
                children=tuple(
                    self._hosted(one(**self._settings.get(one().name, {})))
                    for one in system.monitors
                ),
            )
            for system in SYSTEMS
        )

    def _hosted(self, one: Monitor[Any]) -> ChildSpec:
        parts = self._parts
        arguments = {
            "monitor": one,
            "table": parts.table,
            "outlets": self._outlets(one),
            "ledger": parts.ledger,
        }
        return _worker(one.name, MonitorActor, arguments, monitor.MAILBOX)

    def _outlets(self, one: Monitor[Any]) -> Outlets:
        book = self._parts.book
        return Outlets(
            collector=book["MetricsCollector"],
            concluded=(book["ViabilityCalculator"],),
            replays=book["AlgedonicChannel"] if one.name == "PolicyMonitor" else None,
        )

    def _viability(self) -> ChildSpec:
        parts = self._parts
        arguments = {
            "viability": settings.viability(parts.config),
            "monitors": (*self.monitors, "VarietyCalculator"),
            "table": parts.table,
            "collector": parts.book["MetricsCollector"],
            "ledger": parts.ledger,
        }
        mailbox = viability_calculator.MAILBOX
        return _worker("ViabilityCalculator", ViabilityCalculator, arguments, mailbox)

    def _algedonic(self, readiness: Readiness) -> ChildSpec:
        parts = self._parts

        def troubled(is_troubled: bool) -> None:  # noqa: FBT001 - what there is to say
            (readiness.degrade if is_troubled else readiness.recover)(NOT_DURABLE)

        arguments = {
            "store": parts.store,
            "policy": self.monitors["PolicyMonitor"],
            "collector": parts.book["MetricsCollector"],
            "table": parts.table,
            "ledger": parts.ledger,
            "troubled": troubled,
        }
        mailbox = MailboxPolicy(drain=True, on_lost=_signals_lost)
        return _worker("AlgedonicChannel", AlgedonicChannel, arguments, mailbox)

    def _prometheus(self) -> ChildSpec:
        parts = self._parts
        arguments = {
            "collector": parts.book["MetricsCollector"],
            "table": parts.table,
            "own": parts.ledger.registry,
        }
        mailbox = MailboxPolicy(limit=FEED, on_lost=lost)
        return _worker("PrometheusExporter", PrometheusExporter, arguments, mailbox)

    def _intake(self, snapshot: Callable[[], TreeNode]) -> SupervisorSpec:
        parts = self._parts
        bodies = MailboxPolicy(
            limit=BODIES * parts.config.limits.body_bytes, drain=True, on_lost=answer_lost
        )
        statsd = intake_spec(parts.keys, parts.book["MetricsCollector"], parts.ledger)
        sources = {"Host": self._host(), "Self": self._self(snapshot)}
        return SupervisorSpec(
            id="Intake",
            backoff=_BACKOFF,
            give_up=False,
            children=(
                statsd,
                _worker("HttpEvents", HttpEvents, {"decoder": parts.decoder}, bodies),
                *(sources[name] for name in self._sources()),
            ),
        )

    def _sources(self) -> tuple[str, ...]:
        return ("Host", "Self") if self._parts.config.run.source == "host" else ("Self",)

    def _host(self) -> ChildSpec:
        arguments = {
            "path": self._parts.path,
            "router": self._parts.router,
            "handover": self._handover(accepted=True),
        }
        return _worker("Host", HostSource, arguments, monitor.MAILBOX)

    def _self(self, snapshot: Callable[[], TreeNode]) -> ChildSpec:
        arguments = {
            "tree": snapshot,
            "table": self._parts.table,
            "router": self._parts.router,
            "handover": self._handover(accepted=False),
            "surroundings": OwnReader(self._parts.data),
        }
        return _worker("Self", SelfSource, arguments, monitor.MAILBOX)

    def _handover(self, *, accepted: bool) -> Handover:
        return Handover(
            collector=self._parts.book["MetricsCollector"],
            monitors=self.monitors,
            ledger=self._parts.ledger,
            accepted=accepted,
        )


def _worker(
    name: str,
    actor: type[Actor],
    arguments: Mapping[str, object],
    mailbox: MailboxPolicy | None = None,
) -> ChildSpec:
    return ChildSpec(
        id=name, actor=actor, arguments=arguments, mailbox=mailbox or MailboxPolicy(drain=True)
    )


def _signals_lost(message: object, _cause: object) -> None:
    """Answer signals that the channel crashed on: not durable, so that they are sent again."""
    if isinstance(message, Signals):
        message.reply(Stored(durable=False))
