"""Errors of the pure core."""


class CoreError(Exception):
    """Anything that the core refuses."""


class InvalidPathError(CoreError, ValueError):
    """A recursion path that does not follow the grammar.

    Attributes:
        path: what was given.
        reason: which rule it breaks.
    """

    def __init__(self, path: str, reason: str) -> None:
        """Keep the facts, and say what a valid path is."""
        super().__init__(f"path {path!r}: {reason}")
        self.path = path
        self.reason = reason


class UnknownFamilyError(CoreError, KeyError):
    """A metric name that the catalogue does not hold.

    Attributes:
        name: the name that was asked for.
    """

    def __init__(self, name: str) -> None:
        """Name the family that is missing."""
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        """Say where families are declared."""
        return f"no metric family {self.name!r} in the catalogue"


class WrongLabelsError(CoreError, ValueError):
    """Label values that do not fit a family's closed label set.

    Attributes:
        family: the family's name.
        expected: its label names, in order.
        given: how many values came.
    """

    def __init__(self, family: str, expected: tuple[str, ...], given: int) -> None:
        """Keep the facts, and name the labels."""
        super().__init__(f"{family} takes {len(expected)} labels {expected}, not {given}")
        self.family = family
        self.expected = expected
        self.given = given


class BrokenBatchError(CoreError, ValueError):
    """A batch whose columns do not fit together.

    Attributes:
        source: who made it.
        reason: which rule it breaks.
    """

    def __init__(self, source: str, reason: str) -> None:
        """Keep the facts, and name the source to look at."""
        super().__init__(f"batch of {source}: {reason}")
        self.source = source
        self.reason = reason
