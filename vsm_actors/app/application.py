"""The daemon's life: start, reload, drain."""

import contextlib
import fcntl
import gc
import sys
from collections.abc import Callable, Mapping

import structlog

from exporters import catalog
from supervision import StartFailed, System, SystemClock, TreeNode
from vsm_actors.app import reports
from vsm_actors.app.errors import StartError
from vsm_actors.app.parts import Parts, parts_of
from vsm_actors.app.reload import Reload
from vsm_actors.app.tree import Tree
from vsm_actors.config import Config, ConfigurationError
from vsm_actors.core.errors import CoreError
from vsm_actors.http.errors import HttpError
from vsm_actors.http.outlet import Outlet
from vsm_actors.http.readiness import Phase, Readiness
from vsm_actors.http.route import Listener, Route
from vsm_actors.intake.delivery import Delivery, Lanes
from vsm_actors.intake.http_events.decoding import BodyLimits, Decoding
from vsm_actors.intake.http_events.endpoint import EventsEndpoint
from vsm_actors.intake.statsd.allocator import keep_freed_memory
from vsm_actors.intake.statsd.errors import ListenError as StatsdListenError
from vsm_actors.intake.statsd.errors import StatsdError

SWITCH_INTERVAL = 0.0005
"""Seconds a thread may hold the interpreter while others wait: a commit's p99 under two busy
threads falls from 38 to 12 ms against the default of 5 ms."""

GC_THRESHOLD = 50_000
"""Objects that gather before a collection. With the default of 700, collections took 60 of the 180
ms that six monitors needed for 1,000 units."""

_SERVER_SECONDS = 4.0
"""Of the time for a drain, what is kept for the server thread."""

_STATSD_SECONDS = 5.0
"""Time for the StatsD listeners to open, and to hand over what they have read."""

_OTHER_FOLDER = "choose another folder with --data"

_log = structlog.get_logger(__name__)


class Application:
    """One daemon in this process. It starts once and stops once."""

    def __init__(self, config: Config, reread: Callable[[], Config]) -> None:
        """Keep the configuration, and what reads it again for a reload."""
        self._config = config
        self._reread = reread

    def start(self) -> None:
        """Open the listeners, start the tree; return once everything answers.

        Raises:
            StartError: it cannot; nothing is left open.
        """
        sys.setswitchinterval(SWITCH_INTERVAL)
        keep_freed_memory()
        with contextlib.ExitStack() as opened:
            try:
                self._build()
                self._own_folder(opened)
                self._open(opened)
                self.system.start()
            except (CoreError, HttpError, StatsdError, StartFailed, TimeoutError) as error:
                raise StartError(str(error)) from error
            self._close = opened.pop_all().close
        _settle_memory()
        self._readiness.enter(Phase.RUNNING)
        _log.info("daemon.started", **self.addresses)

    @property
    def addresses(self) -> Mapping[str, str]:
        """Where the listeners answer; "" for a disabled one."""
        urls = self._parts.server.urls
        return {
            "read": urls.get(Listener.READ, ""),
            "write": urls.get(Listener.WRITE, ""),
            "statsd": self._parts.statsd.address,
        }

    def tree(self) -> TreeNode:
        """Return a snapshot of the supervision tree; it asks no actor."""
        return self.system.tree()

    def wait(self) -> None:
        """Wait until the tree has ended, by `stop` or because its root gave up."""
        self.system.wait()

    def reload(self) -> None:
        """Read the configuration again; a wrong one changes nothing and is logged."""
        try:
            self._reload.reload()
        except ConfigurationError:
            return

    def stop(self, within: float) -> bool:
        """Take no more, process what was accepted, end; True if all threads ended in time."""
        _log.info("daemon.draining")
        self._readiness.enter(Phase.DRAINING)
        began = self._parts.clock.monotonic()
        self._stop_statsd()
        spent = self._parts.clock.monotonic() - began
        report = self.system.stop(max(1.0, within - _SERVER_SECONDS - spent))
        for one in report.unstopped:
            _log.error("daemon.not_stopped", actor=one.path, thread=one.thread, stack=one.stack)
        self._close()
        _log.info("daemon.stopped", seconds=round(report.seconds, 3))
        return self._parts.server.is_stopped and not report.unstopped

    def _build(self) -> None:
        parts = self._parts = parts_of(self._config, SystemClock())
        self._reload = Reload(self._config, self._reread, parts.ledger)
        self._readiness = Readiness(self.tree, parts.clock.monotonic)
        tree = Tree(parts)
        spec = tree.spec(
            routes=self._routes(tree),
            readiness=self._readiness,
            snapshot=self.tree,
        )
        self.system = System(spec, addresses=parts.book, clock=parts.clock, on_report=reports.log)

    def _open(self, opened: contextlib.ExitStack) -> None:
        """Open the listeners; `opened` closes what was opened."""
        parts, bind = self._parts, self._config.listen.statsd
        parts.server.start()
        opened.callback(parts.server.stop)
        if bind.is_disabled:
            return
        try:
            parts.server.bridge.run(
                lambda: parts.statsd.start(bind.host, bind.port), _STATSD_SECONDS
            )
        except StatsdListenError as error:
            raise StartError.of(error, "choose another with --statsd") from error
        opened.callback(self._stop_statsd)

    def _stop_statsd(self) -> None:
        """Stop the StatsD listeners, once they have handed over what they had read."""
        parts = self._parts
        try:
            drained = parts.server.bridge.run(parts.statsd.stop, _STATSD_SECONDS)
        except TimeoutError:
            drained = False
        if not drained:
            _log.error("daemon.statsd_not_drained")

    def _own_folder(self, opened: contextlib.ExitStack) -> None:
        """Make the data folder, and lock it against a second daemon."""
        data = self._parts.data
        try:
            data.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = opened.enter_context((data / "lock").open("ab"))
        except OSError as error:
            raise StartError.of(error, _OTHER_FOLDER) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            taken = f"{data} is in use by another vsm-run"
            raise StartError.of(taken, _OTHER_FOLDER) from error

    def _routes(self, tree: Tree) -> tuple[Route, ...]:
        parts = self._parts
        outlet = Outlet(
            bridge=parts.server.bridge,
            ledger=parts.ledger,
            clock=parts.clock,
            address=parts.book.__getitem__,
            tree=self.tree,
            tokens=lambda: next(parts.tokens),
            readiness=self._readiness,
        )
        return (*catalog.routes(outlet), self._events(parts, tree).route(), self._reload.route())

    def _events(self, parts: Parts, tree: Tree) -> EventsEndpoint:
        waiter = parts.server.bridge.waiter
        decoding = Decoding(
            parts.decoder,
            parts.book["Intake/HttpEvents"],
            waiter,
            parts.clock,
            BodyLimits(body=self._config.limits.body_bytes),
        )
        lanes = Lanes(
            collector=parts.book["MetricsCollector"],
            monitors=tree.monitors,
            algedonic=parts.book["AlgedonicChannel"],
        )
        delivery = Delivery(lanes, waiter, draining=lambda: self._readiness.is_draining)
        return EventsEndpoint(decoding=decoding, delivery=delivery, ledger=parts.ledger)


def _settle_memory() -> None:
    """Leave what has been made so far to the end of the process, and collect less often.

    State is immutable and mostly free of cycles, so that collections find little; each one holds
    all threads up.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD, 20, 100)
