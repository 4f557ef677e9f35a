"""System 4: a familiar outside, forecasts that come about, small threats, and adaptations."""

import math
from collections.abc import Iterator

from vsm_actors.demo.moment import Habit, Moment, Planned, event
from vsm_actors.demo.organisation import Place

SERIES = ("demand", "price", "energy", "absence")
_OUTSIDE = (("market", "orders"), ("suppliers", "delivery-time"))
_STATES = (("usual", "high", "low"), (7, 2, 1))
_CHANGES = ("new-supplier", "new-tool")
_AHEAD = 30
"""Simulated seconds that a forecast looks ahead."""

_PERIOD = 600.0
_SPREAD = 0.6


def _scans(place: Place, moment: Moment) -> Iterator[Planned]:
    if moment.turn(place, every=3):
        source, signal = moment.dice.choice(_OUTSIDE)
        [state] = moment.dice.choices(*_STATES)
        words = {"source": source, "signal": signal, "state": state}
        yield 0, event(place, "environment.scanned", 4, {"value": moment.near(100.0, 5.0)}, words)


def _forecasts(place: Place, moment: Moment) -> Iterator[Planned]:
    """Foresee where each series goes; what comes about differs by chance alone.

    The outside has its seasons, which the organisation knows. That is why its forecasts beat the
    naive one, that all will be as it was.
    """
    if moment.turn(place, every=6):
        for phase, series in enumerate(SERIES):
            words = {"id": f"{moment.id('forecast', place)}-{series}", "series": series}
            turns = (moment.second + _AHEAD) / _PERIOD + phase / len(SERIES)
            expected = round(100.0 + 20.0 * math.sin(2 * math.pi * turns), 4)
            figures = {
                "value": expected,
                "lower": expected - 2 * _SPREAD,
                "upper": expected + 2 * _SPREAD,
                "horizon": moment.pace.real(_AHEAD),
            }
            yield 0, event(place, "forecast.generated", 4, figures, words)
            came = {"value": moment.near(expected, _SPREAD)}
            yield _AHEAD, event(place, "forecast.realised", 4, came, words)


def _adapts(place: Place, moment: Moment) -> Iterator[Planned]:
    """Something outside changes; a change inside is proposed, approved and made."""
    if moment.turn(place, every=15):
        change = {"id": moment.id("change", place), "source": "market"}
        yield 0, event(place, "change.detected", 4, {"horizon": moment.pace.real(3600.0)}, change)
        action = moment.dice.choice(_CHANGES)
        words = {"id": moment.id("adaptation", place), "action": action}
        proposed = {**words, "change": change["id"]}
        yield 2, event(place, "adaptation.proposed", 4, {}, proposed)
        approved = 2 + moment.dice.randint(3, 10)
        yield approved, event(place, "adaptation.approved", 4, {}, words)
        made = approved + moment.dice.randint(10, 30)
        yield made, event(place, "adaptation.implemented", 4, {}, words)


def _threats(place: Place, moment: Moment) -> Iterator[Planned]:
    if moment.turn(place, every=120, first=10):
        figures = {"likelihood": moment.near(0.1, 0.02), "impact": moment.near(0.2, 0.03)}
        words = {"id": moment.id("threat", place)}
        yield 0, event(place, "threat.reported", 4, figures, {**words, "status": "open"})
        spared = {"likelihood": 0.0, "impact": 0.0}
        after = moment.dice.randint(40, 80)
        yield after, event(place, "threat.reported", 4, spared, {**words, "status": "closed"})


HABITS: tuple[Habit, ...] = (_scans, _forecasts, _adapts, _threats)
