"""``vsm-run events`` and ``vsm-run metrics``: the catalogue, for people and for programs."""

import json
from collections.abc import Sequence

from vsm_actors.cli.arguments import Arguments
from vsm_actors.core.catalogue import Carried, event_entries, metric_entries


def run_events(arguments: Arguments) -> int:
    """Print every event with what it carries."""
    entries = event_entries()
    if arguments.json:
        print(json.dumps(entries, indent=2))
        return 0
    for entry in entries:
        print(f"{entry['name']}  (system {', '.join(map(str, entry['systems']))})")
        print(f"    {entry['help']}")
        for item in entry["measurements"]:
            print(f"    -m {_line(item)}")
        for one in entry["attributes"]:
            print(f"    -a {_line(one, one['choices'])}")
    return 0


def run_metrics(arguments: Arguments) -> int:
    """Print every metric with its kind, labels and help."""
    entries = metric_entries()
    if arguments.json:
        print(json.dumps(entries, indent=2))
        return 0
    for entry in entries:
        print(f"{entry['name']}{{{', '.join(entry['labels'])}}}  {entry['type']}")
        print(f"    {entry['help']}")
    return 0


def _line(item: Carried, choices: Sequence[str] = ()) -> str:
    required = " (required)" if item["required"] else ""
    chosen = f" [{'|'.join(choices)}]" if choices else ""
    return f"{item['name']}{chosen}{required}: {item['help']}"
