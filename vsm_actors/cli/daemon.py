"""``vsm-run`` without a command: the daemon, from start to drain."""

import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

import structlog

from vsm_actors import logs
from vsm_actors.app import Application, StartError
from vsm_actors.cli.arguments import Arguments, flags_of
from vsm_actors.cli.exits import FAILURE, USAGE
from vsm_actors.cli.signals import GAVE_UP, Signals
from vsm_actors.config import Config, ConfigurationError, Problem, load

_DRAIN_SECONDS = 10.0

_OPEN = (
    "a listener is not loopback and this version has no access tokens; "
    "false lets everybody in who can reach it"
)

_log = structlog.get_logger(__name__)


def run(arguments: Arguments) -> int:
    """Run until a signal says to stop; return 0 after a drain, 1 or 2 as `main` says."""
    path = None if arguments.config is None else Path(arguments.config)

    def read() -> tuple[Config, tuple[str, ...]]:
        config, unknown = load(path, os.environ, flags_of(arguments))
        refuse_open_doors(config)
        return config, unknown

    try:
        config, unknown = read()
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return USAGE
    logs.configure(config.run.log_format, config.run.log_level)
    for name in unknown:
        _log.warning("config.variable_unknown", variable=name)
    for section in without_effect(config):
        _log.warning("config.without_effect", section=section)
    signals = Signals()
    application = Application(config, reread=lambda: read()[0])
    try:
        application.start()
    except StartError as error:
        print(f"vsm-run: {error}", file=sys.stderr)
        return FAILURE
    if not config.listen.statsd.is_loopback:
        _log.warning("statsd.unprotected", address=application.addresses["statsd"])
    _announce(application.addresses, arguments.ready_file)
    return _serve(application, signals)


def refuse_open_doors(config: Config) -> None:
    """Refuse listeners that anybody can reach, unless that is said to be wanted.

    Raises:
        ConfigurationError: a listener is not loopback and ``auth.required`` is not false.
    """
    if config.auth.required:
        raise _doors("true", "access tokens are not part of this version; keep to loopback")
    doors = (config.listen.read, config.listen.write)
    if config.auth.required is None and not all(door.is_loopback for door in doors):
        raise _doors("unset", _OPEN)


def without_effect(config: Config) -> tuple[str, ...]:
    """Return the sections that are set and that this version does not act on yet."""
    default = Config()
    sections = {"webhook": config.webhook, "history": config.history}
    return tuple(name for name, value in sections.items() if value != getattr(default, name))


def _doors(value: str, reason: str) -> ConfigurationError:
    problem = Problem(where="configuration", key="auth.required", reason=f"is {value}: {reason}")
    return ConfigurationError((problem,))


def _announce(addresses: Mapping[str, str], ready_file: str | None) -> None:
    for name, address in addresses.items():
        print(f"{name:<7} {address or 'disabled'}", flush=True)
    if ready_file is not None:
        document = json.dumps({**addresses, "pid": os.getpid()})
        beside = Path(f"{ready_file}.part")
        beside.write_text(document, encoding="utf-8")
        beside.replace(ready_file)  # whoever waits for the file never sees half of it


def _serve(application: Application, signals: Signals) -> int:
    """Reload on SIGHUP, drain on what says to stop."""
    signals.watch(application.wait)
    while (heard := signals.next()) == signal.SIGHUP:
        application.reload()
    if heard == GAVE_UP:
        _log.error("daemon.root_gave_up")
        os._exit(FAILURE)
    stopped = application.stop(_DRAIN_SECONDS)
    sys.stdout.flush()
    sys.stderr.flush()
    if not stopped:
        # A thread that does not end would hold up the interpreter's own exit.
        os._exit(0)
    return 0
