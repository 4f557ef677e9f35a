"""Errors of the StatsD intake, and the closed set of reasons for which a line is refused."""

import enum


class Reason(enum.Enum):
    """Why a line was refused: the `reason` label of ``vsm_run_points_rejected_total``."""

    MALFORMED = "malformed"
    BAD_TYPE = "bad_type"
    BAD_VALUE = "bad_value"
    NEGATIVE = "negative"
    BAD_RATE = "bad_rate"
    BAD_ENCODING = "bad_encoding"
    CONTROL_CHARACTER = "control_character"
    NAME_TOO_LONG = "name_too_long"
    TAG_TOO_LONG = "tag_too_long"
    TOO_MANY_TAGS = "too_many_tags"
    BAD_TAG = "bad_tag"
    BAD_PATH = "bad_path"
    RESERVED_PATH = "reserved_path"
    BAD_SYSTEM = "bad_system"
    BAD_ATTRIBUTE = "bad_attribute"
    BAD_EVENT = "bad_event"
    TYPE_CONFLICT = "type_conflict"
    TOO_MANY_NAMES = "too_many_names"
    LINE_TOO_LONG = "line_too_long"
    POISONED = "poisoned"


class StatsdError(Exception):
    """Anything that the StatsD intake refuses."""


class RejectedError(StatsdError, ValueError):
    """A line that is refused.

    Attributes:
        reason: which rule it breaks.
    """

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"StatsD line refused: {reason.value}")
        self.reason = reason


class RuleError(StatsdError, ValueError):
    """A mapping rule that cannot work.

    Attributes:
        match: the rule's pattern.
        problem: what is wrong with it.
    """

    def __init__(self, match: str, problem: str) -> None:
        super().__init__(f"statsd.rule {match!r}: {problem}")
        self.match = match
        self.problem = problem


class ListenError(StatsdError, OSError):
    """An address that cannot be listened on.

    Attributes:
        address: ``host:port/protocol`` as configured.
    """

    def __init__(self, address: str, cause: OSError) -> None:
        super().__init__(f"cannot listen for StatsD on {address}: {cause.strerror or cause}")
        self.address = address
