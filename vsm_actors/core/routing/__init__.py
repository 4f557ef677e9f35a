"""From an event to the lanes: what it counts, which monitors fold it, whether it is algedonic.

The catalogue says it as data; here each entry is compiled once into emitters, so that an event
costs a few look-ups. What the catalogue does not know is counted as custom.
"""

from vsm_actors.core.routing.columns import Columns
from vsm_actors.core.routing.emitters import Point, label_attributes
from vsm_actors.core.routing.router import Routed, Router

__all__ = ["Columns", "Point", "Routed", "Router", "label_attributes"]
