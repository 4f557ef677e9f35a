"""System 2, coordination: what keeps the operations from oscillating."""

MONITORS = ()
"""What makes its monitors, in the order in which they start."""
