"""System 3, control: the inside and now."""

MONITORS = ()
"""What makes its monitors, in the order in which they start."""
