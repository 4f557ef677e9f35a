"""Errors of the configuration."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong with a configuration.

    Attributes:
        where: ``file.toml:12`` or the environment variable or flag.
        key: the dotted key, ``listen.read``.
        reason: what is wrong, and what would be right.
    """

    where: str
    key: str
    reason: str

    def __str__(self) -> str:
        """Return it on one line, as a compiler would."""
        parts = (self.where, self.key, self.reason) if self.key else (self.where, self.reason)
        return ": ".join(parts)


class ConfigurationError(Exception):
    """A configuration that cannot be taken, with everything that is wrong with it.

    Attributes:
        problems: at least one.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Keep the problems; the message has a line for each."""
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems
