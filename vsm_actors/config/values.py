"""The kinds of value that a configuration holds besides words and numbers."""

import re
from collections.abc import Mapping

_UNITS: Mapping[str, float] = {
    "ms": 0.001,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
    "d": 86400.0,
    "w": 604800.0,
}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w)")
_PORTS = range(65536)
_ADDRESS = "{!r} is no address; write HOST:PORT, or nothing to disable it"
_LENGTH = "{!r} is no duration of more than 0; write 30s, 5m, 1h or 15d"


class Duration(float):
    """Seconds, written ``30s``, ``5m``, ``1h``, ``15d``."""

    __slots__ = ()

    def __str__(self) -> str:
        """Return it as it is written, in the greatest unit that leaves it whole."""
        for name in ("w", "d", "h", "m", "s"):
            if self % _UNITS[name] == 0:
                return f"{self / _UNITS[name]:.0f}{name}"
        return f"{self * 1000:g}ms"


class Bind(str):
    """An address to listen on, written ``HOST:PORT``; port 0 picks a free one, "" opens nothing."""

    __slots__ = ()

    @property
    def is_disabled(self) -> bool:
        """Whether nothing is opened."""
        return not self

    @property
    def host(self) -> str:
        """The host without the brackets of IPv6."""
        return self.rpartition(":")[0].removeprefix("[").removesuffix("]")

    @property
    def port(self) -> int:
        """The port, 0 to 65535."""
        return int(self.rpartition(":")[2])

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it; true where nothing is opened."""
        return not self or self.host in {"localhost", "::1"} or self.host.startswith("127.")


def parse_duration(text: object) -> Duration:
    """Return the seconds of a duration.

    Raises:
        ValueError: it is not one, or not more than 0.
    """
    found = _DURATION.fullmatch(text) if isinstance(text, str) else None
    seconds = float(found[1]) * _UNITS[found[2]] if found else 0.0
    if not seconds > 0:
        raise ValueError(_LENGTH.format(text))
    return Duration(seconds)


def parse_bind(text: object) -> Bind:
    """Return the address that `text` names.

    Raises:
        ValueError: it is neither ``HOST:PORT`` nor empty.
    """
    if not isinstance(text, str) or (text and not _is_address(text)):
        raise ValueError(_ADDRESS.format(text))
    return Bind(text)


def _is_address(text: str) -> bool:
    host, _, port = text.rpartition(":")
    # Without brackets nobody can tell the last group of an IPv6 address from the port.
    is_clear = ":" not in host or (host.startswith("[") and host.endswith("]"))
    return bool(host) and is_clear and port.isascii() and port.isdecimal() and int(port) in _PORTS
