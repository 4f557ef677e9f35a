"""``vsm-run``: the command line."""

from vsm_actors.cli.main import main

__all__ = ["main"]
