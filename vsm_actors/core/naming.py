"""Names: recursion paths, metric names and the reserved words of the model.

A path names a viable system by the way to it from the root: ``acme/plant-a/line-3``. Its segments
follow ``[A-Za-z0-9._-]{1,64}`` and there are at most sixteen of them, so that recursion is bounded.
"""

import re

from vsm_actors.core.errors import InvalidPathError

OVERFLOW = "__overflow__"
"""What a label value becomes once its cap is reached."""

SELF_PATH = "vsm-run"
"""The path under which the daemon observes itself; no source may report there."""

SYSTEMS = (1, 2, 3, 4, 5)
"""Operations, coordination, control, intelligence, policy."""

MAX_DEPTH = 16
"""Segments in a path: Beer's recursions rarely pass seven, and a bound keeps labels short."""

_SEGMENT = re.compile(r"[A-Za-z0-9._-]{1,64}")
_NOT_SEGMENT = re.compile(r"[^A-Za-z0-9._-]")
_SEGMENT_LENGTH = 64
_NOT_METRIC = re.compile(r"[^A-Za-z0-9_]")


def check_path(path: str) -> str:
    """Return `path` when it follows the grammar.

    Raises:
        InvalidPathError: a segment is malformed, or there are too many of them.
    """
    segments = path.split("/")
    if len(segments) > MAX_DEPTH:
        raise InvalidPathError(path, f"{len(segments)} segments, at most {MAX_DEPTH}")
    for segment in segments:
        if not is_segment(segment):
            reason = f"segment {segment!r} must be 1 to 64 of A-Z a-z 0-9 . _ -"
            raise InvalidPathError(path, reason)
    return path


def is_segment(text: str) -> bool:
    """Tell whether `text` may be a segment of a path, which the name of a unit may become."""
    return _SEGMENT.fullmatch(text) is not None


def segment_of(text: str) -> str:
    """Turn `text` into a segment of a path."""
    return _NOT_SEGMENT.sub("_", text)[:_SEGMENT_LENGTH] or "_"


def host_path(hostname: str) -> str:
    """Return the path of a host by its name; the daemon's own path is taken."""
    segment = segment_of(hostname)
    return f"host-{segment}" if is_own(segment) else segment


def is_own(path: str) -> bool:
    """Tell whether `path` lies in the daemon's own recursion."""
    return path == SELF_PATH or path.startswith(f"{SELF_PATH}/")


def parent(path: str) -> str | None:
    """Return the path of the containing system, or None at the root."""
    head, slash, _ = path.rpartition("/")
    return head if slash else None


def metric_name(text: str) -> str:
    """Turn `text` into what a metric or label name may hold: ``[A-Za-z0-9_]`` only."""
    return _NOT_METRIC.sub("_", text)


def depth(path: str) -> int:
    """Return the recursion level of `path`: 1 at the root."""
    return path.count("/") + 1
