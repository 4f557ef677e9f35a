"""Algedonic life: signals become alerts that are open, acknowledged and cleared.

A signal is one ``algedonic.raised`` event and has an id. An alert is one deviation, named by its
key (path, system, unit, metric, kind); signals of the same key while it is not cleared are the
same alert, whose severity only rises. Everything is idempotent by (event name, signal id), so
that a retry or a replay changes nothing; a signal that is raised after its alert was cleared is
the deviation come back, and opens an alert again. An id names one signal in the whole
organisation: raised at another path it is refused, so that no pain is taken for another's.
"""

from dataclasses import dataclass, field, replace
from typing import Literal

import msgspec
from immutables import Map

from vsm_actors.core.naming import depth
from vsm_actors.core.record import Event

MAX_OPEN = 10_000
"""Alerts that are not cleared; past it the organisation needs another signal than one more."""

KEPT_CLEARED = 1_000
"""Cleared alerts that are still shown and that still know their signals' ids."""

SEVERITIES = ("medium", "high", "critical")
"""From the least to the greatest."""

Key = tuple[str, int, str, str, str]
State = Literal["open", "acknowledged", "cleared"]


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One deviation that System 5 was told of.

    Attributes:
        id: of the signal that opened it.
        path: where it arose.
        at: the path where it stands now, an ancestor of `path` once it has escalated.
        system: 1 to 5, where it arose.
        unit: the unit that it concerns, or "".
        metric: what deviates; the id where nothing was said.
        kind: pain or pleasure.
        severity: critical, high or medium; only rising.
        intensity: 0 to 1 as reported, None where it was not.
        message: for a person to read.
        raised: Unix seconds.
        acknowledged: Unix seconds, or None.
        acknowledged_by: who, "" where it was not said.
        note: what they said.
        cleared: Unix seconds, or None.
        cleared_by: who, "" where it was not said.
        delivered: whether System 5's receipt has come for its last change.
        signals: ids of the signals that it holds, its own and the newest, at most `MAX_SIGNALS`.
    """

    id: str
    path: str
    at: str
    system: int
    unit: str
    metric: str
    kind: str
    severity: str
    intensity: float | None
    message: str
    raised: float
    acknowledged: float | None = None
    acknowledged_by: str = ""
    note: str = ""
    cleared: float | None = None
    cleared_by: str = ""
    delivered: bool = False
    signals: tuple[str, ...] = ()

    @property
    def state(self) -> State:
        """Where it stands in its life."""
        if self.cleared is not None:
            return "cleared"
        return "open" if self.acknowledged is None else "acknowledged"

    @property
    def key(self) -> Key:
        """What makes two signals one alert."""
        return self.path, self.system, self.unit, self.metric, self.kind

    @property
    def level(self) -> int:
        """Recursion level where it stands: 1 at the root path."""
        return depth(self.at)


MAX_SIGNALS = 64
"""Ids that one alert remembers: its own and the newest, since those are sent again and cleared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """All alerts that are known, indexed. Immutable; shares structure with its predecessor.

    Attributes:
        alerts: by the id of the alert.
        by_signal: the alert's id by every signal's id.
        standing: the alert's id by key, of those that are not cleared.
        cleared: ids of cleared alerts, the oldest first.
    """

    alerts: Map[str, Alert] = field(default_factory=Map)
    by_signal: Map[str, str] = field(default_factory=Map)
    standing: Map[Key, str] = field(default_factory=Map)
    cleared: tuple[str, ...] = ()

    def of_signal(self, signal: str) -> Alert | None:
        """Return the alert that holds a signal, or None."""
        found = self.by_signal.get(signal)
        return None if found is None else self.alerts[found]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one event did to the register.

    Attributes:
        alert: the alert as it is now, None where the event was refused.
        changed: whether there is anything to store and to deliver.
        new: whether the event counts: False for what was known already.
        refusal: why it was refused, "" where it was not.
        forgotten: ids of cleared alerts that made room.
    """

    alert: Alert | None = None
    changed: bool = False
    new: bool = False
    refusal: str = ""
    forgotten: tuple[str, ...] = ()


def apply(register: Register, event: Event) -> tuple[Register, Outcome]:
    """Return the register after one algedonic event, and what came of it.

    Args:
        register: before.
        event: ``algedonic.raised``, ``.acknowledged`` or ``.cleared``, validated.
    """
    known = register.of_signal(event.attribute("id"))
    if event.name == "algedonic.raised":
        return _raise(register, event, known)
    if known is None:
        return register, Outcome(refusal="no signal with this id is known")
    if event.name == "algedonic.acknowledged":
        return _acknowledge(register, event, known)
    return _clear(register, event, known)


def put(register: Register, alert: Alert) -> Register:
    """Return the register with an alert as it was stored, indexed anew."""
    ours = [one for one in alert.signals if not _is_newer(register.of_signal(one), alert)]
    by_signal = register.by_signal.update(dict.fromkeys(ours, alert.id))
    alerts = register.alerts.set(alert.id, alert)
    if alert.state != "cleared":
        standing = register.standing.set(alert.key, alert.id)
        return Register(
            alerts=alerts, by_signal=by_signal, standing=standing, cleared=register.cleared
        )
    standing = register.standing
    if standing.get(alert.key) == alert.id:
        standing = standing.delete(alert.key)
    cleared = register.cleared
    if alert.id not in cleared:
        cleared = (*cleared, alert.id)
    return Register(alerts=alerts, by_signal=by_signal, standing=standing, cleared=cleared)


def _is_newer(other: Alert | None, alert: Alert) -> bool:
    """Tell whether a signal belongs to `other`, since it was raised again after `alert`'s end."""
    return other is not None and other.id != alert.id and other.raised > alert.raised


