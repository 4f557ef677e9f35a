"""VSM Telemetry: the daemon that measures a viable system."""
