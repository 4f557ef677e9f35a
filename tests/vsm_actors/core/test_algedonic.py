import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from immutables import Map

from vsm_actors.core import algedonic
from vsm_actors.core.algedonic import KEPT_CLEARED, MAX_OPEN, MAX_SIGNALS, Alert, Register
from vsm_actors.core.record import Event

NOW = 1_000_000.0


def event(verb: str, signal: str = "a", **said: str) -> Event:
    path = said.pop("path", "acme/plant")
    time = float(said.pop("time", NOW))
    feeling = {"severity": "high", "kind": "pain"} if verb == "raised" else {}
    return Event(
        name=f"algedonic.{verb}",
        system=1,
        path=path,
        unit="press",
        time=time,
        arrival=time,
        measurements={},
        attributes={"id": signal, **feeling, **said},
    )


def after(*events: Event) -> Register:
    register = Register()
    for one in events:
        register, outcome = algedonic.apply(register, one)
        assert not outcome.refusal
    return register


def receipt(register: Register, verb: str, signal: str = "a") -> tuple[Register, Alert | None]:
    heard = algedonic.told(event(verb, signal), alert(register, signal))
    return algedonic.mark_delivered(register, heard)


def alert(register: Register, signal: str = "a") -> Alert:
    found = register.of_signal(signal)
    assert found is not None
    return found


def test_a_raised_signal_opens_an_alert() -> None:
    register, outcome = algedonic.apply(Register(), event("raised", message="belt torn"))
    assert outcome.changed
    assert outcome.new
    assert alert(register).state == "open"
    assert alert(register).message == "belt torn"
    assert (alert(register).at, alert(register).level) == ("acme/plant", 2)
    assert (alert(register).metric, alert(register).unit) == ("a", "press")


def test_the_unit_that_is_meant_wins_over_the_reporter() -> None:
    assert alert(after(event("raised", unit="oven"))).unit == "oven"


def test_the_same_signal_again_changes_nothing() -> None:
    register = after(event("raised"))
    same, outcome = algedonic.apply(register, event("raised", severity="critical"))
    assert same == register
    assert outcome.alert == alert(register)
    assert not outcome.changed
    assert not outcome.new


def test_another_signal_of_the_same_deviation_joins_its_alert() -> None:
    register = after(
        event("raised", "a", metric="load"),
        event("raised", "b", metric="load", severity="critical", message="worse"),
    )
    assert alert(register, "b").id == "a"
    assert alert(register).severity == "critical"
    assert alert(register).message == "worse"
    assert alert(register).signals == ("a", "b")


def test_severity_only_rises() -> None:
    register = after(
        event("raised", "a", metric="load", message="first"),
        event("raised", "b", metric="load", severity="medium"),
    )
    assert (alert(register).severity, alert(register).message) == ("high", "first")


def test_intensity_is_the_latest_that_was_said() -> None:
    said = msgspec.structs.replace(
        event("raised", "b", metric="load"), measurements={"intensity": 0.7}
    )
    register = after(event("raised", "a", metric="load"), said, event("raised", "c", metric="load"))
    assert alert(register).intensity == 0.7


def test_a_cleared_alert_that_another_has_followed_leaves_that_one_standing() -> None:
    register = after(
        event("raised", "a", metric="load"), event("cleared"), event("raised", "b", metric="load")
    )
    assert algedonic.put(register, alert(register, "a")) == register


def test_an_alert_remembers_its_own_signal_and_the_newest() -> None:
    raised = [event("raised", f"s{n}", metric="load") for n in range(MAX_SIGNALS + 5)]
    register = after(*raised)
    last = MAX_SIGNALS + 4
    newest = tuple(f"s{n}" for n in range(6, last + 1))
    assert alert(register, "s0").signals == ("s0", *newest)
    assert register.of_signal("s5") is None
    assert set(register.by_signal) == {"s0", *newest}
    assert algedonic.apply(register, raised[last])[1].new is False
    cleared, _ = algedonic.apply(register, event("cleared", f"s{last}"))
    assert alert(cleared, "s0").state == "cleared"


