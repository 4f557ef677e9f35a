"""The shell: actors that host the pure parts."""
