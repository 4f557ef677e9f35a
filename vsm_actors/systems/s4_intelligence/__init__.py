"""System 4, intelligence: the outside and then."""

from vsm_actors.systems.s4_intelligence.environment_scanner import EnvironmentScanner
from vsm_actors.systems.s4_intelligence.future_projector import FutureProjector
from vsm_actors.systems.s4_intelligence.threat_analyzer import ThreatAnalyzer

__all__ = ["MONITORS", "EnvironmentScanner", "FutureProjector", "ThreatAnalyzer"]

MONITORS = (EnvironmentScanner, ThreatAnalyzer, FutureProjector)
"""What makes its monitors, in the order in which they start."""
