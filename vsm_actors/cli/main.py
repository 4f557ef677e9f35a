"""The entry point: which command, and what its failure means to the caller."""

import sys
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from vsm_actors.cli.arguments import Arguments, parse
from vsm_actors.cli.catalogue import run_events, run_metrics
from vsm_actors.cli.check import run as run_check
from vsm_actors.cli.daemon import run as run_daemon
from vsm_actors.cli.demo import run as run_demo
from vsm_actors.cli.send import run as run_send

COMMANDS: Mapping[str, Callable[[Arguments], int]] = MappingProxyType(
    {
        "": run_daemon,
        "demo": run_demo,
        "send": run_send,
        "check-config": run_check,
        "events": run_events,
        "metrics": run_metrics,
    }
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``vsm-run`` and return its exit code: 0, 1 for failure, 2 for usage and configuration."""
    arguments = parse(sys.argv[1:] if argv is None else argv)
    try:
        return COMMANDS[arguments.command](arguments)
    except BrokenPipeError:
        # Whoever read our output has seen enough (``vsm-run metrics | head``).
        sys.stderr.close()
        return 0