def _raise(register: Register, event: Event, known: Alert | None) -> tuple[Register, Outcome]:
    if known is not None and known.path != event.path:
        return register, Outcome(refusal=f"the id is in use at {known.path}; ids are global")
    if known is not None and not (known.cleared is not None and event.time > known.cleared):
        return register, Outcome(alert=known)
    fresh = _alert_of(event)
    if fresh.id in register.alerts:
        register = _without(register, fresh.id)
    standing = register.standing.get(fresh.key)
    if standing is not None:
        before = register.alerts[standing]
        merged = _merge(before, fresh)
        after = put(_without_signals(register, before, merged), merged)
        return after, Outcome(alert=merged, changed=True, new=True)
    if len(register.standing) >= MAX_OPEN:
        return register, Outcome(refusal=f"{MAX_OPEN} alerts are open already")
    return put(register, fresh), Outcome(alert=fresh, changed=True, new=True)


def _alert_of(event: Event) -> Alert:
    signal = event.attribute("id")
    return Alert(
        id=signal,
        path=event.path,
        at=event.path,
        system=event.system,
        unit=event.meant,
        metric=event.attribute("metric", signal),
        kind=event.attribute("kind"),
        severity=event.attribute("severity"),
        intensity=event.measurements.get("intensity"),
        message=event.attribute("message"),
        raised=event.time,
        signals=(signal,),
    )


def _merge(alert: Alert, fresh: Alert) -> Alert:
    worse = SEVERITIES.index(fresh.severity) > SEVERITIES.index(alert.severity)
    first, *others = alert.signals
    return msgspec.structs.replace(
        alert,
        severity=fresh.severity if worse else alert.severity,
        intensity=fresh.intensity if fresh.intensity is not None else alert.intensity,
        message=fresh.message or alert.message,
        signals=(first, *others[-(MAX_SIGNALS - 2) :], fresh.id),
        delivered=False,
    )


def _without_signals(register: Register, before: Alert, after: Alert) -> Register:
    """Return the register without the signals that `before` holds and `after` does not."""
    by_signal = register.by_signal
    for gone in set(before.signals) - set(after.signals):
        by_signal = by_signal.delete(gone)
    return replace(register, by_signal=by_signal)


