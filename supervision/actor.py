"""The base class of supervised actors."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, final

from pykka import ActorRegistry, ThreadingActor

from supervision.exits import Crash, Exit, Ignore, InitFailed, Normal, Shutdown
from supervision.inbox import NOTHING, STOP
from supervision.reply import Call

if TYPE_CHECKING:
    from types import TracebackType

    from supervision.address import Address
    from supervision.clock import Clock
    from supervision.heir import Heir
    from supervision.incarnation import Incarnation

__all__ = ["Actor", "Context"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What an incarnation is given.

    Attributes:
        id: the child's id.
        path: where it is in the tree, the root's id first.
        incarnation: 1 for the first.
        address: its own stable address.
        heir: its own cell of state.
        clock: what time it is.
    """

    id: str
    path: str
    incarnation: int
    address: Address
    heir: Heir[Any]
    clock: Clock
    run: Incarnation = field(repr=False, compare=False)


class Actor(ThreadingActor):
    """A supervised actor: override `init`, `handle` and `terminate`.

    A pykka actor whose life belongs to its supervisor: all three run in the actor's own thread,
    and whatever they raise, `SystemExit` included, ends this incarnation only.
    """

    use_daemon_thread: ClassVar[bool] = True

    def __init__(self, context: Context) -> None:
        """Take the context; subclasses add keyword arguments, which come from the spec."""
        super().__init__()
        self.context = context
        self._run = context.run
        self._stats = context.run.cell.stats
        self._now = context.clock.monotonic
        self.actor_inbox = context.run.inbox
        self.actor_ref.actor_inbox = context.run.inbox
        context.run.ref = self.actor_ref

    # For subclasses

    def init(self) -> Ignore | None:
        """Get ready; the supervisor waits for it. Raise to fail, return `IGNORE` not to run."""
        return None

    def handle(self, message: Any, /) -> object:  # noqa: ANN401 -- each actor has its own message types
        """Handle one message; what it returns answers an `ask`. An exception is a crash."""
        msg = f"{type(self).__name__} got a message but has no handle()"
        raise NotImplementedError(msg, message)

    def terminate(self, reason: Exit, /) -> None:
        """Clean up after an ordered stop or an end of its own; best effort after a crash."""

    @final
    def commit(self, state: object) -> None:
        """Leave state to the next incarnation.

        Raises:
            StaleIncarnation: this incarnation has been fenced; let the error end it.
        """
        self.context.heir.commit(self.context.incarnation, state)

    @final
    def exit_normal(self) -> None:
        """End with a normal exit once the current `handle` or `init` returns."""
        self._run.exit = Normal()

    @final
    def exit_shutdown(self, detail: str = "") -> None:
        """End in good order once the current `handle` or `init` returns."""
        self._run.exit = Shutdown(detail=detail)

    # pykka's hooks; the life cycle is not for subclasses

    @final
    def _start_actor_loop(self) -> None:
        # The incarnation's thread runs the constructor as well, so that one that hangs cannot
        # hang the supervisor; the loop then goes on in that very thread.
        self._actor_loop()

    @final
    def on_start(self) -> None:
        """Run `init` inside the start handshake."""
        try:
            if self.init() is Ignore.IGNORE:
                self._run.ignored = True
                self._leave()
                return
            self._ready()
        except BaseException as error:  # noqa: BLE001 -- SystemExit here would leave a ghost in pykka
            self._run.exit = InitFailed(error=error)
            self._leave()
            return
        if self._run.exit is not None:
            self._stop()

    def _ready(self) -> None:
        self._run.started()

    def _leave(self) -> None:
        ActorRegistry.unregister(self.actor_ref)
        self.actor_stopped.set()

    @final
    def on_receive(self, message: object) -> None:
        """Handle one message; contain whatever it raises."""
        if message is STOP:
            self._stop()
            return
        stats = self._stats
        stats.since = begun = self._now()
        try:
            self._dispatch(message)
        except BaseException as error:  # noqa: BLE001 -- SystemExit here would stop every actor of the process
            self._crash(error)
        else:
            self._run.inbox.current = NOTHING
            stats.handled += 1
        if self._run.inbox.fenced:
            self._stop()
            return
        stats.since = None
        stats.busy += self._now() - begun
        if self._run.exit is not None:
            self._stop()

    def _dispatch(self, message: object) -> None:
        if type(message) is Call:
            message.reply.answer(self.handle(message.message))
        else:
            self.handle(message)

    def _crash(self, error: BaseException) -> None:
        self._run.failing(error)
        if type(self).terminate is not Actor.terminate:
            self._run.terminating()

    @final
    def on_stop(self) -> None:
        """Run `terminate`, unless fenced: its name and resources may be another's by now."""
        run = self._run
        if run.inbox.fenced:
            run.exit = run.exit or Shutdown(detail="fenced")
            return
        if run.exit is None:
            run.exit = Shutdown() if run.inbox.stopping else Normal()
        try:
            self.terminate(run.exit)
        except BaseException as error:  # noqa: BLE001 -- as above
            if not isinstance(run.exit, Crash):
                run.exit = Crash(error=error)

    @final
    def on_failure(
        self,
        exception_type: type[BaseException] | None,
        exception_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Never called: no exception reaches pykka."""
