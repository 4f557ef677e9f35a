"""Variety: the streams of states of the model, their entropy, and who has to match whom."""

from vsm_actors.core.variety.calculator import VarietyCalculator

__all__ = ["VarietyCalculator"]
