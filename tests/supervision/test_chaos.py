"""Chaos on real threads, seeded and bounded: several senders against children that crash and hang.

Every message that was accepted is handled once or reported lost once; what is lost was in flight;
each sender's messages are handled in their order; no thread is left but those that were hung.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from random import Random
from typing import Any

import pytest

from supervision import (
    Actor,
    ChildSpec,
    Crash,
    MailboxPolicy,
    Strategy,
    SupervisorSpec,
    System,
    ThreadAbandoned,
)
from supervision.address import FENCED

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
        self.dice = Random(seed * 7919 + context.incarnation)  # noqa: S311
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
    dice = Random(sender)  # noqa: S311
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
        for _ in range(400):
            system.address("all/c").tell((f"trigger-{number}", 0))
            if len(reports.of(ThreadAbandoned)) > abandoned:
                break
            time.sleep(0.005)


def test_nothing_is_lost_but_what_was_in_flight_nothing_twice_and_order_is_kept(
    chaos: System, ledger: Ledger, reports: Any
) -> None:
    before = threading.active_count()
    senders = [
        threading.Thread(target=send_all, args=(chaos, number)) for number in range(SENDERS)
    ]
    senders.append(threading.Thread(target=hang_some, args=(chaos, ledger, reports)))
    for thread in senders:
        thread.start()
    for thread in senders:
        thread.join(60.0)
    ledger.calm = True
    for path in CHILDREN:
        patience = time.monotonic() + 30.0
        while time.monotonic() < patience:
            try:
                chaos.address(path).ask("barrier", 30.0)
                break
            except Exception:  # noqa: BLE001, S112 -- the barrier itself may have been in flight
                continue
        assert chaos.address(path).depth == 0

    hung = {id(release) for release in ledger.releases}
    lost = [(m, c) for m, c in ledger.lost if id(m) not in hung and m != "barrier"]
    for path in CHILDREN:
        check_order(ledger.handled[path])
    check_conservation(ledger, [message for message, _ in lost])
    crashes = [cause for _, cause in lost if isinstance(cause, Crash)]
    assert len(crashes) > 50, "the chaos was too calm to mean anything"
    assert chaos.tree().children[0].children[0].restarts > 10

    for release in ledger.releases:
        release.set()
    report = chaos.stop(10.0)
    assert report.dead_letters == {}
    assert chaos.abandoned_total >= 1
    patience = time.monotonic() + 10.0
    while chaos.abandoned_alive and time.monotonic() < patience:
        time.sleep(0.001)
    assert chaos.abandoned_alive == 0
    while FENCED and time.monotonic() < patience:
        time.sleep(0.001)
    assert set() == FENCED
    left = [thread.name for thread in threading.enumerate() if thread.name.startswith("root")]
    while left and time.monotonic() < patience:
        left = [thread.name for thread in threading.enumerate() if thread.name.startswith("root")]
    assert left == []
    assert threading.active_count() <= before


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
