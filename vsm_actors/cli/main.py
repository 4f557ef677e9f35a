"""The entry point: which command, and what its failure means to the caller."""

import sys
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from vsm_actors.cli import catalogue, check, daemon, send
from vsm_actors.cli.arguments import Arguments, parse

EXIT_USAGE = 2

COMMANDS: Mapping[str, Callable[[Arguments], int]] = MappingProxyType(
    {
        "": daemon.run,
        "send": send.run,
        "check-config": check.run,
        "events": catalogue.run_events,
        "metrics": catalogue.run_metrics,
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
