"""System 5, policy: identity, purpose and the last word."""

from vsm_actors.systems.s5_policy.identity_manager import IdentityManager
from vsm_actors.systems.s5_policy.policy_monitor import PolicyMonitor
from vsm_actors.systems.s5_policy.strategic_planner import StrategicPlanner

__all__ = ["MONITORS", "IdentityManager", "PolicyMonitor", "StrategicPlanner"]

MONITORS = (PolicyMonitor, IdentityManager, StrategicPlanner)
"""What makes its monitors, in the order in which they start."""
