"""The event catalogue: every event of the model as data, in one place.

A new event is one entry in the file of its system. Validation, lanes, metrics, HELP texts and the
reference documentation follow from it.
"""

from collections.abc import Mapping
from types import MappingProxyType

from vsm_actors.core.events.algedonic import ALGEDONIC
from vsm_actors.core.events.control import CONTROL
from vsm_actors.core.events.coordination import COORDINATION
from vsm_actors.core.events.intelligence import INTELLIGENCE
from vsm_actors.core.events.model import Attribute, Count, EventType, Lane, Measurement
from vsm_actors.core.events.operations import OPERATIONS
from vsm_actors.core.events.policy import POLICY

__all__ = ["CATALOGUE", "Attribute", "Count", "EventType", "Lane", "Measurement"]

CATALOGUE: Mapping[str, EventType] = MappingProxyType(
    {
        event.name: event
        for event in (*OPERATIONS, *COORDINATION, *CONTROL, *INTELLIGENCE, *POLICY, *ALGEDONIC)
    }
)
