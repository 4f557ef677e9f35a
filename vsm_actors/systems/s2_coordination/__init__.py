"""System 2, coordination: what keeps the operations from oscillating."""
