"""Reading the configuration again: validated first, then swapped whole."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping

import msgspec
import structlog
from aiohttp import web

from vsm_actors import logs
from vsm_actors.config import Config, ConfigurationError
from vsm_actors.core.ledger import Ledger
from vsm_actors.http.answers import json_answer
from vsm_actors.http.problems import problem
from vsm_actors.http.route import Listener, Role, Route

LIVE = frozenset({"run.log_format", "run.log_level"})
"""Keys that take effect at once; every other one needs a restart."""

_log = structlog.get_logger(__name__)


class Reload:
    """Holds the configuration that is in force."""

    def __init__(self, config: Config, reread: Callable[[], Config], ledger: Ledger) -> None:
        """Begin with `config`.

        Args:
            config: in force.
            reread: reads it again; raises `ConfigurationError`.
            ledger: told whether the last reload was taken.
        """
        self._config = config
        self._reread = reread
        self._ledger = ledger
        self._lock = threading.Lock()
        ledger.set("vsm_run_config_last_reload_successful", 1.0)

    def reload(self) -> tuple[str, ...]:
        """Take the configuration as it is now, and return the changed keys that need a restart.

        Raises:
            ConfigurationError: it is wrong; nothing has changed.
        """
        with self._lock:
            try:
                config = self._reread()
            except ConfigurationError as error:
                self._ledger.set("vsm_run_config_last_reload_successful", 0.0)
                _log.error("config.reload_refused", problems=[str(one) for one in error.problems])
                raise
            changed = tuple(_changed(self._config, config))
            self._config = config
            logs.configure(config.run.log_format, config.run.log_level)
            self._ledger.set("vsm_run_config_last_reload_successful", 1.0)
            waiting = tuple(sorted(set(changed) - LIVE))
            _log.info("config.reloaded", changed=changed, restart_required=waiting)
            return waiting

    def route(self) -> Route:
        """Return ``POST /-/reload``."""
        return Route(
            listener=Listener.READ,
            method="POST",
            path="/-/reload",
            handler=self._answer,
            role=Role.OPERATE,
            summary="Read the configuration again; a wrong one changes nothing.",
        )

    async def _answer(
        self, request: web.Request, _parameters: Mapping[str, str]
    ) -> web.StreamResponse:
        try:
            waiting = await asyncio.to_thread(self.reload)
        except ConfigurationError as error:
            errors = [str(one) for one in error.problems]
            return problem(400, "Configuration refused", "nothing was changed", errors=errors)
        return json_answer(request, {"restart_required": waiting})


def _changed(old: Config, new: Config) -> Iterator[str]:
    """Yield the dotted keys whose values differ."""
    for section in msgspec.structs.fields(Config):
        before, after = getattr(old, section.name), getattr(new, section.name)
        if not isinstance(before, msgspec.Struct):
            if before != after:
                yield section.encode_name
            continue
        for field in msgspec.structs.fields(type(before)):
            if getattr(before, field.name) != getattr(after, field.name):
                yield f"{section.encode_name}.{field.encode_name}"
