"""Chaos on real threads, seeded and bounded: several senders against children that crash and hang.

Every message that was accepted is handled once or reported lost once; what is lost was in flight;
each sender's messages are handled in their order; no thread is left but those that were hung.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from supervision import (
    Actor,
    ActorDown,
    ChildSpec,
    Crash,
    MailboxPolicy,
    Strategy,
    SupervisorSpec,
    System,
    ThreadAbandoned,
)
from supervision.address import FENCED

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.slow

SENDERS = 4
MESSAGES = 1500
CHILDREN = ("one/a", "one/b", "all/c", "all/d", "rest/e", "rest/f")
HANGS = 6


class ChaosError(Exception):
    pass


class Ledger:
    """What became of each message, by child."""

    def __init__(self) -> None:
        self.handled: dict[str, list[Any]] = {path: [] for path in CHILDREN}
        self.lost: list[tuple[Any, Any]] = []
        self.releases: list[threading.Event] = []
        self.calm = True  # the boot is another test's subject


class Fragile(Actor):
    """Crashes by its dice in init, handle and terminate, and hangs on order."""

    def __init__(self, context: Any, *, ledger: Ledger, seed: int) -> None:
        super().__init__(context)
        self.ledger = ledger
        self.dice = Random(seed * 7919 + context.incarnation)
        self.place = context.path.removeprefix("root/")

    def init(self) -> None:
        if not self.ledger.calm and self.dice.random() < 0.15:
            raise ChaosError

    def handle(self, message: Any) -> Any:
        if message == "barrier":
            return self.context.incarnation
        if isinstance(message, threading.Event):
            message.wait(60.0)
            return None
        if self.dice.random() < 0.01:
            raise [ChaosError, SystemExit, KeyboardInterrupt][self.dice.randrange(3)]
        self.ledger.handled[self.place].append(message)
        return None

    def terminate(self, reason: Any) -> None:
        del reason
        if not self.ledger.calm and self.dice.random() < 0.3:
            raise ChaosError


@pytest.fixture
def ledger() -> Any:
    made = Ledger()
    yield made
    for release in made.releases:
        release.set()


@pytest.fixture
def chaos(ledger: Ledger, reports: Any) -> Any:
    policy = MailboxPolicy(on_lost=lambda message, cause: ledger.lost.append((message, cause)))
    branches = []
    for branch, strategy in (
        ("one", Strategy.ONE_FOR_ONE),
        ("all", Strategy.ONE_FOR_ALL),
        ("rest", Strategy.REST_FOR_ONE),
    ):
        children = tuple(
            ChildSpec(
                id=path[-1],
                actor=Fragile,
                arguments={"ledger": ledger, "seed": seed},
                shutdown=0.05,
                mailbox=policy,
            )
            for seed, path in enumerate(CHILDREN)
            if path.startswith(branch)
        )
        branches.append(
            SupervisorSpec(id=branch, children=children, strategy=strategy, intensity=1_000_000)
        )
    root = SupervisorSpec(id="root", children=tuple(branches), intensity=1_000_000)
    system = System(root, on_report=reports)
    system.start()
    ledger.calm = False
    yield system
    system.stop(5.0)


def send_all(system: System, sender: int) -> None:
    dice = Random(sender)
    numbers: Counter[str] = Counter()
    addresses = {path: system.address(path) for path in CHILDREN}
    for count in range(MESSAGES * len(CHILDREN)):
        path = dice.choice(CHILDREN)
        numbers[path] += 1
        assert addresses[path].tell((sender, numbers[path]))
        if count % 100 == 0:
            time.sleep(0)


def hang_some(system: System, ledger: Ledger, reports: Any) -> None:
    """Hang d; a crash of c then makes their supervisor stop d, which it can only abandon."""
    for number in range(HANGS):
        release = threading.Event()
        ledger.releases.append(release)
        system.address("all/d").tell(release)
        abandoned = len(reports.of(ThreadAbandoned))
        patience = time.monotonic() + 25.0
        while len(reports.of(ThreadAbandoned)) == abandoned and time.monotonic() < patience:
            system.address("all/c").tell((f"trigger-{number}", 0))
            time.sleep(0.005)


def test_nothing_is_lost_but_what_was_in_flight_nothing_twice_and_order_is_kept(
    chaos: System, ledger: Ledger, reports: Any
) -> None:
    threads = threading.active_count()
    workers = [threading.Thread(target=send_all, args=(chaos, number)) for number in range(SENDERS)]
    workers.append(threading.Thread(target=hang_some, args=(chaos, ledger, reports)))
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60.0)
    ledger.calm = True
    for path in CHILDREN:
        settle(chaos, path)
    lost = [(message, cause) for message, cause in ledger.lost if isinstance(message, tuple)]
    for path in CHILDREN:
        check_order(ledger.handled[path])
    check_conservation(ledger, [message for message, _ in lost])
    crashes = sum(isinstance(cause, Crash) for _, cause in lost)
    assert crashes > 50, "the chaos was too calm to mean anything"
    check_end(chaos, ledger)
    assert threading.active_count() <= threads


def settle(system: System, path: str) -> None:
    """Wait until all that was sent has been handled; the barrier itself may go down in flight."""
    address = system.address(path)
    while True:
        try:
            address.ask("barrier", 30.0)
        except (ChaosError, ActorDown):
            continue
        assert address.depth == 0
        return


def check_end(system: System, ledger: Ledger) -> None:
    hung = system.abandoned_alive
    for release in ledger.releases:
        release.set()
    assert system.stop(10.0).dead_letters == {}
    assert hung >= 1
    assert system.abandoned_total >= hung
    wait_until(lambda: not system.abandoned_alive and not FENCED)
    wait_until(lambda: not any(t.name.startswith("root") for t in threading.enumerate()))


def wait_until(holds: Callable[[], bool]) -> None:
    patience = time.monotonic() + 10.0
    while not holds():
        assert time.monotonic() < patience
        time.sleep(0.001)


def check_order(handled: list[Any]) -> None:
    newest: dict[Any, int] = {}
    for sender, number in handled:
        if isinstance(sender, int):
            assert number > newest.get(sender, 0), "twice, or out of order"
            newest[sender] = number


def check_conservation(ledger: Ledger, lost: list[Any]) -> None:
    became: Counter[Any] = Counter()
    for path in CHILDREN:
        became.update((path, m) for m in ledger.handled[path] if isinstance(m[0], int))
    handled = sum(became.values())
    assert max(became.values()) == 1
    gone = sum(isinstance(message[0], int) for message in lost)
    assert handled + gone == SENDERS * MESSAGES * len(CHILDREN)
