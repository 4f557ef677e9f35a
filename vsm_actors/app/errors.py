"""Errors of the composition root."""


class StartError(Exception):
    """The daemon cannot start; the message says why, and which flag or key would help."""
