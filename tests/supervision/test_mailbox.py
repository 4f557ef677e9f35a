"""Bounds, reservations, closing, and the properties of the stable mailbox."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from supervision import ActorDown, Address, MailboxPolicy, ReservationSpent
from supervision.inbox import NOTHING, STOP, Inbox
from supervision.mailbox import EMPTY, Mailbox
from supervision.reply import Call, ReplyCell


@pytest.fixture
def bounded() -> Mailbox:
    mailbox = Mailbox("root/a")
    mailbox.policy = MailboxPolicy(limit=10)
    return mailbox


def attach(mailbox: Mailbox) -> Inbox:
    inbox = Inbox(mailbox)
    mailbox.attach(inbox)
    return inbox


def test_offers_are_bounded_by_cost_and_refusals_counted(bounded: Mailbox) -> None:
    address = Address(bounded)
    assert address.offer("x", 6)
    assert not address.offer("y", 5)
    assert address.offer("z", 4)
    assert (address.load, address.refused, address.depth, address.limit) == (10, 1, 2, 10)
    assert address.dead_letters == 0


def test_control_is_not_bounded_and_costs_nothing(bounded: Mailbox) -> None:
    address = Address(bounded)
    assert address.offer("x", 10)
    assert all(address.tell(number) for number in range(100))
    assert address.load == 10


def test_room_comes_back_when_a_message_is_taken(bounded: Mailbox) -> None:
    inbox = attach(bounded)
    bounded.offer("x", 10)
    assert inbox.get().message == "x"
    assert bounded.load == 0
    assert bounded.offer("y", 10)


def test_offer_above_the_whole_limit_never_fits(bounded: Mailbox) -> None:
    assert not bounded.offer("x", 11)


def test_negative_cost_is_refused(bounded: Mailbox) -> None:
    with pytest.raises(ValueError, match="at least 0"):
        bounded.offer("x", -1)


def test_reservation_holds_room_until_it_is_sent(bounded: Mailbox) -> None:
    address = Address(bounded)
    reservation = address.reserve(8)
    assert reservation is not None
    assert not address.offer("x", 3)
    assert reservation.send("y")
    assert (address.load, address.depth) == (8, 1)
    reservation.release()
    assert address.load == 8
    with pytest.raises(ReservationSpent):
        reservation.send("again")


def test_reservation_gives_room_back_when_it_is_released(bounded: Mailbox) -> None:
    reservation = bounded.reserve(8)
    assert reservation is not None
    reservation.release()
    reservation.release()
    assert bounded.load == 0
    with pytest.raises(ReservationSpent):
        reservation.send("x")


def test_reservation_as_context_gives_unused_room_back(bounded: Mailbox) -> None:
    reservation = bounded.reserve(8)
    assert reservation is not None
    with reservation:
        assert bounded.load == 8
    assert bounded.load == 0
    assert bounded.reserve(11) is None


def test_closed_mailbox_makes_dead_letters_of_what_waits_and_what_comes(bounded: Mailbox) -> None:
    lost: list[Any] = []
    bounded.policy = MailboxPolicy(limit=10, on_lost=lambda m, c: lost.append((m, c)))
    reservation = bounded.reserve(2)
    assert reservation is not None
    bounded.put("control")
    bounded.offer("data", 3)
    bounded.close("gone")
    assert lost == [("control", "gone"), ("data", "gone")]
    assert not bounded.put("late")
    assert not bounded.offer("late", 1)
    assert not reservation.send("late")
    assert (bounded.dead_letters, bounded.load, bounded.depth) == (5, 0, 0)


def test_asker_whose_question_is_buried_is_told(bounded: Mailbox) -> None:
    reply = ReplyCell()
    bounded.put(Call("x", reply))
    bounded.close("gone")
    with pytest.raises(ActorDown) as caught:
        reply.wait("root/a", 1.0)
    assert caught.value.cause == "gone"


def test_mailbox_that_is_read_is_not_closed(bounded: Mailbox) -> None:
    attach(bounded)
    bounded.close("gone")
    assert bounded.put("x")


def test_closed_mailbox_opens_for_the_next_reader(bounded: Mailbox) -> None:
    bounded.close("gone")
    inbox = attach(bounded)
    assert bounded.put("x")
    assert inbox.get().message == "x"


def test_detached_reader_takes_nothing_more(bounded: Mailbox) -> None:
    first = attach(bounded)
    second = attach(bounded)
    bounded.put("x")
    assert bounded.take(first) is EMPTY
    assert not bounded.detach(first)
    assert bounded.take(second) == "x"
    assert second.current == "x"
    assert first.current is NOTHING
    assert bounded.detach(second)


def test_inbox_shows_pykka_its_own_orders_only(bounded: Mailbox) -> None:
    inbox = attach(bounded)
    bounded.put("x")
    assert inbox.empty()
    inbox.post("order")
    assert not inbox.empty()
    assert [inbox.get().message, inbox.get().message] == ["order", "x"]


def test_fenced_inbox_ends_after_its_own_orders(bounded: Mailbox) -> None:
    inbox = attach(bounded)
    bounded.put("x")
    inbox.post("order")
    bounded.detach(inbox)
    inbox.fence()
    assert [inbox.get().message, inbox.get().message] == ["order", STOP]
    assert bounded.depth == 1


@pytest.mark.parametrize("act", ["put", "post", "stop", "fence"])
def test_sleeping_reader_wakes(bounded: Mailbox, act: str) -> None:
    inbox = attach(bounded)
    got: list[Any] = []
    reader = threading.Thread(target=lambda: got.append(inbox.get().message), daemon=True)
    reader.start()
    while not inbox.idle:
        pass
    actions: dict[str, Any] = {
        "put": lambda: bounded.put("x"),
        "post": lambda: inbox.post("x"),
        "stop": inbox.stop,
        "fence": inbox.fence,
    }
    actions[act]()
    reader.join(5.0)
    assert got == ["x" if act in {"put", "post"} else STOP]


@pytest.mark.parametrize("what", ["message", "order", "stop", "fence"])
def test_what_comes_between_the_readers_look_and_its_sleep_is_seen(what: str) -> None:
    class Late(Mailbox):
        """Something comes just after the reader found nothing, and finds it not yet idle."""

        def take(self, inbox: Inbox) -> object:
            item = super().take(inbox)
            if item is EMPTY:
                come[what](inbox)
            return item

    mailbox = Late("root/a")
    come: dict[str, Any] = {
        "message": lambda _inbox: mailbox.put("late"),
        "order": lambda inbox: inbox.post("late"),
        "stop": lambda inbox: inbox.stop(),
        "fence": lambda inbox: inbox.fence(),
    }
    inbox = attach(mailbox)
    got: list[Any] = []
    reader = threading.Thread(target=lambda: got.append(inbox.get().message), daemon=True)
    reader.start()
    reader.join(5.0)
    assert got == ["late" if what in {"message", "order"} else STOP]


def test_message_appended_while_the_mailbox_closes_is_buried_once(bounded: Mailbox) -> None:
    class ClosingDeque(deque[Any]):
        def append(self, item: Any) -> None:
            super().append(item)
            bounded._closed = "now"

    bounded._items = ClosingDeque()
    assert not bounded.put("x")
    assert (bounded.depth, bounded.dead_letters) == (0, 1)


def test_message_taken_just_before_the_mailbox_closes_was_accepted(bounded: Mailbox) -> None:
    class TakenDeque(deque[Any]):
        def append(self, item: Any) -> None:
            super().append(item)
            self.clear()
            bounded._closed = "now"

    bounded._items = TakenDeque(["other"])
    assert bounded.put("x")
    assert bounded.dead_letters == 0


@pytest.mark.parametrize("senders", [1, 3])
def test_senders_and_a_reader_that_sleeps_and_wakes_lose_nothing(
    bounded: Mailbox, senders: int
) -> None:
    count = 300
    inbox = attach(bounded)
    got: list[tuple[int, int]] = []

    def read() -> None:
        while len(got) < senders * count:
            message: Any = inbox.get().message
            got.append(message)

    def send(sender: int) -> None:
        for number in range(count):
            bounded.put((sender, number))

    threads = [threading.Thread(target=read, daemon=True)]
    threads += [threading.Thread(target=send, args=(n,), daemon=True) for n in range(senders)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10.0)
    for sender in range(senders):
        assert [n for s, n in got if s == sender] == list(range(count))


class MailboxMachine(RuleBasedStateMachine):
    """The mailbox against a list: order, cost, counts, and who may read."""

    def __init__(self) -> None:
        super().__init__()
        self.mailbox = Mailbox("a")
        self.lost: list[int] = []
        self.mailbox.policy = MailboxPolicy(
            limit=20,
            on_lost=lambda message, _cause: self.lost.append(message),  # type: ignore[arg-type]  # only numbers are sent
        )
        self.waiting: list[tuple[int, int]] = []
        self.reserved: list[Any] = []
        self.expected_lost: list[int] = []
        self.reader: Inbox | None = None
        self.closed = False
        self.number = 0
        self.refused = 0
        self.dead = 0

    def next(self) -> int:
        self.number += 1
        return self.number

    def load(self) -> int:
        reserved: int = sum(reservation.cost for reservation in self.reserved)
        return sum(cost for _, cost in self.waiting) + reserved

    @rule()
    def tell(self) -> None:
        message = self.next()
        assert self.mailbox.put(message) is not self.closed
        self._sent(message, 0)

    @rule(cost=st.integers(0, 25))
    def offer(self, cost: int) -> None:
        message = self.next()
        fits = self.load() + cost <= 20
        self.refused += not fits
        assert self.mailbox.offer(message, cost) is (fits and not self.closed)
        if fits:
            self._sent(message, cost)

    @rule(cost=st.integers(0, 25))
    def reserve(self, cost: int) -> None:
        fits = self.load() + cost <= 20
        self.refused += not fits
        reservation = self.mailbox.reserve(cost)
        assert (reservation is not None) is fits
        if fits:
            self.reserved.append(reservation)

    @precondition(lambda self: self.reserved)
    @rule(send=st.booleans())
    def use_reservation(self, send: bool) -> None:  # noqa: FBT001 -- drawn by hypothesis
        reservation = self.reserved.pop()
        if send:
            message = self.next()
            assert reservation.send(message) is not self.closed
            self._sent(message, reservation.cost)
        else:
            reservation.release()

    @rule()
    def new_reader(self) -> None:
        self.reader = attach(self.mailbox)
        self.closed = False

    @precondition(lambda self: self.reader)
    @rule()
    def take(self) -> None:
        assert self.reader is not None
        taken = self.mailbox.take(self.reader)
        assert taken == (self.waiting.pop(0)[0] if self.waiting else EMPTY)

    @precondition(lambda self: self.reader)
    @rule()
    def leave(self) -> None:
        assert self.reader is not None
        assert self.mailbox.detach(self.reader)
        assert self.mailbox.take(self.reader) is EMPTY
        self.reader = None

    @rule()
    def close(self) -> None:
        self.mailbox.close("closed")
        self.closed = self.reader is None
        self.dead += len(self.waiting)
        self.expected_lost += [message for message, _ in self.waiting]
        self.waiting.clear()

    def _sent(self, message: int, cost: int) -> None:
        if self.closed:
            self.dead += 1
        else:
            self.waiting.append((message, cost))

    @invariant()
    def figures_agree(self) -> None:
        assert self.mailbox.depth == len(self.waiting)
        assert self.mailbox.load == self.load()
        assert self.mailbox.refused == self.refused
        assert self.mailbox.dead_letters == self.dead
        assert self.lost == self.expected_lost


TestMailboxMachine = MailboxMachine.TestCase
TestMailboxMachine.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
