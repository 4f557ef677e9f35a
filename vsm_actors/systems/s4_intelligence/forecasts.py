"""What a series had been forecast to be, what it became, and how well that went."""

import math
from dataclasses import dataclass, replace
from typing import TypeAlias

PAIRS = 256
"""Realised forecasts kept a series: enough for any interval one would read, in under 20 KB."""

OBSERVATIONS = 256
"""Observed values kept a series, to find the naive forecast of each horizon in."""

Observation: TypeAlias = tuple[float, float]
"""Unix seconds and value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """A forecast as it was reported.

    Attributes:
        value: in the series' own unit.
        lower: lower bound of its interval, NaN where none was given.
        upper: upper bound.
        made: Unix seconds.
        horizon: seconds ahead, None where it was not said.
    """

    value: float
    lower: float = math.nan
    upper: float = math.nan
    made: float
    horizon: float | None = None

    @property
    def bounded(self) -> bool:
        """Whether it came with an interval."""
        return not (math.isnan(self.lower) or math.isnan(self.upper))


@dataclass(frozen=True, slots=True, kw_only=True)
class Realised:
    """A forecast beside what came about.

    Attributes:
        time: Unix seconds at which it came about.
        error: |realised - forecast|.
        naive: |realised - value a horizon before|, None where that value is not known.
        inside: whether it fell into the forecast's interval, None without one.
    """

    time: float
    error: float
    naive: float | None
    inside: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """How good the forecasts of a series were.

    Attributes:
        mase: mean error over mean naive error of the same horizons, NaN where that is 0.
        scored: realised forecasts under it.
        inside: share of realised values within their interval, NaN without intervals.
        with_interval: realised forecasts under that.
    """

    mase: float
    scored: int
    inside: float
    with_interval: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One series: its latest forecast, its past, and the forecasts that came about.

    Attributes:
        latest: the newest forecast, None where the series was only realised.
        observed: values by time, oldest first.
        realised: oldest first.
        newest: Unix seconds of the newest report.
        skill: of what was realised, None until it is computed again.
    """

    newest: float
    latest: Forecast | None = None
    observed: tuple[Observation, ...] = ()
    realised: tuple[Realised, ...] = ()
    skill: Skill | None = None

    @property
    def until(self) -> float:
        """Unix seconds up to which there is something to say about the series."""
        latest = self.latest
        ahead = self.newest if latest is None else latest.made + (latest.horizon or 0.0)
        return max(self.newest, ahead)

    def foretell(self, forecast: Forecast) -> "Course":
        """Return the course with a forecast; one made before the latest is not shown."""
        older = self.latest is not None and self.latest.made > forecast.made
        latest = self.latest if older else forecast
        return replace(self, latest=latest, newest=max(self.newest, forecast.made))

    def realise(self, forecast: Forecast | None, seen: Observation) -> "Course":
        """Return the course with a value that came about, scored where it had been forecast."""
        time, value = seen
        observed = tuple(sorted((*self.observed, seen)))[-OBSERVATIONS:]
        course = replace(self, observed=observed, newest=max(self.newest, time))
        if forecast is None:
            return course
        past = self._past(forecast, time)
        inside = forecast.lower <= value <= forecast.upper if forecast.bounded else None
        outcome = Realised(
            time=time,
            error=abs(value - forecast.value),
            naive=None if past is None else abs(value - past),
            inside=inside,
        )
        return replace(course, realised=(*self.realised, outcome)[-PAIRS:], skill=None)

    def advance(self, since: float) -> "tuple[Course, Skill]":
        """Return the course without what was realised before `since`, and its skill."""
        kept = tuple(one for one in self.realised if one.time >= since)
        if self.skill is not None and len(kept) == len(self.realised):
            return self, self.skill
        found = skill(kept)
        return replace(self, realised=kept, skill=found), found

    def _past(self, forecast: Forecast, time: float) -> float | None:
        """Return the last value known a horizon before `time`, no older than one horizon more."""
        horizon = time - forecast.made if forecast.horizon is None else forecast.horizon
        if horizon <= 0:
            return None
        for when, value in reversed(self.observed):
            if when <= time - horizon:
                return value if when >= time - 2 * horizon else None
        return None


def skill(realised: tuple[Realised, ...]) -> Skill:
    """Return MASE and the share of values within their interval, of forecasts that came about.

    MASE is mean|e| / mean|y_t - y_(t-h)| over the forecasts whose naive counterpart is known, so
    that both means cover the same horizons and moments (Hyndman and Koehler, 2006).
    """
    errors = [(one.error, one.naive) for one in realised if one.naive is not None]
    scale = math.fsum(naive for _, naive in errors)
    intervals = [one.inside for one in realised if one.inside is not None]
    return Skill(
        mase=math.fsum(error for error, _ in errors) / scale if scale > 0 else math.nan,
        scored=len(errors),
        inside=sum(intervals) / len(intervals) if intervals else math.nan,
        with_interval=len(intervals),
    )
