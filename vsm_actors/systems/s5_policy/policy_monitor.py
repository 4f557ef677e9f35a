"""PolicyMonitor: whether decisions keep to policy, and whether System 5 answers pain."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from vsm_actors.core.reading import Reading
from vsm_actors.core.record import Event
from vsm_actors.core.state.account import Account, account
from vsm_actors.core.state.bounded import Bounded, bounded
from vsm_actors.core.state.conclusion import age, conclude
from vsm_actors.core.window.view import View
from vsm_actors.systems.s5_policy.reception import Reception, reception

RECOVERY: Mapping[str, float] = MappingProxyType(
    {"critical": 30.0, "high": 300.0, "medium": 1800.0}
)
"""Seconds within which a severity should be acknowledged, by default."""

_NEVER = float("-inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyState:
    """What PolicyMonitor remembers.

    Attributes:
        policies: Unix seconds of the last decision under a declared policy, by path and policy;
            -inf before the first.
        decisions: decisions, and compliant ones, by path.
        reception: the pain that System 5 was told of.
    """

    policies: Bounded[tuple[str, str], float]
    decisions: Bounded[str, Account]
    reception: Reception


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyMonitor:
    """Adherence as reported, and the reception of algedonic signals.

    Adherence counts decisions under any policy; its coverage is the share of the declared
    policies under which something was decided within the window.

    Attributes:
        window: seconds over which System 5 is judged.
        recovery: seconds within which a severity should be acknowledged.
        limit: policies, paths and alerts at most, each.
    """

    window: float = 30 * 86400.0
    recovery: Mapping[str, float] = field(default_factory=lambda: RECOVERY)
    limit: int = 10_000
    name: str = "PolicyMonitor"
    system: int = 5

    def initial(self) -> PolicyState:
        """Return the state of one that knows no policy."""
        return PolicyState(
            policies=bounded(self.limit),
            decisions=bounded(self.limit),
            reception=reception(self.recovery, window=self.window, limit=self.limit),
        )

    def fold(self, state: PolicyState, event: Event) -> PolicyState:
        """Return `state` with a policy, a decision, or an algedonic event."""
        match event.name:
            case "policy.declared":
                key = (event.path, event.attribute("id"))
                known = state.policies.get(key)
                since = _NEVER if known is None else known
                return replace(state, policies=state.policies.put(key, since))
            case "decision.made":
                return self._decide(state, event)
            case _:
                return replace(state, reception=state.reception.hear(event))

    def observe(self, state: PolicyState, view: View) -> PolicyState:  # noqa: ARG002 - the protocol's
        """Return `state`: policy comes on the event and the algedonic lane."""
        return state

    def conclude(self, state: PolicyState, now: float) -> tuple[PolicyState, tuple[Reading, ...]]:
        """Return adherence, response time and share of timely responses per path."""
        covered = self._covered(state, now)

        def adherence(path: str, cell: Account, now: float) -> Iterator[Reading]:
            n, compliant = cell.total(now)
            yield Reading(
                family="vsm_policy_adherence_ratio",
                labels={"path": path},
                value=compliant / n,
                n=round(n),
                coverage=covered.get(path, 1.0),
                age=age(cell, now),
            )

        decisions, readings = conclude(state.decisions, now, adherence)
        heard, of_pain = state.reception.conclude(now)
        state = replace(state, decisions=decisions, reception=heard)
        return state, (*readings, *of_pain)

    def refused(self, state: PolicyState) -> int:
        """Return how many policies, paths and alerts the bounds have refused."""
        heard = state.reception
        return (
            state.policies.refused
            + state.decisions.refused
            + heard.pains.refused
            + heard.answers.refused
        )

    def _decide(self, state: PolicyState, event: Event) -> PolicyState:
        policies, key = state.policies, (event.path, event.attribute("policy"))
        last = policies.get(key)
        if last is not None:
            policies = policies.put(key, max(last, event.time))
        cell = state.decisions.get(event.path) or account(self.window, 2)
        compliant = float(event.attribute("outcome") == "compliant")
        decisions = state.decisions.put(event.path, cell.enter(event.arrival, 1.0, compliant))
        return replace(state, policies=policies, decisions=decisions)

    def _covered(self, state: PolicyState, now: float) -> Mapping[str, float]:
        declared: defaultdict[str, int] = defaultdict(int)
        decided: defaultdict[str, int] = defaultdict(int)
        for (path, _), last in state.policies.items():
            declared[path] += 1
            decided[path] += now - last <= self.window
        return {path: decided[path] / count for path, count in declared.items()}
