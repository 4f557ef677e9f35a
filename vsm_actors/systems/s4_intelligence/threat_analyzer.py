"""ThreatAnalyzer: how much of the organisation's future the open threats put at risk."""

from dataclasses import dataclass, replace

from immutables import Map

from vsm_actors.core.reading import Reading
from vsm_actors.core.record import Event
from vsm_actors.core.state.bounded import Bounded, bounded
from vsm_actors.core.window.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Threat:
    """One open threat.

    Attributes:
        risk: likelihood times impact, 0 to 1.
        time: Unix seconds of its latest report.
    """

    risk: float
    time: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """The threats to one viable system.

    Attributes:
        threats: the open ones, by id.
        newest: Unix seconds of the latest report, of a closing one too.
        risk: of all together, or None until it is computed again.
    """

    threats: Map[str, Threat]
    newest: float
    risk: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreatState:
    """What ThreatAnalyzer remembers.

    Attributes:
        paths: the outlook per path.
        open: threats in all, for the bound.
        refused: threats that the bound refused.
    """

    paths: Bounded[str, Outlook]
    open: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreatAnalyzer:
    """Risk 1 - product(1 - likelihood x impact) of open threats, taken as independent.

    Attributes:
        window: seconds after which a path without open threats is forgotten (System 4's).
        limit: open threats in all, and paths, at most: beyond ten thousand nobody looks at each.
    """

    window: float = 7 * 86400.0
    limit: int = 10_000
    name: str = "ThreatAnalyzer"
    system: int = 4

    def initial(self) -> ThreatState:
        """Return the state of one that has heard of no threat."""
        return ThreatState(paths=bounded(self.limit))

    def fold(self, state: ThreatState, event: Event) -> ThreatState:
        """Return `state` with a threat reported: a repeated id updates, unless it is older."""
        key = event.attribute("id")
        outlook = state.paths.get(event.path) or Outlook(threats=Map(), newest=event.time)
        known = outlook.threats.get(key)
        if known is not None and known.time > event.time:
            return state
        closed = event.attribute("status") == "closed"
        if known is None and not closed and state.open >= self.limit:
            return replace(state, refused=state.refused + 1)
        threats = _close(outlook.threats, key) if closed else _open(outlook.threats, key, event)
        newest = max(outlook.newest, event.time)
        paths = state.paths.put(event.path, Outlook(threats=threats, newest=newest))
        if paths.refused > state.paths.refused:
            return replace(state, paths=paths)
        return replace(state, paths=paths, open=state.open + len(threats) - len(outlook.threats))

    def observe(self, state: ThreatState, view: View) -> ThreatState:  # noqa: ARG002 - the protocol's
        """Return `state`: threats come on the event lane only."""
        return state

    def conclude(self, state: ThreatState, now: float) -> tuple[ThreatState, tuple[Reading, ...]]:
        """Return risk and number of open threats per path; paths long quiet are forgotten."""
        readings: list[Reading] = []
        paths = state.paths
        for path, outlook in state.paths.items():
            if not outlook.threats and now - outlook.newest > self.window:
                paths = paths.without(path)
                continue
            risk = outlook.risk
            if risk is None:
                risk = joint(outlook.threats)
                paths = paths.put(path, replace(outlook, risk=risk))
            readings += _readings(path, outlook, risk, now)
        return replace(state, paths=paths), tuple(readings)

    def refused(self, state: ThreatState) -> int:
        """Return how many threats and paths the bound has refused."""
        return state.refused + state.paths.refused


def joint(threats: Map[str, Threat]) -> float:
    """Return the chance that at least one of independent threats bears, weighted by impact."""
    spared = 1.0
    for threat in threats.values():
        spared *= 1.0 - threat.risk
    return 1.0 - spared


def _open(threats: Map[str, Threat], key: str, event: Event) -> Map[str, Threat]:
    risk = event.measurements["likelihood"] * event.measurements["impact"]
    return threats.set(key, Threat(risk=risk, time=event.time))


def _close(threats: Map[str, Threat], key: str) -> Map[str, Threat]:
    return threats.delete(key) if key in threats else threats


def _readings(path: str, outlook: Outlook, risk: float, now: float) -> tuple[Reading, ...]:
    count, age = len(outlook.threats), max(0.0, now - outlook.newest)
    return tuple(
        Reading(family=family, labels={"path": path}, value=value, n=count, age=age)
        for family, value in (("vsm_risk", risk), ("vsm_threats_open", float(count)))
    )
