"""One stream as it is kept: its states, and their entropy once it is computed."""

from dataclasses import dataclass

from vsm_actors.core.state.tally import Tally
from vsm_actors.core.variety.requisite import Variety


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One stream.

    Attributes:
        tally: its states over the window.
        variety: its entropy, None until it is computed again.
    """

    tally: Tally
    variety: Variety | None = None
