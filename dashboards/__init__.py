"""What people look at: Grafana dashboards, Prometheus rules and the live page."""
