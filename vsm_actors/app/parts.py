"""What is not an actor: made once, before the tree, and outliving every incarnation in it."""

import itertools
import platform
import threading
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from supervision import AddressBook, Clock
from vsm_actors.actors.algedonic_store import AlgedonicStore
from vsm_actors.actors.ledger import PrometheusLedger
from vsm_actors.app import settings
from vsm_actors.config import Config
from vsm_actors.core.ledger import Ledger
from vsm_actors.core.routing import Router
from vsm_actors.core.series import SeriesTable
from vsm_actors.http.listening import Binding
from vsm_actors.http.route import Listener
from vsm_actors.http.server import ServerSettings, ServerThread
from vsm_actors.intake.events.decoder import Decoder
from vsm_actors.intake.events.duplicates import Duplicates
from vsm_actors.intake.events.rules import Rules
from vsm_actors.intake.statsd.keys import Keys
from vsm_actors.intake.statsd.server import StatsdServer

ROOT = "vsm_telemetry"

DRAIN_SECONDS = 1.5
"""For requests in flight at the end: all actors have stopped by then, so no answer comes later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The daemon's parts, wired to addresses that exist before their actors do."""

    config: Config
    clock: Clock
    path: str
    data: Path
    book: AddressBook
    ledger: PrometheusLedger
    table: SeriesTable
    router: Router
    decoder: Decoder
    keys: Keys
    store: AlgedonicStore
    server: ServerThread
    statsd: StatsdServer
    tokens: "itertools.count[int]"


def parts_of(config: Config, clock: Clock) -> Parts:
    """Make the parts; nothing runs or listens yet.

    Raises:
        InvalidPathError: the default path does not follow the grammar.
        RuleError: a StatsD rule cannot work.
    """
    path, data = settings.default_path(config), settings.data_folder(config)
    book = AddressBook(ROOT)
    ledger = PrometheusLedger()
    _introduce(ledger, clock.time())
    table = SeriesTable(settings.limits(config), threading.Lock())
    rules = Rules(default_path=path)
    return Parts(
        config=config,
        clock=clock,
        path=path,
        data=data,
        book=book,
        ledger=ledger,
        table=table,
        router=Router(table),
        decoder=Decoder(table, rules, Duplicates(threading.Lock())),
        keys=Keys(table, threading.Lock(), default_path=path, rules=settings.statsd_rules(config)),
        store=AlgedonicStore(data / "algedonic.db"),
        server=ServerThread(_bindings(config), ledger=ledger, settings=_server_settings(config)),
        statsd=StatsdServer(book["Intake/StatsD"], ledger, clock),
        tokens=itertools.count(1),
    )


def _bindings(config: Config) -> tuple[Binding, ...]:
    wanted = (
        (Listener.READ, config.listen.read, "--listen"),
        (Listener.WRITE, config.listen.write, "--ingest"),
    )
    return tuple(
        Binding(listener=listener, host=bind.host, port=bind.port, flag=flag)
        for listener, bind, flag in wanted
        if not bind.is_disabled
    )


def _server_settings(config: Config) -> ServerSettings:
    hosts = {bind.host.lower() for bind in (config.listen.read, config.listen.write) if bind}
    return ServerSettings(
        hosts=frozenset(hosts), body_bytes=config.limits.body_bytes, drain=DRAIN_SECONDS
    )


def _introduce(ledger: Ledger, now: float) -> None:
    """Write which build this is and since when it runs, Unix seconds, into the books."""
    build = {"version": version("vsm-telemetry"), "python": platform.python_version()}
    ledger.set("vsm_run_build_info", 1.0, **build)
    ledger.set("vsm_run_start_time_seconds", now)
