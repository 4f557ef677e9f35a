"""System 1, operations: what the organisation does."""
