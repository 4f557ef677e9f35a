"""The daemon itself as a viable system, under the reserved path."""
