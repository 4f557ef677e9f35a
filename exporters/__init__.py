"""What leaves the daemon: one file an exporter, independent of each other."""
