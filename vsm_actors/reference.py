"""Writes the reference pages from the catalogues: ``python -m vsm_actors.reference [--check]``."""

import functools
import json
import operator
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from vsm_actors.config.loading import FLAGS, environment_names
from vsm_actors.config.schema import Config
from vsm_actors.core.catalogue import Carried, event_entries, metric_entries

FOLDER = Path(__file__).parent.parent / "docs" / "reference"
_MADE = "<!-- Made from the catalogue by `make docs`; do not edit. -->"


def main() -> int:
    """Write the pages, or with ``--check`` return 1 where one is out of step."""
    stale = [name for name, text in pages().items() if _read(FOLDER / name) != text]
    if "--check" in sys.argv[1:]:
        for name in stale:
            print(f"docs/reference/{name} is out of step; run `make docs`", file=sys.stderr)
        return 1 if stale else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in stale:
        (FOLDER / name).write_text(pages()[name], encoding="utf-8")
        print(f"docs/reference/{name}")
    return 0


def pages() -> Mapping[str, str]:
    """Return the text of every reference page, by file name."""
    return {
        "events.md": _page("Events", _events()),
        "metrics.md": _page("Metrics", _metrics()),
        "configuration.md": _page("Configuration", _configuration()),
    }


def _page(title: str, lines: Iterable[str]) -> str:
    return "\n".join([f"# {title}", "", _MADE, "", *lines, ""])


def _events() -> Iterable[str]:
    for entry in event_entries():
        yield f"## `{entry['name']}`"
        yield ""
        systems = ", ".join(map(str, entry["systems"]))
        yield f"{entry['help']} Reported by system {systems}; lanes: {', '.join(entry['lanes'])}."
        yield ""
        carried = (
            *(_carried("measurement", one) for one in entry["measurements"]),
            *(_carried("attribute", one, one["choices"]) for one in entry["attributes"]),
        )
        yield from _table(("kind", "name", "required", "what"), carried)
        yield f"Counts into: {_codes(entry['metrics'])}. Concerns: {_codes(entry['monitors'])}."
        yield ""


def _carried(kind: str, item: Carried, choices: Sequence[str] = ()) -> tuple[str, ...]:
    chosen = f" One of {_codes(choices)}." if choices else ""
    required = "yes" if item["required"] else ""
    return kind, f"`{item['name']}`", required, item["help"] + chosen


def _metrics() -> Iterable[str]:
    yield from _table(
        ("metric", "type", "labels", "what"),
        (
            (f"`{entry['name']}`", entry["type"], _codes(entry["labels"]), entry["help"])
            for entry in metric_entries()
        ),
    )


def _configuration() -> Iterable[str]:
    yield "A flag wins over the environment, the environment over the file (`--config FILE`)."
    yield "Durations are written `30s`, `5m`, `1h`, `15d`."
    yield ""
    flags = {key: f"`{flag}`" for flag, key in FLAGS.items()}
    defaults = msgspec.to_builtins(Config(), enc_hook=str)
    rows = []
    for variable, key in environment_names():
        dotted = ".".join(str(part) for part in key)
        default = functools.reduce(operator.getitem, key, defaults)
        flag = flags.get(dotted, "")
        rows.append((f"`{dotted}`", f"`{variable}`", flag, f"`{json.dumps(default)}`"))
    yield from _table(("key", "variable", "flag", "default"), rows)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterable[str]:
    yield _row(head)
    yield _row(tuple("---" for _ in head))
    for row in rows:
        yield _row(row)
    yield ""


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main())
