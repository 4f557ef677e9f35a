"""IdentityManager: the purpose of a system is what it does, beside what it says it is for."""

import math
from collections import defaultdict
from dataclasses import dataclass, replace

from immutables import Map

from vsm_actors.core.reading import Reading
from vsm_actors.core.record import Event
from vsm_actors.core.state.bounded import Bounded, bounded
from vsm_actors.core.state.tally import Tally
from vsm_actors.core.statistics.divergence import jensen_shannon
from vsm_actors.core.window.view import View

UNDECLARED = ""
"""What operations serve that name no declared purpose, and what the declared shares leave over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A declared purpose.

    Attributes:
        share: of operations, 0 to 1.
        time: Unix seconds of the declaration.
    """

    share: float
    time: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What one viable system says, and what it does.

    Attributes:
        declared: by purpose.
        done: operations by the purpose that they say they serve.
        divergence: in bits, None until it is computed again.
    """

    declared: Map[str, Share]
    done: Tally
    divergence: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityState:
    """What IdentityManager remembers.

    Attributes:
        paths: by path.
        refused: purposes that a path had no room for.
    """

    paths: Bounded[str, Identity]
    refused: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityManager:
    """Jensen-Shannon divergence between declared purposes and operations by purpose (POSIWID).

    Where the declared shares sum to less than 1 the rest is "undeclared", and so is every
    operation that serves no declared purpose; where they sum to more they are scaled down.

    Attributes:
        window: seconds over which System 5 looks at what is done.
        minimum: operations below which nothing is said.
        purposes: of one path at most.
        limit: paths at most.
    """

    window: float = 30 * 86400.0
    minimum: int = 20
    purposes: int = 256
    limit: int = 10_000
    name: str = "IdentityManager"
    system: int = 5

    def initial(self) -> IdentityState:
        """Return the state of one that knows no purpose."""
        return IdentityState(paths=bounded(self.limit))

    def fold(self, state: IdentityState, event: Event) -> IdentityState:
        """Return `state` with a purpose declared; a share of 0 takes it back."""
        identity, purpose = self._of(state, event.path), event.attribute("purpose")
        known, declared = identity.declared.get(purpose), identity.declared
        if known is not None and known.time > event.time:
            return state
        if known is None and len(declared) >= self.purposes:
            return replace(state, refused=state.refused + 1)
        share = Share(share=event.measurements["share"], time=event.time)
        identity = replace(identity, declared=declared.set(purpose, share), divergence=None)
        return replace(state, paths=state.paths.put(event.path, identity))

    def observe(self, state: IdentityState, view: View) -> IdentityState:
        """Return `state` with the operations of a window, by path and purpose."""
        done: defaultdict[str, list[tuple[str, float]]] = defaultdict(list)
        for row in view.rows("vsm_operations_by_purpose_total"):
            path, _, purpose = row.series.labels
            if row.sum > 0:
                done[path].append((purpose, row.sum))
        paths = state.paths
        for path, samples in done.items():
            identity = self._of(state, path)
            tally = identity.done.add(samples, view.end)
            paths = paths.put(path, replace(identity, done=tally, divergence=None))
        return state if paths is state.paths else replace(state, paths=paths)

    def conclude(
        self, state: IdentityState, now: float
    ) -> tuple[IdentityState, tuple[Reading, ...]]:
        """Return the divergence of every path that declared a purpose and did enough."""
        readings: list[Reading] = []
        paths = state.paths
        for path, identity in state.paths.items():
            current = self._advance(identity, now)
            if current is not identity:
                unknown = current.done.empty and not current.declared
                paths = paths.without(path) if unknown else paths.put(path, current)
            if current.divergence is not None and not math.isnan(current.divergence):
                readings.append(_reading(path, current, current.divergence, now))
        return replace(state, paths=paths), tuple(readings)

    def refused(self, state: IdentityState) -> int:
        """Return how many paths and purposes the bounds have refused."""
        return state.refused + state.paths.refused

    def _of(self, state: IdentityState, path: str) -> Identity:
        nothing = Tally(window=self.window, cap=self.purposes)
        return state.paths.get(path) or Identity(declared=Map(), done=nothing)

    def _advance(self, identity: Identity, now: float) -> Identity:
        done = identity.done.advance(now)
        if done is identity.done and identity.divergence is not None:
            return identity
        meant = intended(identity.declared)
        enough = meant and done.n >= self.minimum
        divergence = jensen_shannon(meant, practised(done, meant)) if enough else math.nan
        return replace(identity, done=done, divergence=divergence)


def intended(declared: Map[str, Share]) -> dict[str, float]:
    """Return the declared distribution, what it leaves over undeclared; empty without shares."""
    shares = {purpose: one.share for purpose, one in declared.items() if one.share > 0}
    if not shares:
        return {}
    rest = 1.0 - math.fsum(shares.values())
    return {**shares, UNDECLARED: rest} if rest > 0 else shares


def practised(done: Tally, meant: dict[str, float]) -> dict[str, float]:
    """Return the operations by declared purpose, all others undeclared."""
    counts: defaultdict[str, float] = defaultdict(float)
    for purpose, weight in done.counts.items():
        counts[purpose if purpose in meant else UNDECLARED] += weight
    return counts


def _reading(path: str, identity: Identity, divergence: float, now: float) -> Reading:
    done = identity.done
    return Reading(
        family="vsm_identity_divergence_bits",
        labels={"path": path},
        value=divergence,
        n=round(done.n),
        coverage=max(0.0, 1.0 - done[UNDECLARED] / done.n),
        age=max(0.0, now - done.newest),
    )
