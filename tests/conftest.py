"""Settings that every test shares."""

import os

from hypothesis import HealthCheck, settings

# Time limits of single examples fail on a busy machine and find nothing: pytest's own limit holds.
_EXAMPLES_OF_A_BUSY_MACHINE = [HealthCheck.too_slow]

settings.register_profile(
    "ci",
    deadline=None,
    derandomize=False,
    print_blob=True,
    suppress_health_check=_EXAMPLES_OF_A_BUSY_MACHINE,
)
settings.register_profile("thorough", parent=settings.get_profile("ci"), max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
