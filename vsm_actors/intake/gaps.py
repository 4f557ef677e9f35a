"""What a look at the machine cannot see is left out and counted, never guessed."""

from collections import Counter
from collections.abc import Callable
from typing import TypeVar

import psutil

T = TypeVar("T")


def attempt(read: Callable[[], T], gaps: Counter[str]) -> T | None:
    """Return what `read` reads, or None with the reason counted in `gaps`."""
    try:
        return read()
    except (psutil.AccessDenied, PermissionError):
        gaps["denied"] += 1
    except (psutil.Error, OSError, ValueError, AttributeError, NotImplementedError, RuntimeError):
        gaps["unsupported"] += 1  # psutil raises these where a platform lacks something
    return None
