"""System 5, policy: identity, purpose and the last word."""

MONITORS = ()
"""What makes its monitors, in the order in which they start."""
