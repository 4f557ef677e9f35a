"""The composition root: builds the daemon from its parts; the only package that knows everyone."""

from vsm_actors.app.application import Application
from vsm_actors.app.errors import StartError

__all__ = ["Application", "StartError"]
