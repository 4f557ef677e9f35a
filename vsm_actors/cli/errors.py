"""Errors of the command line."""


class UsageError(ValueError):
    """Arguments that cannot be meant; the command exits 2."""

    @classmethod
    def of(cls, argument: str, reason: str) -> "UsageError":
        """Return the error that names the argument and says what is wrong with it."""
        return cls(f"{argument!r} {reason}")
