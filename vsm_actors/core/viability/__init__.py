"""Viability: readings rolled up to the health of the five systems, and these to one index."""

from vsm_actors.core.viability.calculator import Viability, ViabilityState

__all__ = ["Viability", "ViabilityState"]
