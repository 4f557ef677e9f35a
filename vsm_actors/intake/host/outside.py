"""Looks at the host's environment: who is connected from where, and whether the mains are there."""

from collections import Counter, defaultdict
from collections.abc import Mapping

import psutil

from vsm_actors.intake.gaps import attempt
from vsm_actors.intake.host.sample import Outside

_LOOPBACK = ("127.", "::1", "::ffff:127.")


def read_outside(gaps: Counter[str]) -> Outside:
    """Return the environment as the host's own tables show it. It costs some 15 ms."""
    connections = attempt(lambda: psutil.net_connections("tcp"), gaps)
    battery = attempt(lambda: psutil.sensors_battery(), gaps)  # noqa: PLW0108 - the name itself is missing on some platforms
    mains = None if battery is None or battery.power_plugged is None else battery.power_plugged
    if connections is None:
        return Outside(mains=mains)
    ends = [
        (*one.laddr, *(one.raddr or ("", 0)))
        for one in connections
        if one.laddr and one.status in {psutil.CONN_LISTEN, psutil.CONN_ESTABLISHED}
    ]
    inbound, outbound = count_peers(ends)
    return Outside(inbound=inbound, outbound=outbound, mains=mains)


def count_peers(
    ends: list[tuple[str, int, str, int]],
) -> tuple[Mapping[int, int], Mapping[int, int]]:
    """Count remote addresses by port, inbound (none is 0) and outbound. Pure.

    Args:
        ends: local address and port, remote address ("" for one that listens) and port.
    """
    listening = {port for _, port, remote, _ in ends if not remote}
    open_to_all = {
        port for local, port, remote, _ in ends if not remote and not local.startswith(_LOOPBACK)
    }
    inbound: defaultdict[int, set[str]] = defaultdict(set, {port: set() for port in open_to_all})
    outbound: defaultdict[int, set[str]] = defaultdict(set)
    for local, port, remote, remote_port in ends:
        if not remote or remote == local or remote.startswith(_LOOPBACK):
            continue
        if port in listening:
            inbound[port].add(remote)
        else:
            outbound[remote_port].add(remote)
    return _sizes(inbound), _sizes(outbound)


def _sizes(sets: Mapping[int, set[str]]) -> dict[int, int]:
    return {port: len(members) for port, members in sorted(sets.items())}
