"""Errors of the shell."""


class ActorsError(Exception):
    """Anything that an actor of ours refuses."""


class StoreError(ActorsError):
    """The embedded store could not do what it was asked.

    Attributes:
        path: the file.
        reason: what the database said.
    """

    def __init__(self, path: str, reason: str) -> None:
        """Keep the facts, and name the file."""
        super().__init__(f"{path}: {reason}; check the disk's space and the file's permissions")
        self.path = path
        self.reason = reason
