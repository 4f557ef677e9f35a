# ruff: noqa: N818 -- the names are OTP's (running, restarting, not_found), not Python's "...Error"
"""Everything that supervision raises, as one tree under `SupervisionError`."""

from __future__ import annotations

__all__ = [
    "ActorDown",
    "AdministrationError",
    "AlreadyPresent",
    "AlreadyStarted",
    "AskTimeout",
    "CallingSelf",
    "ChildStartFailed",
    "MaxChildrenReached",
    "MessageError",
    "NotAllowed",
    "NotFound",
    "ReservationSpent",
    "Restarting",
    "Running",
    "ShuttingDown",
    "SpecError",
    "StaleIncarnation",
    "StartFailed",
    "StartTimeout",
    "SupervisionError",
    "SystemStateError",
]


class SupervisionError(Exception):
    """The root of all errors of this package."""


class SpecError(SupervisionError):
    """A spec that can never work. Raised where the spec is made.

    Attributes:
        subject: id of the child or supervisor whose spec is refused.
    """

    def __init__(self, subject: str, problem: str) -> None:
        """Say what is wrong with which spec."""
        super().__init__(f"{subject!r}: {problem}")
        self.subject = subject


class SystemStateError(SupervisionError):
    """A system was started twice, or used before its start or after its stop."""


class StartFailed(SupervisionError):
    """A supervisor could not start because one of its children could not.

    Attributes:
        child: path of the child whose start failed.
        cause: what its `init` raised, or `StartTimeout`.
    """

    def __init__(self, child: str, cause: BaseException) -> None:
        """Name the child and the cause."""
        super().__init__(f"{child} did not start: {type(cause).__name__}: {cause}")
        self.child = child
        self.cause = cause


class StartTimeout(SupervisionError):
    """A child did not finish its `init` in time; its thread was abandoned.

    Attributes:
        seconds: the time that its spec allowed.
    """

    def __init__(self, seconds: float) -> None:
        """Name the time allowed."""
        super().__init__(
            f"init did not finish within {seconds:g} s; raise start_timeout or unblock it"
        )
        self.seconds = seconds


class StaleIncarnation(SupervisionError):
    """A past or fenced incarnation tried to commit state.

    Attributes:
        path: the child's path.
        incarnation: who tried.
    """

    def __init__(self, path: str, incarnation: int) -> None:
        """Name the incarnation that is refused."""
        super().__init__(
            f"incarnation {incarnation} of {path} no longer owns its state; let it end"
        )
        self.path = path
        self.incarnation = incarnation


class MessageError(SupervisionError):
    """A message could not be sent or answered."""


class AskTimeout(MessageError):
    """No answer within the time given. The message may still be handled later.

    Attributes:
        path: whom was asked.
        seconds: the time given.
    """

    def __init__(self, path: str, seconds: float) -> None:
        """Name who did not answer."""
        super().__init__(f"{path} did not answer within {seconds:g} s")
        self.path = path
        self.seconds = seconds


class ActorDown(MessageError):
    """Nobody will answer: the actor is gone, or went down on this very message.

    Attributes:
        path: whom was asked.
        cause: what took it down, where known.
    """

    def __init__(self, path: str, cause: object = None) -> None:
        """Name who is down and why."""
        super().__init__(f"{path} is down: {cause!r}" if cause is not None else f"{path} is down")
        self.path = path
        self.cause = cause


class CallingSelf(MessageError):
    """An actor asked itself, which could only ever time out."""

    def __init__(self, path: str) -> None:
        """Name the actor."""
        super().__init__(f"{path} asked itself; use tell, or call the method")
        self.path = path


class ReservationSpent(MessageError):
    """A reservation was used a second time; each carries one message."""


class AdministrationError(SupervisionError):
    """A supervisor refused a request. OTP's reason is the class.

    Attributes:
        child: id of the child in question.
    """

    reason = "error"

    def __init__(self, child: str) -> None:
        """Name the child."""
        super().__init__(f"{child}: {self.reason}")
        self.child = child


class AlreadyStarted(AdministrationError):
    """`start_child` with the id of a child that runs or is being restarted."""

    reason = "already started"


class AlreadyPresent(AdministrationError):
    """`start_child` with the id of a stopped child; use `restart_child` or `delete_child`."""

    reason = "already present; restart or delete it"


class Running(AdministrationError):
    """`restart_child` or `delete_child` of a running child; use `terminate_child` first."""

    reason = "running; terminate it first"


class Restarting(AdministrationError):
    """`restart_child` or `delete_child` of a child that waits for its restart."""

    reason = "restarting; terminate it first"


class NotFound(AdministrationError):
    """No child has this id."""

    reason = "not found"


class NotAllowed(AdministrationError):
    """The request makes no sense for this kind of supervisor or from this caller."""

    reason = "not allowed here"


class MaxChildrenReached(AdministrationError):
    """A dynamic supervisor has as many children as its spec allows."""

    reason = "max_children reached"


class ShuttingDown(AdministrationError):
    """The supervisor is stopping, or it is stopping the very child that asks."""

    reason = "shutting down"


class ChildStartFailed(AdministrationError):
    """`start_child` or `restart_child`: the child's `init` failed.

    Attributes:
        cause: what its `init` raised, or `StartTimeout`.
    """

    def __init__(self, child: str, cause: BaseException) -> None:
        """Name the child and the cause."""
        super().__init__(child)
        self.args = (f"{child} did not start: {type(cause).__name__}: {cause}",)
        self.cause = cause
