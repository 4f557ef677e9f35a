"""Decoding of events: pure, from bytes to points, records and signals."""
