"""What a fold keeps from one window to the next: immutable, bounded, rolling over time."""
