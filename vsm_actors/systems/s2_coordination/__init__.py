"""System 2, coordination: what keeps the operations from oscillating."""

from vsm_actors.systems.s2_coordination.channel_monitor import ChannelMonitor
from vsm_actors.systems.s2_coordination.coordination_monitor import CoordinationMonitor
from vsm_actors.systems.s2_coordination.variety_manager import VarietyManager

MONITORS = (CoordinationMonitor, VarietyManager, ChannelMonitor)
"""What makes its monitors, in the order in which they start."""
