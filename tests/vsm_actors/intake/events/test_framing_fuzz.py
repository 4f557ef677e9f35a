import json
import threading
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from vsm_actors.core.events import CATALOGUE
from vsm_actors.core.series import Limits, SeriesTable
from vsm_actors.intake.errors import BrokenBodyError
from vsm_actors.intake.events.content import Content, Form
from vsm_actors.intake.events.decoded import Decoded
from vsm_actors.intake.events.decoder import Decoder
from vsm_actors.intake.events.duplicates import Duplicates
from vsm_actors.intake.events.rules import Rules

NOW = 1_795_428_930.5

words = st.one_of(
    st.sampled_from(["", "a", "ok", "error", "open", "1", "1/web", "env", "critical", "pain"]),
    st.text(max_size=8),
)
scalars = st.one_of(
    words, st.integers(), st.floats(), st.booleans(), st.none(), st.just([]), st.just({})
)
numbers = st.one_of(
    st.sampled_from([0, 1, 0.5, -1, 2]), st.floats(), st.integers(), st.none(), st.text(max_size=2)
)
events = st.fixed_dictionaries(
    {"event": st.one_of(st.sampled_from(sorted(CATALOGUE)), st.text(max_size=6))},
    optional={
        "system": st.one_of(st.integers(-1, 7), scalars),
        "path": st.one_of(st.sampled_from(["acme", "acme/web", "vsm-run", "a b"]), scalars),
        "unit": st.one_of(st.sampled_from(["web", "", "a b"]), scalars),
        "time": st.one_of(st.floats(NOW - 90_000, NOW + 400), scalars),
        "measurements": st.dictionaries(
            st.sampled_from(["duration", "used", "capacity", "value", "likelihood", "heat", "x y"]),
            numbers,
            max_size=4,
        ),
        "attributes": st.dictionaries(
            st.one_of(
                st.sampled_from(
                    ["operation", "outcome", "id", "unit", "from", "to", "channel", "state"]
                ),
                st.text(max_size=4),
            ),
            scalars,
            max_size=6,
        ),
        "event_id": st.one_of(st.sampled_from(["1", "2"]), scalars),
        "source": st.one_of(st.just("desk"), scalars),
        "traceparent": st.one_of(
            st.just("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), scalars
        ),
    },
)


def decoder(table: SeriesTable) -> Decoder:
    return Decoder(table, Rules(default_path="host-1"), Duplicates(threading.Lock()))


def decode(one: Decoder, body: bytes, form: Form = Form.JSON) -> Decoded:
    return one.decode(body, Content(form=form), now=NOW, monotonic=1.0)


def held(found: Decoded) -> dict[str, Any]:
    """All that a request holds, as plain data."""
    batch = found.batch
    return {
        "points": [batch.series.tolist(), batch.value.tolist(), batch.time.tolist()],
        "exemplars": batch.exemplars,
        "records": dict(found.records),
        "signals": found.signals,
        "counts": [found.accepted, found.duplicates, found.in_flight, dict(found.rejected)],
        "faults": found.faults,
    }


@given(st.lists(events, max_size=8))
def test_what_is_cached_gives_the_same_as_what_is_made_afresh(bodies: list[Any]) -> None:
    table = SeriesTable(Limits(), threading.Lock())
    body = json.dumps(bodies).encode()
    warm = decoder(table)
    first = decode(warm, body)
    first.claims.release()
    again = decode(warm, body)
    again.claims.release()
    fresh = decode(decoder(table), body)
    assert held(again) == held(first) == held(fresh)


@given(st.lists(events, min_size=1, max_size=8))
def test_an_array_gives_the_same_as_its_lines(bodies: list[Any]) -> None:
    table = SeriesTable(Limits(), threading.Lock())
    array = decode(decoder(table), json.dumps(bodies).encode())
    lines = b"\n".join(json.dumps(body).encode() for body in bodies)
    assert held(decode(decoder(table), lines, Form.LINES)) == held(array)


@given(st.lists(events, max_size=8))
def test_one_broken_event_more_changes_nothing_for_the_others(bodies: list[Any]) -> None:
    table = SeriesTable(Limits(), threading.Lock())
    texts = [json.dumps(body) for body in bodies]
    whole = decode(decoder(table), f"[{','.join(texts)}]".encode())
    broken = decode(decoder(table), f"[{','.join([*texts, '{!}'])}]".encode())
    assert held(broken)["points"] == held(whole)["points"]
    assert held(broken)["records"] == held(whole)["records"]
    assert broken.accepted == whole.accepted


@given(st.lists(events, max_size=8))
def test_every_event_is_accounted_for_and_nothing_raw_comes_through(bodies: list[Any]) -> None:
    table = SeriesTable(Limits(), threading.Lock())
    found = decode(decoder(table), json.dumps(bodies).encode())
    known = found.accepted + found.duplicates + sum(found.rejected.values())
    assert known == len(bodies)
    assert all(fault.reason.isprintable() for fault in found.faults)
    for series in table:
        assert not any(ord(one) < 32 for label in series.labels for one in label)


@given(st.binary(max_size=64), st.sampled_from(Form))
@example(b"[[]]", Form.JSON)
@example(b"[,]", Form.JSON)
@example(b'[{"event":"a.b"},]', Form.JSON)
@example(b"\x00", Form.LINES)
def test_no_bytes_whatever_crash_the_decoder(body: bytes, form: Form) -> None:
    table = SeriesTable(Limits(), threading.Lock())
    try:
        found = decode(decoder(table), body, form)
    except BrokenBodyError:
        return
    assert found.accepted + sum(found.rejected.values()) >= 0


@given(st.lists(events, min_size=1, max_size=4), st.data())
def test_a_truncated_or_flipped_body_never_crashes(bodies: list[Any], data: st.DataObject) -> None:
    body = bytearray(json.dumps(bodies).encode())
    place = data.draw(st.integers(0, len(body) - 1))
    body[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(body)))
    table = SeriesTable(Limits(), threading.Lock())
    for text in (bytes(body), bytes(body[:cut])):
        try:
            found = decode(decoder(table), text)
        except BrokenBodyError:
            continue
        assert found.accepted <= len(bodies)
