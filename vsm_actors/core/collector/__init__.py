"""The fold of the MetricsCollector: batches in, running totals, frames and windows out."""
