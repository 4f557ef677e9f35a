"""Repeatable measurements of load and latency, peers beside us where they install."""
