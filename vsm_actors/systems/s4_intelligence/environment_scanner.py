"""EnvironmentScanner: how freshly the outside was heard, and how much of it is new."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeAlias

from vsm_actors.core.naming import OVERFLOW
from vsm_actors.core.reading import Reading
from vsm_actors.core.record import Event
from vsm_actors.core.state.account import Account, account
from vsm_actors.core.state.bounded import Bounded, bounded
from vsm_actors.core.state.conclusion import age, conclude
from vsm_actors.core.state.tally import Tally
from vsm_actors.core.window.view import View

Source: TypeAlias = tuple[str, str]
"""Path, and where one looks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinds:
    """The kinds of signals that one viable system heard.

    Attributes:
        tally: how often each (source, signal, state) came.
        unseen: Good-Turing's unseen mass, None until it is computed again.
    """

    tally: Tally
    unseen: float | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing is left in the window."""
        return self.tally.empty

    @property
    def newest(self) -> float:
        """Unix seconds of the newest signal."""
        return self.tally.newest

    def advance(self, now: float) -> "Kinds":
        """Return the kinds without what left the window, their unseen mass known."""
        tally = self.tally.advance(now)
        if tally is self.tally and self.unseen is not None:
            return self
        return Kinds(tally=tally, unseen=unseen_mass(tally))


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannerState:
    """What EnvironmentScanner remembers.

    Attributes:
        sources: times heard within the window, by path and source.
        heard: Unix seconds at which a source was last heard, kept beyond the window.
        kinds: the kinds of signals, by path.
    """

    sources: Bounded[Source, Account]
    heard: Bounded[Source, float]
    kinds: Bounded[str, Kinds]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentScanner:
    """Age and freshness of every source, and the novelty of what they say.

    Freshness (a construct) is min(1, expected interval / age). That of a path is the geometric
    mean over its expected sources, absent while one of them was never heard.

    Attributes:
        expected: seconds between two looks at a source, by path and source.
        window: seconds over which System 4 looks.
        memory: windows after which a source that fell silent is forgotten, unless expected.
        minimum: signals below which novelty is withheld.
        kinds: different signals of a path at most; later ones are counted as one.
        limit: sources and paths at most, each.
    """

    expected: Mapping[Source, float] = field(default_factory=lambda: MappingProxyType({}))
    window: float = 7 * 86400.0
    memory: float = 4.0
    minimum: int = 20
    kinds: int = 1_000
    limit: int = 10_000
    name: str = "EnvironmentScanner"
    system: int = 4

    def initial(self) -> ScannerState:
        """Return the state of one that has heard nothing."""
        limit = self.limit
        return ScannerState(sources=bounded(limit), heard=bounded(limit), kinds=bounded(limit))

    def fold(self, state: ScannerState, event: Event) -> ScannerState:
        """Return `state` with a signal, or with a change that a source gave notice of."""
        source = (event.path, event.attribute("source"))
        if source[1]:
            cell = state.sources.get(source) or account(self.window, 1)
            heard = max(event.time, state.heard.get(source) or event.time)
            state = replace(
                state,
                sources=state.sources.put(source, cell.enter(event.arrival, 1.0)),
                heard=state.heard.put(source, heard),
            )
        if event.name != "environment.scanned":
            return state
        kind = "/".join((source[1], event.attribute("signal"), event.attribute("state")))
        kinds = state.kinds.get(event.path)
        tally = kinds.tally if kinds else Tally(window=self.window, cap=self.kinds)
        more = Kinds(tally=tally.add([(kind, 1.0)], event.arrival))
        return replace(state, kinds=state.kinds.put(event.path, more))

    def observe(self, state: ScannerState, view: View) -> ScannerState:  # noqa: ARG002 - the protocol's
        """Return `state`: signals come on the event lane."""
        return state

    def conclude(self, state: ScannerState, now: float) -> tuple[ScannerState, tuple[Reading, ...]]:
        """Return age and freshness of every source, and the novelty of every path."""
        silent = [
            source
            for source, when in state.heard.items()
            if now - when > self.memory * self.window and source not in self.expected
        ]
        sources, _ = conclude(state.sources, now, _silence)
        kinds, readings = conclude(state.kinds, now, self._novelty)
        state = ScannerState(sources=sources, heard=state.heard.without(*silent), kinds=kinds)
        readings += self._ages(state, now)
        readings += self._freshness(state, now)
        return state, tuple(readings)

    def refused(self, state: ScannerState) -> int:
        """Return how many sources and paths the bounds have refused."""
        return state.sources.refused + state.heard.refused + state.kinds.refused

    def _novelty(self, path: str, kinds: Kinds, now: float) -> Iterator[Reading]:
        tally, unseen = kinds.tally, kinds.unseen
        if unseen is not None and tally.n >= self.minimum:
            yield Reading(
                family="vsm_novelty_ratio",
                labels={"path": path},
                value=unseen,
                n=round(tally.n),
                coverage=1.0 - tally.overflow / tally.n,
                age=age(kinds, now),
            )

    def _ages(self, state: ScannerState, now: float) -> Iterator[Reading]:
        for source, when in state.heard.items():
            cell, old = state.sources.get(source), max(0.0, now - when)
            n = 0 if cell is None else round(cell.total(now)[0])
            labels = {"path": source[0], "source": source[1]}
            yield Reading(family="vsm_scan_age_seconds", labels=labels, value=old, n=n, age=old)

    def _freshness(self, state: ScannerState, now: float) -> Iterator[Reading]:
        family = "vsm_scan_freshness_ratio"
        fresh: defaultdict[str, list[float]] = defaultdict(list)
        ages: defaultdict[str, float] = defaultdict(lambda: math.inf)
        wanted: defaultdict[str, int] = defaultdict(int)
        for (path, source), interval in self.expected.items():
            wanted[path] += 1
            when = state.heard.get((path, source))
            if when is not None:
                old = max(0.0, now - when)
                share = 1.0 if old <= interval else interval / old
                fresh[path].append(share)
                ages[path] = min(ages[path], old)
                labels = {"path": path, "source": source}
                yield Reading(family=family, labels=labels, value=share, n=1, age=old)
        for path, shares in fresh.items():
            if len(shares) == wanted[path]:
                mean = math.exp(math.fsum(map(math.log, shares)) / len(shares))
                labels = {"path": path, "source": ""}
                yield Reading(
                    family=family, labels=labels, value=mean, n=len(shares), age=ages[path]
                )


def unseen_mass(tally: Tally) -> float | None:
    """Return the chance that the next sample is of a state never seen, None without samples.

    States seen once over samples (Good, 1953, after Turing). What the cap of the alphabet folded
    together counts among the samples, never among the states seen once.
    """
    once = sum(weight == 1.0 for state, weight in tally.counts.items() if state != OVERFLOW)
    return once / tally.n if tally.n else None


def _silence(_source: Source, _cell: Account, _now: float) -> tuple[Reading, ...]:
    return ()
