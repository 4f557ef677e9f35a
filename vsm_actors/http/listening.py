"""Addresses to listen on, and the sockets bound to them."""

import ipaddress
import socket
from dataclasses import dataclass

from vsm_actors.http.errors import InvalidAddressError, ListenError
from vsm_actors.http.route import Listener

BACKLOG = 1_024
"""Connections that the kernel holds while the loop is busy: 1,000 clients may come at once."""

_PORTS = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Bind:
    """One listener's address.

    Attributes:
        listener: what is served there.
        host: an address or a name; "" is every interface.
        port: 0 picks a free one.
        flag: the flag that changes the address, for the error of a taken one.
    """

    listener: Listener
    host: str
    port: int
    flag: str

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def bind_of(listener: Listener, address: str, flag: str) -> Bind | None:
    """Read ``HOST:PORT``; None where `address` is empty, which disables the listener.

    Raises:
        InvalidAddressError: it is neither.
    """
    if not address:
        return None
    host, colon, port = address.rpartition(":")
    bare = host.removeprefix("[").removesuffix("]")
    if not colon or not port.isascii() or not port.isdecimal() or int(port) >= _PORTS:
        raise InvalidAddressError(flag, address)
    if ":" in bare and bare == host:
        # Without brackets nobody can tell an IPv6 address's last group from the port.
        raise InvalidAddressError(flag, address)
    return Bind(listener=listener, host=bare, port=int(port), flag=flag)


def listen(bind: Bind) -> socket.socket:
    """Return a bound, listening socket.

    Raises:
        ListenError: the address is taken, not ours, or not allowed.
    """
    try:
        family, *_, address = socket.getaddrinfo(
            bind.host or "0.0.0.0",  # noqa: S104  every interface is what an empty host asks for
            bind.port,
            type=socket.SOCK_STREAM,
            flags=socket.AI_PASSIVE,
        )[0]
        return socket.create_server(
            (str(address[0]), bind.port),
            family=family,
            backlog=BACKLOG,
            dualstack_ipv6=bind.host == "::" and socket.has_dualstack_ipv6(),
        )
    except OSError as error:
        raise ListenError(bind.flag, str(bind), error.strerror or str(error)) from error


def url_of(sock: socket.socket) -> str:
    """Return the URL under which this machine reaches a listening socket."""
    host, port = sock.getsockname()[:2]
    address = ipaddress.ip_address(host)
    if address.is_unspecified:
        host = "127.0.0.1" if address.version == 4 else "::1"  # noqa: PLR2004  IP's version
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
