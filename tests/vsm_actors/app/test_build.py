import platform
from importlib.metadata import version

from vsm_actors.actors.ledger import PrometheusLedger
from vsm_actors.app.build import write_build


def test_the_books_say_which_build_runs_and_since_when() -> None:
    ledger = PrometheusLedger()
    write_build(ledger, 1_795_428_930.5)
    build = {"version": version("vsm-telemetry"), "python": platform.python_version()}
    assert ledger.value("vsm_run_build_info", **build) == 1.0
    assert ledger.value("vsm_run_start_time_seconds") == 1_795_428_930.5
