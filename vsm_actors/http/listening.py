"""Addresses to listen on, and the sockets bound to them."""

import ipaddress
import socket
from dataclasses import dataclass

from vsm_actors.http.errors import ListenError
from vsm_actors.http.route import Listener

BACKLOG = 1_024
"""Connections that the kernel holds while the loop is busy: 1,000 clients may come at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
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


def listen(binding: Binding) -> socket.socket:
    """Return a bound, listening socket.

    Raises:
        ListenError: the address is taken, not ours, or not allowed.
    """
    try:
        family, *_, address = socket.getaddrinfo(
            binding.host or "0.0.0.0",  # noqa: S104  every interface is what an empty host asks for
            binding.port,
            type=socket.SOCK_STREAM,
            flags=socket.AI_PASSIVE,
        )[0]
        return socket.create_server(
            (str(address[0]), binding.port),
            family=family,
            backlog=BACKLOG,
            dualstack_ipv6=binding.host == "::" and socket.has_dualstack_ipv6(),
        )
    except OSError as error:
        raise ListenError(binding.flag, str(binding), error.strerror or str(error)) from error


def url_of(sock: socket.socket) -> str:
    """Return the URL under which this machine reaches a listening socket."""
    host, port = sock.getsockname()[:2]
    address = ipaddress.ip_address(host)
    if address.is_unspecified:
        host = "127.0.0.1" if address.version == 4 else "::1"  # noqa: PLR2004  IP's version
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
