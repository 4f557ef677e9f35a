"""The C library's allocator, told to keep what arrays give back.

A batch makes and frees some thirty arrays of up to a megabyte. By default glibc returns such memory
to the kernel at once and gets it back page by page: decoding then takes twice as long.
"""

import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of mallopt(3)."""

KEPT = 33_554_432
"""Bytes that an arena keeps at its end: the arrays of one blob, and those of one reduction."""

MAPPED = 16_777_216
"""Bytes from which on memory is still mapped by itself, and returned at once."""


def keep_freed_memory() -> bool:
    """Set the thresholds, for the whole process; call it once, before threads start.

    Returns:
        whether the C library took them: False where it is not glibc.
    """
    if sys.platform != "linux":
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except AttributeError:
        return False
    return bool(mallopt(_TRIM_THRESHOLD, KEPT)) and bool(mallopt(_MMAP_THRESHOLD, MAPPED))
