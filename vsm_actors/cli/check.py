"""``vsm-run check-config FILE``."""

import sys
from pathlib import Path

from vsm_actors.cli.arguments import Arguments
from vsm_actors.cli.exits import USAGE
from vsm_actors.config import ConfigurationError, load


def run(arguments: Arguments) -> int:
    """Validate a file; print every error with its place, one a line; return 0 or 2."""
    try:
        load(Path(arguments.file))
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return USAGE
    print(f"{arguments.file}: valid")
    return 0