def test_the_receipt_of_the_newest_of_many_signals_marks_their_alert_delivered() -> None:
    raised = [event("raised", f"s{n}", metric="load") for n in range(MAX_SIGNALS + 5)]
    register = after(*raised)
    told = algedonic.told(raised[-1], alert(register, "s0"))
    _, marked = algedonic.mark_delivered(register, told)
    assert marked is not None
    assert marked.delivered


def test_a_signal_that_comes_back_after_its_end_opens_an_alert_again() -> None:
    register = after(
        event("raised"),
        event("cleared", time="1000005"),
        event("raised", time="1000009", message="again"),
    )
    assert (alert(register).state, alert(register).message) == ("open", "again")
    assert register.cleared == ()
    assert len(register.standing) == 1
    same, outcome = algedonic.apply(register, event("raised", time="1000009"))
    assert same == register
    assert not outcome.new


def test_a_late_retry_of_a_cleared_signal_changes_nothing() -> None:
    register = after(event("raised"), event("cleared", time="1000005"))
    same, outcome = algedonic.apply(register, event("raised", time="1000003"))
    assert same == register
    assert not outcome.changed


def test_a_second_signal_that_comes_back_leaves_the_old_alert_and_survives_its_oblivion() -> None:
    register = after(
        event("raised", "a", metric="load"),
        event("raised", "b", metric="load"),
        event("cleared", "a", time="1000005"),
        event("raised", "b", metric="load", time="1000009"),
    )
    assert (alert(register, "a").state, alert(register, "b").state) == ("cleared", "open")
    stored = tuple(register.alerts.values())
    assert algedonic.restore(stored) == register
    assert algedonic.restore(stored[::-1]) == register
    old = tuple(alert_of(str(number), cleared=NOW + 100 + number) for number in range(KEPT_CLEARED))
    register, forgotten = algedonic.forget(algedonic.restore((*stored, *old)))
    assert forgotten == ("a",)
    assert alert(register, "b").state == "open"
    assert register.of_signal("a") is None


def test_an_id_that_is_in_use_elsewhere_is_refused() -> None:
    register = after(event("raised"))
    same, outcome = algedonic.apply(register, event("raised", path="acme/depot"))
    assert same == register
    assert "in use at acme/plant" in outcome.refusal


def test_pain_and_pleasure_of_one_metric_are_two_alerts() -> None:
    register = after(
        event("raised", "a", metric="load"), event("raised", "b", metric="load", kind="pleasure")
    )
    assert len(register.standing) == 2


def test_acknowledging_says_who_and_why_and_leaves_it_standing() -> None:
    register = after(event("raised"), event("acknowledged", by="ann", note="on it", time="1000005"))
    assert alert(register).state == "acknowledged"
    assert (alert(register).acknowledged_by, alert(register).note) == ("ann", "on it")
    assert alert(register).key in register.standing


def test_the_first_acknowledgement_holds() -> None:
    register = after(event("raised"), event("acknowledged", by="ann"))
    same, outcome = algedonic.apply(register, event("acknowledged", by="bob"))
    assert same == register
    assert not outcome.changed


def test_clearing_ends_it() -> None:
    register = after(event("raised"), event("cleared", by="bob"))
    assert alert(register).state == "cleared"
    assert alert(register).cleared_by == "bob"
    assert not register.standing
    same, outcome = algedonic.apply(register, event("cleared", by="eve"))
    assert same == register
    assert not outcome.changed


def test_a_cleared_alert_cannot_be_acknowledged() -> None:
    register = after(event("raised"), event("cleared"))
    _, outcome = algedonic.apply(register, event("acknowledged"))
    assert not outcome.changed


def test_a_new_signal_after_clearing_is_a_new_alert() -> None:
    register = after(
        event("raised", "a", metric="load"), event("cleared"), event("raised", "b", metric="load")
    )
    assert alert(register, "b").id == "b"
    assert alert(register, "a").state == "cleared"


@pytest.mark.parametrize("verb", ["acknowledged", "cleared"])
def test_an_unknown_signal_is_refused(verb: str) -> None:
    register, outcome = algedonic.apply(Register(), event(verb))
    assert register == Register()
    assert outcome.refusal == "no signal with this id is known"


