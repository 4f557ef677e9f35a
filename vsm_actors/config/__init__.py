"""The configuration: its schema, its defaults, and how it is read."""

from vsm_actors.config.errors import ConfigurationError, Problem
from vsm_actors.config.loading import environment_names, load
from vsm_actors.config.schema import Config
from vsm_actors.config.values import Bind, Duration

__all__ = [
    "Bind",
    "Config",
    "ConfigurationError",
    "Duration",
    "Problem",
    "environment_names",
    "load",
]
