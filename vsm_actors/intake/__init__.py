"""Decoders and listeners: from bytes to batches, records and signals."""
