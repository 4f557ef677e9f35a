"""``make bench``: runs every benchmark in a process of its own; prints a table, writes JSON.

Each benchmark prints rows as JSON lines: at least ``name``, and its figures by name, with
the figure of its reference from the same run beside them.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

BENCHMARKS = ("supervision_restart", "events", "statsd", "pipeline", "exposition", "daemon")
OUT = Path("build/bench.json")


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all; return 1 if one of them failed."""
    rows: dict[str, list[dict[str, Any]]] = {}
    failed = []
    for name in names or BENCHMARKS:
        print(f"\n{name}", flush=True)
        ended = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{name}"],
            capture_output=True,
            check=False,
            text=True,
        )
        rows[name] = [json.loads(line) for line in ended.stdout.splitlines() if line[:1] == "{"]
        for row in rows[name]:
            print(_line(row), flush=True)
        if ended.returncode:
            failed.append(name)
            print(ended.stderr, file=sys.stderr)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    print(f"\nwritten to {OUT}" + (f"; failed: {', '.join(failed)}" if failed else ""))
    return 1 if failed else 0


def _line(row: dict[str, Any]) -> str:
    name = str(row.get("name", ""))
    figures = (f"{key} {_figure(value)}" for key, value in row.items() if key != "name")
    return f"  {name:<44} {'  '.join(figures)}"


def _figure(value: object) -> str:
    return f"{value:,.4g}" if isinstance(value, float) else f"{value}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
