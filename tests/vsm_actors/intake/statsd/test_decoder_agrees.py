"""The decoder against a plain reading of the grammar, line by line, on whatever comes."""

import re
from collections import Counter
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

NUMBER = re.compile(rb"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
KINDS = (b"c", b"g", b"ms", b"h", b"d")
SUFFIX = {b"c": "_total", b"ms": "_seconds"}


def plainly(blob: bytes) -> tuple[list[tuple[str, str, float, float]], int]:
    """Read (family, value of tag x, value, weight) and count refused lines, one by one."""
    points: list[tuple[str, str, float, float]] = []
    refused = 0
    types: dict[bytes, bytes] = {}
    gauges: dict[tuple[str, str], float] = {}
    for line in filter(None, blob.split(b"\n")):
        name, _, rest = line.partition(b":")
        value, _, tail = rest.partition(b"|")
        fields = tail.split(b"|")
        numbers = _numbers(name, value, fields[0])
        if numbers is None or types.setdefault(name, fields[0]) != fields[0]:
            refused += 1
        else:
            points += _points(name, numbers, value, fields, gauges)
    return points, refused


def _numbers(name: bytes, value: bytes, kind: bytes) -> list[float] | None:
    parts = value.split(b":")
    if not name or b"|" in name or kind not in KINDS or not all(map(NUMBER.fullmatch, parts)):
        return None
    numbers = list(map(float, parts))
    negative = kind in (b"c", b"ms") and min(numbers) < 0
    return None if negative or max(map(abs, numbers)) > 1e30 else numbers


def _points(
    name: bytes,
    numbers: list[float],
    value: bytes,
    fields: list[bytes],
    gauges: dict[tuple[str, str], float],
) -> list[tuple[str, str, float, float]]:
    kind = fields[0]
    rate = next((float(one[1:]) for one in fields if one[:1] == b"@"), 1.0)
    tag = next((one.partition(b":")[2].decode() for one in fields if one[:1] == b"#"), "")
    family = f"vsm_custom_{name.decode()}{SUFFIX.get(kind, '')}"
    if kind == b"c":
        return [(family, tag, number / rate, 1.0) for number in numbers]
    if kind != b"g":
        weight, divisor = float(round(1 / rate)), 1000 if kind == b"ms" else 1
        return [(family, tag, number / divisor, weight) for number in numbers]
    found = []
    for part, number in zip(value.split(b":"), numbers, strict=True):
        before = gauges.get((family, tag), 0.0) if part[:1] in (b"+", b"-") else 0.0
        gauges[family, tag] = before + number
        found.append((family, tag, before + number, 1.0))
    return found


digits = st.text("0123456789", min_size=1, max_size=18).map(str.encode)
numbers = st.one_of(
    digits,
    st.tuples(st.sampled_from([b"", b"+", b"-"]), digits, digits).map(
        lambda n: n[0] + n[1] + b"." + n[2]
    ),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda n: repr(n).encode()),
    st.sampled_from(
        [b"", b"-", b".", b"+.5", b"5.", b"1_0", b"nan", b"inf", b" 1", b"1e5", b"-0", b"1e31"]
    ),
)
values = st.lists(numbers, min_size=1, max_size=3).map(b":".join) | numbers
tails = st.tuples(
    st.sampled_from(KINDS),
    st.sampled_from([b"", b"|@0.1", b"|@1", b"|@.3", b"|@1e-3"]),
    st.sampled_from([b"", b"|#x:1", b"|#x:2", b"|#x:a:b"]),
).map(b"".join)
good = st.builds(
    lambda name, value, tail: name + b":" + value + b"|" + tail,
    st.sampled_from([b"a", b"b", b"cc", b"ddd"]),
    values,
    tails,
)
broken = st.sampled_from(
    [b"", b"a", b"a:1", b"a|c", b"|", b":", b":1|c", b"a:1|x", b"a:|", b"a:1|"]
)
blobs = st.lists(good | broken, max_size=12).map(b"\n".join)


@given(st.lists(blobs, max_size=3))
@example([b"a:999999999999999|g\na:9999999999999999|g\na:0.000000000000001|g"])
@example([b"a:-12345.6|g\na:-1234567|g\na:+1234567|g"])
def test_it_reads_what_a_plain_reader_reads(make_intake: Any, several: list[bytes]) -> None:
    intake = make_intake()
    found: list[tuple[str, str, float, float]] = []
    refused = 0
    for blob in several:
        found += [
            (name, labels.get("x", ""), value, weight)
            for name, labels, value, weight in intake.points(blob)
        ]
    assert found == plainly(b"\n".join(several))[0]
    fresh = make_intake()
    for blob in several:
        refused += sum(fresh.refused(blob).values())
    assert refused == plainly(b"\n".join(several))[1]


@given(st.lists(st.binary(max_size=80) | good, max_size=20), st.randoms())
def test_no_bytes_crash_it_and_good_lines_count_among_any(
    make_intake: Any, lines: list[bytes], random: Any
) -> None:
    intake = make_intake()
    sure = [b"sure:1|c"] * 3
    mixed = [*lines, *sure]
    random.shuffle(mixed)
    decoded = intake.decode(b"\n".join(mixed))
    assert "poisoned" not in {reason.value for reason in decoded.rejected}
    names = Counter(intake.named(series)[0] for series in decoded.batch.series.tolist())
    assert names["vsm_custom_sure_total"] >= 3


@given(st.lists(good | broken | st.binary(max_size=30), max_size=12), st.integers(0, 12))
def test_where_a_blob_is_cut_between_lines_makes_no_difference(
    make_intake: Any, lines: list[bytes], cut: int
) -> None:
    whole, parts = make_intake(), make_intake()
    expected = whole.points(b"\n".join(lines))
    got = parts.points(b"\n".join(lines[:cut])) + parts.points(b"\n".join(lines[cut:]))
    assert got == expected
