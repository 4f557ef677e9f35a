"""What two successive looks at the tree write into the ledger. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from vsm_actors.intake.own.look import Look, Standing

_COUNTERS: tuple[tuple[str, Callable[[Standing], float]], ...] = (
    ("vsm_run_mailbox_refused_total", lambda one: one.refused),
    ("vsm_run_messages_handled_total", lambda one: one.handled),
    ("vsm_run_busy_seconds_total", lambda one: one.busy),
    ("vsm_run_actor_restarts_total", lambda one: one.restarts),
    ("vsm_run_dead_letters_total", lambda one: one.dead_letters),
)
_GAUGES: tuple[tuple[str, Callable[[Standing], float]], ...] = (
    ("vsm_run_mailbox_depth", lambda one: one.depth),
    ("vsm_run_mailbox_load", lambda one: one.load),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the books.

    Attributes:
        family: of the `vsm_run_*` ones.
        value: the delta of a counter, the figure of a gauge.
        counter: which of both it is.
        labels: by name.
    """

    family: str
    value: float
    counter: bool
    labels: dict[str, str] = field(default_factory=dict)


def entries(previous: Look, look: Look) -> tuple[Entry, ...]:
    """Return what is to be written, counters by what they grew since `previous`.

    Before the first look that is `EMPTY`: counting began with the process, so the totals so far
    are the growth. A counter that did not grow is written once, so that it exists.
    """
    return (*_actors(previous, look), *_overflows(previous, look))


def _actors(previous: Look, look: Look) -> Iterator[Entry]:
    for path, one in look.actors.items():
        before = previous.earlier(one)
        labels = {"actor": path}
        for family, read in _GAUGES:
            yield Entry(family=family, value=float(read(one)), counter=False, labels=labels)
        for family, read in _COUNTERS:
            delta = read(one) - read(before)
            if delta > 0 or path not in previous.actors:
                yield Entry(family=family, value=float(delta), counter=True, labels=labels)
        yield Entry(
            family="vsm_run_abandoned_threads_total",
            value=float(one.abandoned - before.abandoned),
            counter=True,
        )


def _overflows(previous: Look, look: Look) -> Iterator[Entry]:
    for cap, count in look.overflows.items():
        yield Entry(
            family="vsm_run_series_overflow_total",
            value=float(count - previous.overflows.get(cap, 0)),
            counter=True,
            labels={"cap": cap},
        )
