"""What the exit codes of ``vsm-run`` mean."""

FAILURE = 1
"""What was asked could not be done."""

USAGE = 2
"""What was asked, or the configuration, cannot be meant."""
