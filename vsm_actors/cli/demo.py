"""``vsm-run demo``: the daemon, and a simulated organisation that reports to it as any would."""

import random
import threading
import time
from collections.abc import Mapping

import structlog

from vsm_actors.cli import daemon
from vsm_actors.cli.arguments import Arguments
from vsm_actors.cli.wire import Wire
from vsm_actors.demo import Life, Pace, Tempo

_TICK = 0.05
"""Real seconds between two requests at least: what is due within them goes out together."""

_JOIN = 3.0
"""Seconds for the last request, which may take two, to end."""

_log = structlog.get_logger(__name__)


def run(arguments: Arguments) -> int:
    """Run the daemon with the organisation beside it; return its exit code."""
    return daemon.run(arguments, Demo(seed=arguments.seed, speed=arguments.speed))


class Demo:
    """Lives the organisation's life in a thread of its own, as fast as it is told to."""

    def __init__(self, *, seed: int, speed: float) -> None:
        """Keep the seed of all chance, and simulated seconds in a real one, above 0."""
        self._seed = seed
        self._speed = speed
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, addresses: Mapping[str, str]) -> None:
        """Begin to report to a daemon that answers at `addresses`."""
        wire = Wire(addresses["write"], addresses["statsd"])
        if not addresses["write"]:
            _log.warning("demo.without_events", reason="the write listener is disabled")
        if not addresses["statsd"]:
            _log.warning("demo.without_statsd", reason="the StatsD listener is disabled")
        self._thread = threading.Thread(
            target=self._live, args=(wire,), name="vsm-demo", daemon=True
        )
        self._thread.start()
        _log.info("demo.started", seed=self._seed, speed=self._speed)

    def stop(self) -> None:
        """Fall silent, and wait until nothing is on its way; at most for three seconds."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(_JOIN)

    def _live(self, wire: Wire) -> None:
        began = time.time()
        life = Life(Pace(run=f"{int(began * 1000):x}", began=began, speed=self._speed))
        dice = random.Random(self._seed)  # noqa: S311 - a story, not a secret
        tempo = Tempo(speed=self._speed, start=time.monotonic())
        while not self._stopping.is_set():
            tempo, seconds = tempo.advance(time.monotonic())
            reports = [life.events_at(second, dice) for second in seconds]
            wire.send(
                [event for report in reports for event in report.events],
                [line for report in reports for line in report.lines],
            )
            self._stopping.wait(max(_TICK, tempo.due - time.monotonic()))
        wire.close()
        _log.info(
            "demo.stopped",
            simulated_seconds=tempo.following,
            paused_seconds=round(tempo.paused, 3),
            **wire.counts(),
        )
