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


class DamagedRowError(ActorsError):
    """A row of the store that holds no alert.

    Attributes:
        name: its key, as it is stored.
    """

    def __init__(self, name: object) -> None:
        """Keep the key."""
        super().__init__(f"the row {name!r} holds no alert")
        self.name = name