def test_too_many_open_alerts_are_refused() -> None:
    standing = {("acme", 1, "", str(number), "pain"): "a" for number in range(MAX_OPEN)}
    register = Register(standing=Map(standing))
    same, outcome = algedonic.apply(register, event("raised", "one more"))
    assert same is register
    assert "open already" in outcome.refusal


def test_the_oldest_cleared_alerts_are_forgotten() -> None:
    stored = tuple(alert_of(str(number), cleared=NOW + number) for number in range(KEPT_CLEARED))
    register = algedonic.restore(stored)
    register, _ = algedonic.apply(register, event("raised", "last"))
    register, outcome = algedonic.apply(register, event("cleared", "last"))
    assert outcome.forgotten == ("0",)
    assert register.of_signal("0") is None
    assert len(register.cleared) == KEPT_CLEARED


def alert_of(signal: str, cleared: float | None = None) -> Alert:
    return Alert(
        id=signal, path="acme", at="acme", system=1, unit="", metric=signal, kind="pain",
        severity="high", intensity=None, message="", raised=NOW, cleared=cleared,
        signals=(signal,),
    )  # fmt: skip


def test_a_receipt_marks_the_last_change_only() -> None:
    register = after(event("raised"), event("acknowledged"))
    same, marked = receipt(register, "raised")
    assert (same, marked) == (register, None)
    register, marked = receipt(register, "acknowledged")
    assert marked is not None
    assert alert(register).delivered
    same, marked = receipt(register, "acknowledged")
    assert (same, marked) == (register, None)


def test_a_receipt_of_an_earlier_signal_does_not_mark_a_later_one() -> None:
    register = after(event("raised", "a", metric="load"), event("raised", "b", metric="load"))
    assert receipt(register, "raised", "a")[1] is None
    assert receipt(register, "raised", "b")[1] is not None


def test_a_receipt_of_an_unknown_signal_is_ignored() -> None:
    assert algedonic.mark_delivered(Register(), event("raised")) == (Register(), None)


VERBS = st.sampled_from(["raised", "acknowledged", "cleared"])
STEPS = st.lists(st.tuples(VERBS, st.sampled_from("abc"), st.sampled_from("xy")), max_size=12)


def lived(steps: list[tuple[str, str, str]]) -> Register:
    register = Register()
    for number, (verb, signal, metric) in enumerate(steps):
        one = event(verb, signal, metric=metric, time=str(NOW + number))
        register, _ = algedonic.apply(register, one)
    return register


@given(STEPS)
def test_what_is_stored_and_read_again_is_the_same_register(
    steps: list[tuple[str, str, str]],
) -> None:
    register = lived(steps)
    wire = msgspec.json.encode(list(register.alerts.values()))
    restored = algedonic.restore(tuple(msgspec.json.decode(wire, type=list[Alert])))
    assert restored == register


@given(STEPS)
def test_a_replay_tells_the_same_life_again(steps: list[tuple[str, str, str]]) -> None:
    for known in lived(steps).alerts.values():
        told = after(*algedonic.events_of(known, NOW))
        again = next(iter(told.alerts.values()))
        assert (again.state, again.severity, again.key[:3]) == (
            known.state,
            known.severity,
            known.key[:3],
        )
        assert (again.acknowledged, again.cleared) == (known.acknowledged, known.cleared)


@given(STEPS)
def test_applying_everything_twice_adds_no_standing_alert(
    steps: list[tuple[str, str, str]],
) -> None:
    raised = [step for step in steps if step[0] == "raised"]
    assert lived(raised + raised).standing == lived(raised).standing


def test_a_replay_carries_the_intensity() -> None:
    said = msgspec.structs.replace(event("raised"), measurements={"intensity": 0.4})
    told = algedonic.events_of(alert(after(said)), NOW)
    assert told[0].measurements == {"intensity": 0.4}


@pytest.mark.parametrize(
    "change", [{"signals": ()}, {"signals": ("b", "a")}, {"severity": "dreadful"}]
)
def test_a_stored_alert_that_no_signal_could_have_made_is_not_sound(
    change: dict[str, object],
) -> None:
    sound = alert(after(event("raised")))
    assert algedonic.is_sound(sound)
    assert not algedonic.is_sound(msgspec.structs.replace(sound, **change))
