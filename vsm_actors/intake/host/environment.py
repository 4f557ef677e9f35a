"""What a look tells System 4 about the host's environment. Pure."""

from collections.abc import Iterator, Mapping

from vsm_actors.intake.facts import Fact, Teller
from vsm_actors.intake.host.sample import Outside, Sample

MOST_PORTS = 32
"""Ports named in each direction; a host that scans others has thousands, which are one signal."""


def environment(tell: Teller, before: Outside | None, sample: Sample) -> Iterator[Fact]:
    """Say how links, peers and the mains are, as far as the look went.

    The signals are ``link.<interface>`` (1 up, 0 down), ``inbound.<port>`` and
    ``outbound.<port>`` (remote addresses connected; 0 once when they have gone), and ``mains``
    (1 there, 0 not).

    Args:
        tell: words the facts.
        before: the newest look at the outside before this one.
        sample: this look.
    """
    for nic in sample.nics:
        yield tell.scanned("network", f"link.{nic.name}", nic.up, "up" if nic.up else "down")
    if sample.outside is None:
        return
    for way, then, now in (
        ("inbound", before and before.inbound, sample.outside.inbound),
        ("outbound", before and before.outbound, sample.outside.outbound),
    ):
        if now is not None:
            gone = dict.fromkeys(then or (), 0)
            yield from _peers(tell, way, {**gone, **now})
    mains = sample.outside.mains
    if mains is not None:
        yield tell.scanned("power", "mains", mains, "plugged" if mains else "unplugged")


def _peers(tell: Teller, way: str, peers: Mapping[int, int]) -> Iterator[Fact]:
    ranked = sorted(peers, key=lambda port: (-peers[port], port))
    for port in ranked[:MOST_PORTS]:
        yield tell.scanned("network", f"{way}.{port}", peers[port])
    rest = sum(peers[port] for port in ranked[MOST_PORTS:])
    if rest:
        yield tell.scanned("network", f"{way}.other", rest)
