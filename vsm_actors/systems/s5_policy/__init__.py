"""System 5, policy: identity, purpose and the last word."""
