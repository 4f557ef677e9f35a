"""The supervisor: a pykka actor that does what the policy decides, and never waits.

Starts, stops and pauses come back as messages, so it answers administration at any time. Its
orders and its children's exits reach the inbox of this incarnation only; what arrives for a past
one is dropped with it.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, assert_never

from supervision.actor import Actor, Context
from supervision.desk import Desk
from supervision.errors import ShuttingDown, StartTimeout
from supervision.exits import Crash, InitFailed
from supervision.incarnation import Failing
from supervision.policy import decide
from supervision.policy.effects import (
    Announce,
    Booted,
    EraseHeir,
    Forget,
    Halt,
    Quit,
    Reply,
    Silence,
    Spawn,
    Wait,
)
from supervision.policy.events import Boot, Exited, RetryDue, Started, StartIgnored
from supervision.policy.state import Phase, initial
from supervision.reply import Call
from supervision.spawning import conceive
from supervision.spec import BRUTAL_KILL, KILL_GRACE, DynamicSpec

if TYPE_CHECKING:
    from supervision.clock import Timer
    from supervision.exits import Exit
    from supervision.incarnation import Incarnation
    from supervision.policy.effects import Effect
    from supervision.policy.events import Event
    from supervision.runtime import Runtime
    from supervision.spec import SupervisorSpec

__all__ = ["Supervisor"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _StartOverdue:
    child: str
    incarnation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _StopOverdue:
    child: str
    incarnation: int


class Supervisor(Actor):
    """Runs one level of the tree."""

    def __init__(
        self, context: Context, *, spec: SupervisorSpec | DynamicSpec, runtime: Runtime
    ) -> None:
        """Take over the numbers that the children's places have reached."""
        super().__init__(context)
        self._runtime = runtime
        self._desk = Desk(spec, runtime, context.path)
        self._runs: dict[str, Incarnation] = {}
        self._timers: dict[str, Timer] = {}
        fixed = () if isinstance(spec, DynamicSpec) else spec.children
        self._fixed = {child.id: runtime.book.cell(self._path(child.id)) for child in fixed}
        lives = {child: cell.incarnation for child, cell in self._fixed.items()}
        self._state = initial(spec, context.path, lives)
        self._cell = context.run.cell

    # As an actor

    def _ready(self) -> None:
        # Its own start is over when all children have started; see `Booted`.
        self._take(Boot())

    def _dispatch(self, message: object) -> None:
        if self._run.inbox.fenced:
            return
        match message:
            case Call():
                self._administer(message)
            case Failing():
                self._watch_terminate(message)
            case _StartOverdue():
                self._give_up_start(message)
            case _StopOverdue():
                self._give_up_stop(message)
            case _:
                self._take(message)  # type: ignore[arg-type]  # only events are posted to this inbox

    def terminate(self, reason: Exit, /) -> None:
        """Leave nobody behind who would go on under a supervisor that is gone.

        In good order no child is left by now; after a defect of its own, or a stop that comes
        from pykka itself, there may be some.
        """
        del reason
        self._desk.close(ShuttingDown(self.context.id))
        orphans = [run for run in self._runs.values() if not run.ended.is_set()]
        for run in orphans:
            self._runtime.fence_branch(run.cell.path)
        deadline = time.monotonic() + KILL_GRACE
        for run in orphans:
            if not run.ended.wait(max(0.0, deadline - time.monotonic())):
                self._runtime.abandon_branch(run.cell.path)

    def _path(self, child: str) -> str:
        return f"{self.context.path}/{child}"

    def _administer(self, call: Call) -> None:
        request = self._desk.accept(call, self._state)
        if request is not None:
            self._take(request)

    def _post(self, event: object) -> None:
        self._run.inbox.post(event)

    # What the policy decides

    def _take(self, event: Event) -> None:
        if isinstance(event, Started | StartIgnored | Exited):
            run = self._runs.get(event.child)
            if run is not None and run.number == event.incarnation:
                self._disarm(event.child)
        self._state, effects = decide(self._state, event, self._now())
        self._cell.view = self._state
        for effect in effects:
            self._do(effect)

    def _do(self, effect: Effect) -> None:
        match effect:
            case Spawn():
                self._spawn(effect)
            case Halt():
                self._halt(effect)
            case Wait():
                self._wait(effect)
            case Silence() | Forget() | EraseHeir():
                self._tidy(effect)
            case Announce() | Reply() | Booted() | Quit():
                self._speak(effect)
            case _:
                assert_never(effect)

    def _tidy(self, effect: Silence | Forget | EraseHeir) -> None:
        path = self._path(effect.child)
        match effect:
            case Silence():
                self._runtime.silence(path, "stopped")
            case Forget():
                self._disarm(effect.child)
                self._runs.pop(effect.child, None)
                # Others may hold the address of a child of the spec, and a restart of this
                # supervisor brings that child back.
                self._runtime.forget(path, "deleted", keep=effect.child in self._fixed)
            case EraseHeir():
                self._runtime.erase_heirs(path)
            case _:
                assert_never(effect)

    def _speak(self, effect: Announce | Reply | Booted | Quit) -> None:
        match effect:
            case Announce():
                self._runtime.publish(effect.report)
            case Reply():
                self._desk.reply(effect)
            case Booted():
                self._run.started()
            case Quit():
                self._quit(effect)
            case _:
                assert_never(effect)

    def _spawn(self, effect: Spawn) -> None:
        child = effect.spec.id
        cell = self._runtime.book.cell(self._path(child))
        run = conceive(effect.spec, cell, effect.incarnation, self._post, self._runtime)
        self._runs[child] = run
        try:
            run.start()
        except RuntimeError as error:  # the system has no more threads
            run.fence()
            cell.run = None
            cause = InitFailed(error=error)
            self._post(Exited(child=child, incarnation=run.number, exit=cause))
            return
        overdue = _StartOverdue(child=child, incarnation=run.number)
        self._arm(child, effect.spec.start_timeout, overdue)

    def _halt(self, effect: Halt) -> None:
        run = self._runs[effect.child]
        shutdown = self._state.children[effect.child].spec.shutdown
        overdue = _StopOverdue(child=effect.child, incarnation=effect.incarnation)
        if shutdown is BRUTAL_KILL:
            self._runtime.fence_branch(run.cell.path)
            self._arm(effect.child, KILL_GRACE, overdue)
        else:
            run.order_stop()
            self._arm(effect.child, shutdown, overdue)

    def _wait(self, effect: Wait) -> None:
        due = RetryDue(child=effect.child, incarnation=effect.incarnation)
        if effect.seconds == 0.0:
            self._post(due)
        else:
            self._arm(effect.child, effect.seconds * self._runtime.spread(effect.jitter), due)

    def _quit(self, effect: Quit) -> None:
        for child in self._state.children:
            if child not in self._fixed:
                self._runtime.forget(self._path(child), "supervisor ended")
        for timer in self._timers.values():
            timer.cancel()
        self._run.exit = effect.exit

    # Time

    def _arm(self, child: str, seconds: float, event: object) -> None:
        self._disarm(child)
        if seconds < math.inf:
            self._timers[child] = self._runtime.clock.call_later(
                seconds, partial(self._post, event)
            )

    def _disarm(self, child: str) -> None:
        timer = self._timers.pop(child, None)
        if timer is not None:
            timer.cancel()

    def _watch_terminate(self, notice: Failing) -> None:
        child = self._state.children.get(notice.child)
        current = child is not None and child.incarnation == notice.incarnation
        if child is None or not current or child.phase is not Phase.UP:
            return
        shutdown = child.spec.shutdown
        seconds = KILL_GRACE if shutdown is BRUTAL_KILL else shutdown
        overdue = _StopOverdue(child=notice.child, incarnation=notice.incarnation)
        self._arm(notice.child, seconds, overdue)

    def _give_up_start(self, notice: _StartOverdue) -> None:
        child = self._state.children.get(notice.child)
        current = child is not None and child.incarnation == notice.incarnation
        if child is None or not current or child.phase is not Phase.STARTING:
            return
        if self._runtime.abandon_branch(self._path(notice.child)) is not None:
            error = StartTimeout(child.spec.start_timeout)
            cause = InitFailed(error=error)
            self._take(Exited(child=notice.child, incarnation=notice.incarnation, exit=cause))

    def _give_up_stop(self, notice: _StopOverdue) -> None:
        child = self._state.children.get(notice.child)
        current = child is not None and child.incarnation == notice.incarnation
        if child is None or not current:
            return
        crash = self._runs[notice.child].exit
        abandoned = self._runtime.abandon_branch(self._path(notice.child))
        if abandoned is not None:
            cause = crash if isinstance(crash, Crash) else abandoned
            self._take(Exited(child=notice.child, incarnation=notice.incarnation, exit=cause))
