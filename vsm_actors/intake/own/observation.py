"""Two successive looks at the daemon become facts about the viable system ``vsm-run``. Pure.

Its actors are the units of System 1, and handling a message is what they do. Each mailbox is a
channel of System 2, from the operations (who sent is not kept) to the actor. Supervisors are
System 3. What the process lives in is its environment, which System 4 scans. No decision of a
System 5 is made up.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from vsm_actors.core.naming import SELF_PATH
from vsm_actors.intake.facts import Fact, Teller
from vsm_actors.intake.own.directives import direct
from vsm_actors.intake.own.look import Look, Standing, Surroundings

_MESSAGE = "message"
_START = "start"
"""What failed when an actor crashed without a message in its hands: it was starting or idle."""

_CHANNEL = "mailbox"
_WHOLE = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What the next look is compared with.

    Attributes:
        look: the look before.
        surroundings: then.
        arrived: messages that ever arrived at an actor, by path, as far as looks have shown.
        orders: directives that nobody has answered yet, by path.
    """

    look: Look
    surroundings: Surroundings
    arrived: Mapping[str, int] = field(default_factory=dict)
    orders: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What one look says: facts, and what to remember."""

    facts: tuple[Fact, ...]
    memory: Memory


def observe(memory: Memory | None, look: Look, surroundings: Surroundings) -> Observation:
    """Return what a look says after what is in `memory`; without one, only what is no change."""
    tell = Teller(SELF_PATH, look.time)
    facts = [*_levels(tell, look), *_environment(tell, surroundings), *_own(tell, surroundings)]
    orders = memory.orders if memory is not None else {}
    if memory is not None and look.monotonic > memory.look.monotonic:
        told = direct(tell, memory.look, look, memory.orders)
        orders = told.open
        facts += told.facts
        facts += _changes(tell, memory, look)
        facts += _cpu(tell, memory, look, surroundings)
    arrived = {path: _arrived(one, _known(memory, one)) for path, one in look.actors.items()}
    kept = Memory(look=look, surroundings=surroundings, arrived=arrived, orders=orders)
    return Observation(facts=tuple(facts), memory=kept)


def _levels(tell: Teller, look: Look) -> Iterator[Fact]:
    for one in look.actors.values():
        if one.worker and one.limit is not None:
            yield tell.resource(one.id, "mailbox", one.load, one.limit)
        yield tell.state(one.id, "actors", one.state)


def _known(memory: Memory | None, one: Standing) -> int:
    """Return how many arrivals earlier looks have shown; none where the actor was made anew."""
    if memory is None or memory.look.earlier(one).incarnation == 0:
        return 0
    return memory.arrived.get(one.path, 0)


def _arrived(one: Standing, before: int) -> int:
    """Return how many messages ever arrived, `before` as far as earlier looks have shown."""
    total = one.handled + one.lost + one.depth + one.refused + one.dead_letters
    return max(before, total)


def _changes(tell: Teller, memory: Memory, look: Look) -> Iterator[Fact]:
    elapsed = look.monotonic - memory.look.monotonic
    for one in look.actors.values():
        if one.worker:
            before = memory.look.earlier(one)
            yield from _work(tell, before, one, elapsed)
            yield from _traffic(tell, memory, before, one)


def _work(tell: Teller, before: Standing, one: Standing, elapsed: float) -> Iterator[Fact]:
    lost = one.lost - before.lost
    error = one.error or "unknown"
    for operation, failure, count in (
        (_MESSAGE, "", one.handled - before.handled),
        (_MESSAGE, error, lost),
        (_START, error, one.crashes - before.crashes - lost),
    ):
        if count > 0:
            yield tell.completed(one.id, operation, failure, count)
    busy = min(1.0, (one.busy - before.busy) / elapsed)
    yield tell.resource(one.id, "thread", busy, 1.0, one.depth)


def _traffic(tell: Teller, memory: Memory, before: Standing, one: Standing) -> Iterator[Fact]:
    """Word a mailbox as a channel; what was refused had been sent as well."""
    edge = ("1", f"1/{one.id}", _CHANNEL)
    known = _known(memory, one)
    dropped = _dropped(one) - _dropped(before)
    for verb, count in (
        ("sent", _arrived(one, known) - known),
        ("received", one.handled - before.handled),
        ("dropped", dropped),
    ):
        if count > 0:
            yield tell.message(verb, edge, one.id, count)


def _dropped(one: Standing) -> int:
    return one.refused + one.dead_letters + one.lost


def _own(tell: Teller, here: Surroundings) -> Iterator[Fact]:
    for name, used, capacity in (
        ("memory", here.resident, here.memory),
        ("open_files", here.files_open, here.files),
        ("disk", here.disk_used, here.disk),
    ):
        if used is not None and capacity:
            yield tell.resource(_WHOLE, name, used, capacity)


def _cpu(tell: Teller, memory: Memory, look: Look, here: Surroundings) -> Iterator[Fact]:
    before = memory.surroundings.cpu_seconds
    if before is not None and here.cpu_seconds is not None and here.cores:
        elapsed = look.monotonic - memory.look.monotonic
        yield tell.resource(
            _WHOLE, "cpu", max(0.0, here.cpu_seconds - before) / elapsed, here.cores
        )


def _environment(tell: Teller, here: Surroundings) -> Iterator[Fact]:
    free = None if here.disk is None or here.disk_used is None else here.disk - here.disk_used
    for signal, value in (
        ("memory.available", here.memory_free),
        ("disk.free", free),
        ("load", here.load),
    ):
        if value is not None:
            yield tell.scanned("host", signal, value)
