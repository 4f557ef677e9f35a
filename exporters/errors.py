"""Errors of the exporters."""


class ExporterError(Exception):
    """Anything that goes wrong on the way out."""


class UnknownMessageError(ExporterError, TypeError):
    """An actor got a message that it does not take: a mistake of the wiring.

    Attributes:
        actor: the path of the actor.
        kind: the type of the message.
    """

    def __init__(self, actor: str, kind: type) -> None:
        """Keep the facts."""
        super().__init__(f"{actor} takes no {kind.__name__}")
        self.actor = actor
        self.kind = kind


class UnansweredError(ExporterError, TimeoutError):
    """An actor did not answer a query in time.

    Attributes:
        actor: its path below the root.
        seconds: how long was waited; 0 where nobody will ever take the query.
    """

    def __init__(self, actor: str, seconds: float) -> None:
        """Keep the facts."""
        super().__init__(f"{actor} did not answer within {seconds:g} s; try again")
        self.actor = actor
        self.seconds = seconds
