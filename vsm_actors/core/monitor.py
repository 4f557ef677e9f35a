"""What a monitor is: a pure fold over events and windows, concluding on every tick."""

from typing import Protocol, TypeVar

from vsm_actors.core.reading import Reading
from vsm_actors.core.record import Event
from vsm_actors.core.window.view import View

State = TypeVar("State")


class Monitor(Protocol[State]):
    """One of the fifteen. It holds configuration only; its state is passed in and out.

    State is immutable and shares structure with its predecessor (`immutables.Map` for what is
    kept per path and unit), so that the heir can keep it across a crash at the cost of what
    changed. It is bounded: past its number of keys a monitor refuses new ones and counts them.
    """

    @property
    def name(self) -> str:
        """The actor's name in the supervision tree, as the catalogue names it."""
        ...

    @property
    def system(self) -> int:
        """Which of the five systems it belongs to, 1 to 5."""
        ...

    def initial(self) -> State:
        """Return the state of a monitor that has seen nothing."""
        ...

    def fold(self, state: State, event: Event) -> State:
        """Return `state` with one record of the event lane folded in."""
        ...

    def observe(self, state: State, view: View) -> State:
        """Return `state` with one window of the bulk lane folded in."""
        ...

    def conclude(self, state: State, now: float) -> tuple[State, tuple[Reading, ...]]:
        """Return what can be said at `now` (Unix seconds), possibly nothing, and forget the old."""
        ...

    def refused(self, state: State) -> int:
        """Return how many keys the bound has refused so far."""
        ...
