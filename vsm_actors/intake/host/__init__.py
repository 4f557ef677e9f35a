"""The host that the daemon runs on, as a viable system: looks, and what they say."""
