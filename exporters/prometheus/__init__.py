"""The Prometheus exposition: ``GET /metrics`` in text 0.0.4 and OpenMetrics 1.0."""
