"""Sums over a rolling window for one key, and the moment of the newest entry."""

from dataclasses import dataclass

from vsm_actors.core.state.rolling import Rolling, Sums, rolling_sums


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Several sums side by side; whoever keeps the account names their places.

    Attributes:
        sums: what was entered within the window.
        newest: Unix seconds of the newest entry, -inf before the first.
    """

    sums: Rolling[Sums]
    newest: float = float("-inf")

    @property
    def empty(self) -> bool:
        """Whether nothing is left; certain only after `advance`."""
        return self.sums.empty

    def enter(self, now: float, *figures: float) -> "Account":
        """Return the account with one figure added to each sum at `now`, Unix seconds."""
        return Account(sums=self.sums.add(now, figures), newest=max(self.newest, now))

    def advance(self, now: float) -> "Account":
        """Return the account without what left the window; itself where nothing did."""
        sums = self.sums.at(now)
        return self if sums is self.sums else Account(sums=sums, newest=self.newest)

    def total(self, now: float) -> Sums:
        """Return the sums over the window that ends at `now`."""
        return self.sums.total(now)


def account(window: float, width: int) -> Account:
    """Return an empty account of `width` sums over `window` seconds."""
    return Account(sums=rolling_sums(window, width))
