"""System 1, operations: what the organisation does."""

MONITORS = ()
"""What makes its monitors, in the order in which they start."""
