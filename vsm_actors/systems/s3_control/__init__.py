"""System 3, control: the inside and now."""

from vsm_actors.systems.s3_control.audit_manager import AuditManager
from vsm_actors.systems.s3_control.control_monitor import ControlMonitor
from vsm_actors.systems.s3_control.optimization_engine import OptimizationEngine

__all__ = ["MONITORS", "AuditManager", "ControlMonitor", "OptimizationEngine"]

MONITORS = (ControlMonitor, OptimizationEngine, AuditManager)
"""What makes its monitors, in the order in which they start."""
