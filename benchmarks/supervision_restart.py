"""Restart latency and message rates of `supervision`, beside a plain pykka actor, as JSON lines.

Usage: `python -m benchmarks.supervision_restart [--crashes N] [--messages N] [--repeat N]`.
Every line has its `benchmark`, its figures with units in their names, and the interpreter.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, ClassVar

import pykka

from supervision import Actor, ChildSpec, Context, MailboxPolicy, SupervisorSpec, System

if TYPE_CHECKING:
    from collections.abc import Callable


class Counter(Actor):
    """Counts what it is told; crashes on order and says when its successor handles a message."""

    def __init__(self, context: Context, *, done: threading.Event, marks: list[float]) -> None:
        """Share where to put the times, and what to set at the end."""
        super().__init__(context)
        self._done = done
        self._marks = marks

    def handle(self, message: object) -> None:
        """Crash, mark or count."""
        if message == "crash":
            self._marks.append(time.perf_counter())
            msg = "on order"
            raise RuntimeError(msg)
        if message == "mark":
            self._marks.append(time.perf_counter())
            self._done.set()
        elif message == "end":
            self._done.set()


class PlainCounter(pykka.ThreadingActor):
    """The same without supervision."""

    use_daemon_thread: ClassVar[bool] = True

    def __init__(self, done: threading.Event) -> None:
        """Share what to set at the end."""
        super().__init__()
        self._done = done

    def on_receive(self, message: Any) -> None:  # noqa: ANN401 -- pykka's signature
        """Count."""
        if message == "end":
            self._done.set()


def show(benchmark: str, **figures: object) -> None:
    """Print one line."""
    line = {"name": benchmark, **figures, "python": platform.python_version()}
    sys.stdout.write(json.dumps(line) + "\n")


def restart_latency(crashes: int) -> None:
    """From the raise to the next message handled, a message that waited behind the crash."""
    done = threading.Event()
    marks: list[float] = []
    child = ChildSpec(id="counter", actor=Counter, arguments={"done": done, "marks": marks})
    root = SupervisorSpec(id="bench", children=(child,), intensity=10 * crashes)
    system = System(root)
    address = system.address("counter")
    system.start()
    for _ in range(crashes):
        done.clear()
        address.tell("crash")
        address.tell("mark")
        done.wait(10.0)
    system.stop()
    show_latency("restart_latency", [b - a for a, b in zip(marks[::2], marks[1::2], strict=True)])


def thread_latency(starts: int) -> None:
    """The control: start a bare thread and hear from it, which no restart can beat.

    Its tail shows how busy the machine is with other things.
    """
    took = []
    for _ in range(starts):
        begun = time.perf_counter()
        done = threading.Event()
        threading.Thread(target=done.set, daemon=True).start()
        done.wait(10.0)
        took.append(time.perf_counter() - begun)
    show_latency("bare_thread_latency", took)


def show_latency(benchmark: str, seconds: list[float]) -> None:
    """Print percentiles in milliseconds."""
    took = sorted(one * 1e3 for one in seconds)
    show(
        benchmark,
        count=len(took),
        p50_ms=round(statistics.median(took), 4),
        p99_ms=round(took[int(len(took) * 0.99)], 4),
        max_ms=round(took[-1], 4),
    )


def supervised_rate(messages: int, *, bounded: bool) -> tuple[float, float]:
    """Messages per second: told by one sender, and handled to the last."""
    done = threading.Event()
    child = ChildSpec(
        id="counter",
        actor=Counter,
        arguments={"done": done, "marks": []},
        mailbox=MailboxPolicy(limit=2 * messages if bounded else None),
    )
    system = System(SupervisorSpec(id="bench", children=(child,)))
    system.start()
    address = system.address("counter")
    send = address.offer if bounded else address.tell
    begun = time.perf_counter()
    for number in range(messages):
        send(number)
    told = time.perf_counter()
    address.tell("end")
    done.wait(60.0)
    ended = time.perf_counter()
    system.stop()
    return messages / (told - begun), messages / (ended - begun)


def plain_rate(messages: int) -> tuple[float, float]:
    """The same through a plain pykka ref."""
    done = threading.Event()
    ref = PlainCounter.start(done)
    begun = time.perf_counter()
    for number in range(messages):
        ref.tell(number)
    told = time.perf_counter()
    ref.tell("end")
    done.wait(60.0)
    ended = time.perf_counter()
    ref.stop()
    return messages / (told - begun), messages / (ended - begun)


def main() -> None:
    """Run all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--crashes", type=int, default=500)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    restart_latency(options.crashes)
    thread_latency(options.crashes)
    runs: dict[str, Callable[[], tuple[float, float]]] = {
        "tell": lambda: supervised_rate(options.messages, bounded=False),
        "offer": lambda: supervised_rate(options.messages, bounded=True),
        "pykka_tell": lambda: plain_rate(options.messages),
    }
    for name, run in runs.items():
        rates = [run() for _ in range(options.repeat)]
        show(
            f"messages_{name}",
            messages=options.messages,
            told_per_s=round(statistics.median(told for told, _ in rates)),
            handled_per_s=round(statistics.median(handled for _, handled in rates)),
        )


if __name__ == "__main__":
    main()
