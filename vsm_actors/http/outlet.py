"""What an exporter's routes are given."""

from collections.abc import Callable
from dataclasses import dataclass

from supervision import Address, Clock, TreeNode
from vsm_actors.core.ledger import Ledger
from vsm_actors.http.bridge import Bridge
from vsm_actors.http.readiness import Readiness


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """The wiring between the routes and the actors, made by the composition root.

    Attributes:
        bridge: the server thread's, for answers of actors.
        ledger: the daemon's own books.
        clock: the time.
        address: yields the address of the actor at a path below the root.
        tree: yields a snapshot of the supervision tree; asks no actor.
        tokens: yields a new token for a `Sync`; whoever syncs shares it.
        readiness: what the probes of an orchestrator are told.
    """

    bridge: Bridge
    ledger: Ledger
    clock: Clock
    address: Callable[[str], Address]
    tree: Callable[[], TreeNode]
    tokens: Callable[[], int]
    readiness: Readiness
