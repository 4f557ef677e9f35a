from collections.abc import Callable
from typing import Any

PLANTS = ("acme/plant-a", "acme/plant-b")
HEALTHY = 60.0
"""Of 100: a calm life is far from trouble."""


def test_a_simulated_organisation_is_healthy_through_the_real_intake(
    start: Callable[..., Any], eventually: Callable[..., None]
) -> None:
    daemon = start("demo", "--speed", "10", "--seed", "7")

    def healths() -> dict[tuple[str, str], float]:
        figures = daemon.figures("vsm_system_health")
        return {
            (labels["path"], labels["system"]): value
            for labels, value in ((dict(found), value) for found, value in figures.items())
        }

    # System 2 is judged after a quarter of an hour of real time only, at any speed.
    wanted = {(path, system) for path in PLANTS for system in "1345"}
    eventually(lambda: wanted <= healths().keys(), within=120.0)
    found = healths()
    assert min(found[one] for one in wanted) > HEALTHY, found
    depths = daemon.figures("vsm_recursion_depth")
    assert depths[frozenset({("path", "acme")})] == 3
    assert daemon.total("vsm_custom_machine_parts_total", path="acme/plant-a/line-1") > 0
    assert daemon.total("vsm_run_points_rejected_total") == 0
    assert daemon.restarts() == 0
    assert daemon.stop() == 0, daemon.log
    assert "demo.stopped" in daemon.log
    assert "demo.not_taken" not in daemon.log
