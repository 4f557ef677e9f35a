"""What stays of a child while incarnations come and go, and the book of all of them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from supervision.address import Address
from supervision.heir import Heir
from supervision.mailbox import Mailbox

if TYPE_CHECKING:
    from supervision.incarnation import Incarnation
    from supervision.policy.state import State

__all__ = ["AddressBook", "Cell", "Stats"]


class Stats:
    """Figures of one child over all its incarnations. Its own thread writes, anyone reads.

    Attributes:
        handled: messages handled to the end.
        busy: seconds spent in `handle`.
        since: monotonic time at which the message in flight was begun; None between messages.
        crashes: incarnations that ended by an exception.
        lost: messages that went down with their incarnation.
        abandoned: threads left behind.
    """

    __slots__ = ("abandoned", "busy", "crashes", "handled", "lost", "since")

    def __init__(self) -> None:
        """Start at zero."""
        self.handled = 0
        self.busy = 0.0
        self.since: float | None = None
        self.crashes = 0
        self.lost = 0
        self.abandoned = 0


class Cell:
    """One child's place in the tree.

    Attributes:
        incarnation: number of the last incarnation, 0 before the first.
        run: that incarnation, while its thread lives.
        view: for a supervisor, what its policy knows; published after each turn.
        last_error: why the last failed incarnation failed, in one line.
    """

    __slots__ = (
        "address",
        "heir",
        "incarnation",
        "last_error",
        "mailbox",
        "path",
        "run",
        "stats",
        "view",
    )

    def __init__(self, path: str) -> None:
        """Make the place of a child that has not run."""
        self.path = path
        self.mailbox = Mailbox(path)
        self.address = Address(self.mailbox)
        self.heir: Heir[object] = Heir(path)
        self.stats = Stats()
        self.incarnation = 0
        self.run: Incarnation | None = None
        self.view: State | None = None
        self.last_error: str | None = None


class AddressBook:
    """All addresses of one tree. Made first, so that specs can carry addresses of siblings.

    Example:
        >>> book = AddressBook("root")
        >>> book["writer"].path
        'root/writer'
    """

    def __init__(self, root: str) -> None:
        """Make an empty book for the tree whose root supervisor has the id `root`."""
        self.root = root
        self._cells: dict[str, Cell] = {}
        self._lock = threading.Lock()

    def __getitem__(self, path: str) -> Address:
        """The address of a child, by its path below the root; "" is the root itself."""
        return self.cell(f"{self.root}/{path}" if path else self.root).address

    def cell(self, path: str) -> Cell:
        """The place at a full path; made on first use."""
        cell = self._cells.get(path)
        if cell is None:
            with self._lock:
                cell = self._cells.setdefault(path, Cell(path))
        return cell

    def find(self, path: str) -> Cell | None:
        """The place at a full path, if there is one."""
        return self._cells.get(path)

    def at_or_below(self, path: str) -> list[Cell]:
        """The places of a whole branch, its root first."""
        prefix = f"{path}/"
        with self._lock:
            cells = list(self._cells.values())
        branch = [cell for cell in cells if cell.path == path or cell.path.startswith(prefix)]
        return sorted(branch, key=lambda cell: cell.path)

    def drop(self, cell: Cell) -> None:
        """Forget a place; whoever still holds its address finds it closed."""
        with self._lock:
            self._cells.pop(cell.path, None)
