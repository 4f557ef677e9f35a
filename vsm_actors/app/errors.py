"""Errors of the composition root."""


class StartError(Exception):
    """The daemon cannot start; the message says why, and which flag or key would help."""

    @classmethod
    def of(cls, cause: object, remedy: str) -> "StartError":
        """Return the error with its cause and what to do about it."""
        return cls(f"{cause}; {remedy}")
