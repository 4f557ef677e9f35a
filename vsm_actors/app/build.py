"""Which build this process is, and since when it runs, in the daemon's own books."""

import platform
from importlib.metadata import version

from vsm_actors.core.ledger import Ledger


def write_build(ledger: Ledger, now: float) -> None:
    """Write what does not change while the process lives; `now` is its start in Unix seconds."""
    ledger.set(
        "vsm_run_build_info",
        1.0,
        version=version("vsm-telemetry"),
        python=platform.python_version(),
    )
    ledger.set("vsm_run_start_time_seconds", now)
