"""The whole policy of a supervisor, pure: state and events in, state and effects out."""

from supervision.policy.decision import decide

__all__ = ["decide"]
