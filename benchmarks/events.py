"""Events a second from a JSON body to columns, beside two plain readings of the same bodies.

Run ``python -m benchmarks.events``. Each line is JSON: events a second (median), and the ratio to
``json.loads`` with a loop that counts into a dictionary and to ``msgspec.json.decode`` alone, which
checks and counts nothing. Seconds are of processor time, so that a busy machine does not count;
all three run in turn, in the same process. Bodies have 1 MB; the heads (paths, units, labels) that
come again grow from row to row.
"""

import json
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator

import msgspec

from vsm_actors.core.series import Limits, SeriesTable
from vsm_actors.intake.events.content import Content, Form
from vsm_actors.intake.events.decoder import Decoder
from vsm_actors.intake.events.duplicates import Duplicates
from vsm_actors.intake.events.rules import Rules

HEADS = (100, 10_000, 100_000)
RUNS = 5
BODY = 1_000_000
_NOW = 1_795_428_930.5
_CONTENT = Content(form=Form.JSON)
_EVENT = (
    '{"event":"operation.completed","system":1,"path":"acme/plant-%d","unit":"press-%d",'
    '"time":"2026-11-23T10:15:30.123Z","measurements":{"duration":0.%d},'
    '"attributes":{"operation":"stamp","outcome":"ok"%s}%s}'
)
_TRACE = ',"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"'

Extra = Callable[[int], tuple[str, str]]
EXTRAS: dict[str, Extra] = {
    "plain": lambda _: ("", ""),
    "with a correlation id": lambda n: (f',"id":"{n}"', ""),
    "with an event id": lambda n: ("", f',"event_id":"{n}","source":"bench"'),
    "with a traceparent": lambda _: ("", _TRACE),
}


def bodies(heads: int, extra: Extra) -> list[bytes]:
    """Return bodies of about `BODY` bytes in which each of `heads` heads comes once or more."""
    texts = []
    for number in range(max(heads, BODY // 190)):
        head = number % heads
        attribute, member = extra(number)
        texts.append(_EVENT % (head // 1_000, head % 1_000, number, attribute, member))
    size = BODY // len(texts[-1])
    return [
        f"[{','.join(texts[first : first + size])}]".encode()
        for first in range(0, len(texts), size)
    ]


def ours() -> Callable[[bytes], int]:
    """Return what decodes, checks, routes and makes columns; its answer counts the events."""
    wide = Limits(series=10**6, metric_series=10**6, label_values=10**6)
    table = SeriesTable(wide, threading.Lock())
    decoder = Decoder(table, Rules(default_path="bench"), Duplicates(threading.Lock()))

    def decode(body: bytes) -> int:
        found = decoder.decode(body, _CONTENT, now=_NOW, monotonic=1.0)
        found.claims.release()
        assert not found.rejected
        assert len(found.batch) == 3 * found.accepted
        return found.accepted

    return decode


def plain_loop() -> Callable[[bytes], int]:
    """Return the least that counts the same operations and sums their durations."""
    operations: Counter[tuple[str, ...]] = Counter()
    seconds: Counter[tuple[str, ...]] = Counter()

    def decode(body: bytes) -> int:
        events = json.loads(body)
        for event in events:
            said = event["attributes"]
            unit = (event["path"], event["unit"])
            operations[*unit, said["operation"], said["outcome"]] += 1
            seconds[unit] += event["measurements"]["duration"]
        return len(events)

    return decode


def untyped(body: bytes) -> int:
    """Decode into dictionaries, and do nothing with them."""
    return len(msgspec.json.decode(body))


def rate(decode: Callable[[bytes], int], sent: list[bytes]) -> float:
    """Return events a second of processor time over all of `sent`."""
    began = time.process_time()
    events = sum(map(decode, sent))
    return events / (time.process_time() - began)


def rows() -> Iterator[dict[str, object]]:
    """Measure each kind of event for each number of heads."""
    for name, extra in EXTRAS.items():
        for heads in HEADS if name == "plain" else HEADS[:1]:
            sent = bodies(heads, extra)
            decode, loop = ours(), plain_loop()
            cold = rate(decode, sent)
            runs = [
                (rate(decode, sent), rate(loop, sent), rate(untyped, sent)) for _ in range(RUNS)
            ]
            mine, plain, bare = (statistics.median(figures) for figures in zip(*runs, strict=True))
            yield {
                "name": f"events, {name}, {heads:,} heads",
                "events_per_second": round(mine),
                "first_time": round(cold),
                "json_loop": round(plain),
                "msgspec_untyped": round(bare),
                "ratio_to_json_loop": round(mine / plain, 2),
                "ratio_to_msgspec_untyped": round(mine / bare, 2),
            }


if __name__ == "__main__":
    for row in rows():
        print(json.dumps(row), flush=True)
