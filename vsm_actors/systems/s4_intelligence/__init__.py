"""System 4, intelligence: the outside and then."""

MONITORS = ()
"""What makes its monitors, in the order in which they start."""
