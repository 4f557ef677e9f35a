"""System 1, operations: what the organisation does."""

from vsm_actors.systems.s1_operations.operational_monitor import OperationalMonitor
from vsm_actors.systems.s1_operations.performance_tracker import PerformanceTracker
from vsm_actors.systems.s1_operations.resource_monitor import ResourceMonitor

MONITORS = (OperationalMonitor, PerformanceTracker, ResourceMonitor)
"""What makes its monitors, in the order in which they start."""
