"""Who may be addressed and who may ask: the Host and Origin headers, judged.

A page of another site must not reach the daemon through a visitor's browser, neither by a name that
it rebinds to a loopback address (Host) nor by posting across sites (Origin).
"""

import ipaddress
from collections.abc import Collection
from functools import lru_cache

from yarl import URL


def host_allowed(host: str, names: Collection[str]) -> bool:
    """Tell whether a Host header names this daemon.

    An IP address cannot be rebound by a foreign name server, so every one is taken, whatever the
    port (a forwarded port differs from the one listened on). Names are taken when they are
    ``localhost`` or below it, or configured.

    Args:
        host: the header, ``name``, ``name:port`` or ``[v6]:port``.
        names: the names that are configured, in lower case.
    """
    name = _name(host)
    if name is None:
        return False
    return name == "localhost" or name.endswith(".localhost") or name in names or _is_ip(name)


def origin_allowed(origin: str | None, host: str, site: str | None) -> bool:
    """Tell whether an unsafe request may come from where its browser says it comes from.

    Args:
        origin: the Origin header; None where there is none, as from every client but a browser.
        host: the Host header.
        site: the Sec-Fetch-Site header; a browser that sends it vouches for it.
    """
    if site is not None and site not in {"same-origin", "none"}:
        return False
    if origin is None:
        return True
    scheme, slashes, authority = origin.partition("://")
    return bool(slashes) and scheme in {"http", "https"} and authority.lower() == host.lower()


@lru_cache(maxsize=1024)
def _name(host: str) -> str | None:
    if not host or any(one in host for one in "/@?#\\") or not host.isprintable():
        return None
    try:
        return (URL(f"http://{host}").host or "").lower().rstrip(".") or None
    except ValueError:
        return None


def _is_ip(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