def _acknowledge(register: Register, event: Event, alert: Alert) -> tuple[Register, Outcome]:
    if alert.state != "open":
        return register, Outcome(alert=alert)
    changed = msgspec.structs.replace(
        alert,
        acknowledged=event.time,
        acknowledged_by=event.attribute("by"),
        note=event.attribute("note"),
        delivered=False,
    )
    return put(register, changed), Outcome(alert=changed, changed=True, new=True)


def _clear(register: Register, event: Event, alert: Alert) -> tuple[Register, Outcome]:
    if alert.state == "cleared":
        return register, Outcome(alert=alert)
    changed = msgspec.structs.replace(
        alert, cleared=event.time, cleared_by=event.attribute("by"), delivered=False
    )
    after, forgotten = forget(put(register, changed))
    return after, Outcome(alert=changed, changed=True, new=True, forgotten=forgotten)


def forget(register: Register) -> tuple[Register, tuple[str, ...]]:
    """Return the register without the oldest cleared alerts past `KEPT_CLEARED`, and their ids."""
    excess = register.cleared[: max(0, len(register.cleared) - KEPT_CLEARED)]
    for gone in excess:
        register = _without(register, gone)
    return register, excess


def _without(register: Register, gone: str) -> Register:
    """Return the register without a cleared alert and the signals that are still its own."""
    by_signal = register.by_signal
    for signal in register.alerts[gone].signals:
        if by_signal.get(signal) == gone:
            by_signal = by_signal.delete(signal)
    return Register(
        alerts=register.alerts.delete(gone),
        by_signal=by_signal,
        standing=register.standing,
        cleared=tuple(one for one in register.cleared if one != gone),
    )


def restore(alerts: tuple[Alert, ...]) -> Register:
    """Return the register of stored alerts; cleared ones are ordered by when they were cleared."""
    register = Register()
    for alert in sorted(alerts, key=lambda one: (one.cleared or 0.0, one.raised)):
        register = put(register, alert)
    return register


def is_sound(alert: Alert) -> bool:
    """Tell whether a stored alert is one that `apply` could have made."""
    return bool(alert.signals) and alert.signals[0] == alert.id and alert.severity in SEVERITIES


def mark_delivered(register: Register, event: Event) -> tuple[Register, Alert | None]:
    """Return the register after System 5's receipt of `event`, and the alert if that changed it.

    A receipt of an older change than the alert's last one changes nothing.
    """
    alert = register.of_signal(event.attribute("id"))
    if alert is None or alert.delivered or not _is_last_change(alert, event):
        return register, None
    delivered = msgspec.structs.replace(alert, delivered=True)
    return put(register, delivered), delivered


def _is_last_change(alert: Alert, event: Event) -> bool:
    if alert.state == "open":
        return event.name == "algedonic.raised" and event.attribute("signal") == alert.signals[-1]
    return event.name == f"algedonic.{alert.state}"


def told(event: Event, alert: Alert) -> Event:
    """Return `event` as System 5 hears it: under the alert's id, the signal's own beside it."""
    said = {**event.attributes, "id": alert.id, "signal": event.attribute("id")}
    return msgspec.structs.replace(event, attributes=said)


def events_of(alert: Alert, now: float) -> tuple[Event, ...]:
    """Return the events that tell an alert's life again, for a replay at `now`, Unix seconds."""
    life = (
        ("raised", alert.raised),
        ("acknowledged", alert.acknowledged),
        ("cleared", alert.cleared),
    )
    return tuple(_event_of(alert, verb, time, now) for verb, time in life if time is not None)


def _event_of(alert: Alert, verb: str, time: float, now: float) -> Event:
    said = {
        "id": alert.id,
        "signal": alert.signals[-1],
        "severity": alert.severity,
        "kind": alert.kind,
        "metric": alert.metric,
        "message": alert.message,
        "unit": alert.unit,
        "by": {"acknowledged": alert.acknowledged_by, "cleared": alert.cleared_by}.get(verb, ""),
    }
    return Event(
        name=f"algedonic.{verb}",
        system=alert.system,
        path=alert.path,
        unit=alert.unit,
        time=time,
        arrival=now,
        measurements={} if alert.intensity is None else {"intensity": alert.intensity},
        attributes={name: value for name, value in said.items() if value},
    )
