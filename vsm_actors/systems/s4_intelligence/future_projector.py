"""FutureProjector: what is forecast, with its interval, and how good such forecasts have been."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from vsm_actors.core.reading import Reading
from vsm_actors.core.record import Event
from vsm_actors.core.state.bounded import Bounded, bounded
from vsm_actors.core.window.view import View
from vsm_actors.systems.s4_intelligence.forecasts import Course, Forecast, Skill

Series: TypeAlias = tuple[str, str]
"""Path and series."""

Open: TypeAlias = tuple[str, str, str]
"""Path, series and the forecast's id."""

_SWEEP = 60.0
"""Seconds between two looks for forecasts that never came about: nothing is read from them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectorState:
    """What FutureProjector remembers.

    Attributes:
        open: forecasts that have not come about.
        courses: what is known of every series.
        swept: Unix seconds of the last look for forecasts too old to come about.
    """

    open: Bounded[Open, Forecast]
    courses: Bounded[Series, Course]
    swept: float = -math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class FutureProjector:
    """Forecasts as reported, their MASE and the coverage of their intervals.

    Attributes:
        window: seconds over which System 4 looks.
        minimum: realised forecasts below which their skill is withheld.
        limit: open forecasts and series at most, each.
    """

    window: float = 7 * 86400.0
    minimum: int = 20
    limit: int = 10_000
    name: str = "FutureProjector"
    system: int = 4

    def initial(self) -> ProjectorState:
        """Return the state of one that knows no series."""
        return ProjectorState(open=bounded(self.limit), courses=bounded(self.limit))

    def fold(self, state: ProjectorState, event: Event) -> ProjectorState:
        """Return `state` with a forecast made, or one that came about (paired by its id)."""
        match event.name:
            case "forecast.generated":
                return _generated(state, event)
            case "forecast.realised":
                return _realised(state, event)
            case _:
                return state

    def observe(self, state: ProjectorState, view: View) -> ProjectorState:  # noqa: ARG002 - the protocol's
        """Return `state`: forecasts come on the event lane."""
        return state

    def conclude(
        self, state: ProjectorState, now: float
    ) -> tuple[ProjectorState, tuple[Reading, ...]]:
        """Return the forecasts that still lie ahead, and the skill of those that came about."""
        state = self._sweep(state, now)
        courses = state.courses
        readings: list[Reading] = []
        for series, course in state.courses.items():
            if now - course.until > self.window:
                courses = courses.without(series)
                continue
            current, skill = course.advance(now - self.window)
            if current is not course:
                courses = courses.put(series, current)
            readings += self._ahead(series, current, now)
            readings += self._skill(series, skill, now - current.newest)
        return replace(state, courses=courses), tuple(readings)

    def refused(self, state: ProjectorState) -> int:
        """Return how many forecasts and series the bounds have refused."""
        return state.open.refused + state.courses.refused

    def _sweep(self, state: ProjectorState, now: float) -> ProjectorState:
        if now - state.swept < _SWEEP:
            return state
        old = [
            key
            for key, forecast in state.open.items()
            if now - forecast.made - (forecast.horizon or 0.0) > self.window
        ]
        return replace(state, open=state.open.without(*old), swept=now)

    def _ahead(self, series: Series, course: Course, now: float) -> Iterator[Reading]:
        latest = course.latest
        if latest is None:
            return
        ahead = self.window if latest.horizon is None else latest.horizon
        if latest.made + ahead < now:
            return
        for family, value in (
            ("vsm_forecast", latest.value),
            ("vsm_forecast_lower", latest.lower),
            ("vsm_forecast_upper", latest.upper),
        ):
            if not math.isnan(value):
                yield _reading(family, series, value, 1, now - latest.made)

    def _skill(self, series: Series, skill: Skill, old: float) -> Iterator[Reading]:
        if skill.scored >= self.minimum:
            yield _reading("vsm_forecast_mase", series, skill.mase, skill.scored, old)
        if skill.with_interval >= self.minimum:
            family, n = "vsm_forecast_interval_coverage_ratio", skill.with_interval
            yield _reading(family, series, skill.inside, n, old)


def _generated(state: ProjectorState, event: Event) -> ProjectorState:
    given, series = event.measurements, (event.path, event.attribute("series"))
    forecast = Forecast(
        value=given["value"],
        lower=given.get("lower", math.nan),
        upper=given.get("upper", math.nan),
        made=event.time,
        horizon=given.get("horizon"),
    )
    course = state.courses.get(series) or Course(newest=event.time)
    return replace(
        state,
        open=state.open.put((*series, event.attribute("id")), forecast),
        courses=state.courses.put(series, course.foretell(forecast)),
    )


def _realised(state: ProjectorState, event: Event) -> ProjectorState:
    series = (event.path, event.attribute("series"))
    key = (*series, event.attribute("id"))
    course = state.courses.get(series) or Course(newest=event.time)
    seen = (event.time, event.measurements["value"])
    return replace(
        state,
        open=state.open.without(key),
        courses=state.courses.put(series, course.realise(state.open.get(key), seen)),
    )


def _reading(family: str, series: Series, value: float, n: int, old: float) -> Reading:
    labels = {"path": series[0], "series": series[1]}
    return Reading(family=family, labels=labels, value=value, n=n, age=max(0.0, old))
