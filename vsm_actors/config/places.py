"""Where a key stands in a TOML file: tomllib says what is there, not where."""

import re
from collections import Counter
from collections.abc import Mapping

Key = tuple[str | int, ...]

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_ASSIGNMENT = re.compile(
    r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*[A-Za-z0-9_-]+)*)\s*="""
)


def lines_of(text: str) -> Mapping[Key, int]:
    """Return the line (from 1) of every table header and key; array tables count from 0.

    It reads headers and the first line of assignments. A key inside an inline table has no line
    of its own: look for its nearest parent, as `line_of` does.
    """
    found: dict[Key, int] = {}
    seen: Counter[Key] = Counter()
    table: Key = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = _split(header[2])
            if header[1] == "[[":
                seen[table] += 1
                table = (*table, seen[table] - 1)
            found.setdefault(table, number)
        elif assignment := _ASSIGNMENT.match(line):
            found.setdefault((*table, *_split(assignment[1])), number)
    return found


def line_of(lines: Mapping[Key, int], key: Key) -> int | None:
    """Return the line of `key` or of the nearest of its parents, None where there is none."""
    while key:
        if key in lines:
            return lines[key]
        key = key[:-1]
    return None


def _split(dotted: str) -> Key:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))
