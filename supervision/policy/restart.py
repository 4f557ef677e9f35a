"""What a child's own end leads to: restart, group restart, pause, escalation, auto_shutdown."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, assert_never

from supervision.errors import ChildStartFailed, StartFailed
from supervision.exits import Abandoned, Crash, InitFailed, Normal, Shutdown
from supervision.policy.effects import Announce, EraseHeir
from supervision.policy.sequence import close
from supervision.policy.state import ALIVE, GAVE_UP, Asked, Child, Goal, Phase, Stage
from supervision.reports import ChildTerminated, IntensityExceeded, RestartDelayed, StartError
from supervision.spec import AutoShutdown, Backoff, Restart, Strategy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from supervision.exits import Exit
    from supervision.policy.turn import Turn

_LAST_RESORT: Final = Backoff()


def restarts_after(restart: Restart, cause: Exit) -> bool:
    """OTP's table: whether a child of this type is started again after this exit."""
    match restart:
        case Restart.PERMANENT:
            return True
        case Restart.TRANSIENT:
            return not isinstance(cause, Normal | Shutdown)
        case Restart.TEMPORARY:
            return False
        case _:
            assert_never(restart)


def error_of(cause: Exit) -> BaseException:
    """The exception behind an exit, for who has to raise one."""
    match cause:
        case Crash() | InitFailed():
            return cause.error
        case Normal() | Shutdown() | Abandoned():
            return RuntimeError(f"ended during its start: {cause}")
        case _:
            assert_never(cause)


def in_window(restarts: Sequence[float], now: float, period: float) -> tuple[float, ...]:
    """Keep the restarts of the last `period` seconds, bounds included."""
    return tuple(at for at in restarts if now - at <= period)


def decayed(failures: float, age: float, backoff: Backoff) -> float:
    """Weigh past failures after `age` seconds."""
    return float(failures * 0.5 ** (age / backoff.half_life))


def pause(failures: float, backoff: Backoff) -> float:
    """Seconds to wait before the restart that follows the last of so many recent failures."""
    excess = failures - backoff.threshold
    if excess <= 0.0:
        return 0.0
    # The exponent is bounded so that a long series of failures cannot overflow a float.
    return float(min(backoff.maximum, backoff.initial * backoff.factor ** min(excess - 1.0, 64.0)))


def died(turn: Turn, child: Child, cause: Exit) -> None:
    """A running child ended by itself."""
    again = restarts_after(child.spec.restart, cause)
    report = ChildTerminated(
        path=turn.path(child),
        incarnation=child.incarnation,
        at=turn.now,
        cause=cause,
        restarted=again,
    )
    if again:
        _restart(turn, child, cause, at_once=True)
    else:
        turn.rest(child)
        _auto_shutdown(turn, child)
    turn.emit(Announce(report=report))


def start_failed(turn: Turn, child: Child, cause: Exit) -> None:
    """A child did not come up."""
    report = StartError(
        path=turn.path(child), incarnation=child.incarnation, at=turn.now, cause=cause
    )
    turn.emit(Announce(report=report))
    if turn.stage is Stage.BOOTING:
        turn.put(replace(child, phase=Phase.DOWN, goal=Goal.DOWN))
        close(turn, InitFailed(error=StartFailed(turn.path(child), error_of(cause))))
    elif child.ticket is not None:
        asked = child.ticket.asked
        child = turn.answer(child, ChildStartFailed(child.spec.id, error_of(cause)))
        (turn.forget if asked is Asked.START else turn.rest)(child)
    else:
        _restart(turn, child, cause, at_once=False)


def _restart(turn: Turn, child: Child, cause: Exit, *, at_once: bool) -> None:
    recent = in_window(turn.restarts, turn.now, turn.rules.period)
    allowed = len(recent) < turn.rules.intensity
    # Only the newest count: what is older than the bound can no longer change an answer.
    turn.restarts = (*recent, turn.now)[-(turn.rules.intensity + 1) :]
    if not allowed:
        _announce_excess(turn, child, cause)
    if not allowed and turn.rules.give_up:
        turn.put(replace(child, phase=Phase.DOWN, goal=Goal.DOWN))
        close(turn, GAVE_UP)
        return
    child, seconds = _weigh(turn, child, allowed=allowed)
    _take_down_group(turn, child)
    if at_once and seconds == 0.0:
        turn.put(replace(child, phase=Phase.DOWN, goal=Goal.UP))
    else:
        # Even without a pause a failed start is tried again only after whatever else waits.
        turn.wait(child, seconds)
    if seconds > 0.0:
        _announce_pause(turn, child, seconds)


def _weigh(turn: Turn, child: Child, *, allowed: bool) -> tuple[Child, float]:
    backoff = turn.rules.backoff or _LAST_RESORT
    failures = decayed(child.failures, turn.now - child.failed_at, backoff) + 1.0
    child = replace(child, failures=failures, failed_at=turn.now)
    seconds = pause(failures, backoff) if turn.rules.backoff else 0.0
    if not allowed:
        turn.emit(EraseHeir(child=child.spec.id))
        seconds = max(backoff.initial, pause(failures, backoff))
    return child, seconds


def _take_down_group(turn: Turn, failed: Child) -> None:
    if turn.rules.strategy is Strategy.ONE_FOR_ONE:
        return
    passed = turn.rules.strategy is Strategy.ONE_FOR_ALL
    for child in list(turn.children.values()):
        if child.spec.id == failed.spec.id:
            passed = True
        elif passed and child.phase in ALIVE:
            temporary = child.spec.restart is Restart.TEMPORARY
            turn.put(replace(child, goal=Goal.GONE if temporary else Goal.AGAIN))
        elif passed:
            # As in OTP, a group restart starts the stopped members too.
            turn.put(replace(child, phase=Phase.DOWN, goal=Goal.UP))


def _auto_shutdown(turn: Turn, ended: Child) -> None:
    if not ended.spec.significant:
        return
    others = any(
        child.spec.significant and child.phase is not Phase.DOWN for child in turn.children.values()
    )
    if turn.rules.auto_shutdown is AutoShutdown.ANY_SIGNIFICANT or not others:
        close(turn, Shutdown(detail="significant child ended"))


def _announce_excess(turn: Turn, child: Child, cause: Exit) -> None:
    report = IntensityExceeded(
        path=turn.rules.path,
        incarnation=0,
        at=turn.now,
        child=turn.path(child),
        cause=cause,
        gives_up=turn.rules.give_up,
    )
    turn.emit(Announce(report=report))


def _announce_pause(turn: Turn, child: Child, seconds: float) -> None:
    report = RestartDelayed(
        path=turn.path(child), incarnation=child.incarnation, at=turn.now, seconds=seconds
    )
    turn.emit(Announce(report=report))
