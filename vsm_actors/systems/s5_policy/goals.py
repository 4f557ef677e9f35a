"""Goals: where they start, where they are to end, and where they stand."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from vsm_actors.core.reading import Reading
from vsm_actors.core.record import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One goal. What was not said is NaN.

    Attributes:
        declared: Unix seconds of its first report.
        time: Unix seconds of its latest.
        start: where it starts.
        target: where it is to end.
        due: when, in Unix seconds.
        value: where it stands.
        reports: how many times it was reported.
    """

    declared: float
    time: float
    start: float = math.nan
    target: float = math.nan
    due: float = math.nan
    value: float = math.nan
    reports: int = 0

    @property
    def progress(self) -> float:
        """(value - start) / (target - start); NaN where that is not known, or not defined."""
        way = self.target - self.start
        return (self.value - self.start) / way if way else math.nan

    def elapsed(self, now: float) -> float:
        """Return the share of the time to the due date that has passed, 0 to 1, else NaN."""
        span = self.due - self.declared
        return min(1.0, max(0.0, (now - self.declared) / span)) if span > 0 else math.nan


def reported(known: Goal | None, event: Event) -> Goal:
    """Return the goal with what an event says of it; an older report changes nothing."""
    if known is not None and event.time < known.time:
        return known
    was = known or Goal(declared=event.time, time=event.time)
    said = event.measurements
    return Goal(
        declared=was.declared,
        time=event.time,
        start=said.get("start", was.start),
        target=said.get("target", was.target),
        due=said.get("due", was.due),
        value=said.get("value", was.value),
        reports=was.reports + 1,
    )


def readings(path: str, name: str, goal: Goal, now: float) -> Iterator[Reading]:
    """Yield what can be said of a goal at `now`."""
    for family, value in (
        ("vsm_goal_progress_ratio", goal.progress),
        ("vsm_goal_time_ratio", goal.elapsed(now)),
    ):
        if math.isfinite(value):
            yield Reading(
                family=family,
                labels={"path": path, "goal": name},
                value=value,
                n=goal.reports,
                age=max(0.0, now - goal.time),
            )
