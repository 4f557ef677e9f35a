"""Errors of the intake."""

from typing import TypeVar

E = TypeVar("E", bound=BaseException)


def bare(error: E) -> E:
    """Return an error that is kept as a value, without the frames that it passed.

    They hold the body, and each other in a cycle that waits for the garbage collector: some bombs
    of 12 kB would hold gigabytes.
    """
    error.__context__ = None
    return error.with_traceback(None)


class IntakeError(Exception):
    """Anything that the intake refuses."""


class BodyError(IntakeError):
    """A request body that cannot be taken as a whole."""


class TooLargeError(BodyError):
    """A body larger than its bound, as sent or decompressed.

    Attributes:
        limit: the bound in bytes.
    """

    def __init__(self, limit: int) -> None:
        """Keep the bound, and say what to do."""
        super().__init__(f"the body is larger than {limit} bytes; send it in parts")
        self.limit = limit


class BrokenBodyError(BodyError, ValueError):
    """A body that is not what its headers say.

    Attributes:
        form: what it should be (``JSON``, ``gzip``).
        flaw: what is wrong with it.
        place: at which byte, or None where that is not known.
    """

    def __init__(self, form: str, flaw: str, place: int | None = None) -> None:
        """Keep the facts."""
        where = "" if place is None else f" at byte {place}"
        super().__init__(f"the body is not {form}: {flaw}{where}")
        self.form = form
        self.flaw = flaw
        self.place = place


class SlowBodyError(BodyError):
    """A body that did not arrive in time.

    Attributes:
        seconds: how long it was waited for.
    """

    def __init__(self, seconds: float) -> None:
        """Keep the time."""
        super().__init__(f"the body did not arrive within {seconds:g} s")
        self.seconds = seconds


class UnsupportedError(BodyError):
    """A content type or encoding that is not taken.

    Attributes:
        header: which header says it.
        accepted: what is taken instead.
    """

    def __init__(self, header: str, accepted: tuple[str, ...]) -> None:
        """Keep the facts, and name what is taken."""
        super().__init__(f"{header} must be one of {', '.join(accepted)}")
        self.header = header
        self.accepted = accepted


class IntervalError(IntakeError, ValueError):
    """A source that is to look more often than windows come.

    Attributes:
        interval: seconds that were asked for.
    """

    def __init__(self, interval: float) -> None:
        """Keep the figure, and say what is possible."""
        super().__init__(f"interval must be at least the 1 s of a window, not {interval!r}")
        self.interval = interval
