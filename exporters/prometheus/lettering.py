r"""Foreign text as the exposition formats may carry it.

Both formats escape backslash, quote and newline only. What else must not appear raw (control
characters, which terminals obey; surrogates, which UTF-8 cannot hold) is written as Python would
write it, ``\x1b``. A value that contains such a thing, or reads as if it did, has its backslashes
doubled first, so that different values stay different series.
"""

import re
from collections.abc import Iterable

_RAW = r"\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
_FORBIDDEN = re.compile(f"[{_RAW}]")
_DIRTY = re.compile(rf"[{_RAW}]|\\(?:x[0-9a-f]{{2}}|u[0-9a-f]{{4}})")


def shown(text: str) -> str:
    """Return `text` without control characters and surrogates; different for different texts.

    A newline stays: both formats have an escape for it.
    """
    if text.isprintable() and "\\" not in text:
        return text
    if _DIRTY.search(text) is None:
        return text
    return _FORBIDDEN.sub(_spelled, text.replace("\\", "\\\\"))


def label_value(text: str) -> str:
    """Return a label's value as it stands between the quotes."""
    return shown(text).replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def help_text(text: str, *, quotes: bool) -> str:
    """Return a HELP line's text; OpenMetrics escapes `quotes` there too, text 0.0.4 does not."""
    escaped = shown(text).replace("\\", "\\\\").replace("\n", "\\n")
    return escaped.replace('"', '\\"') if quotes else escaped


def label_pairs(names: Iterable[str], values: Iterable[str]) -> str:
    """Return ``a="1",b="2"``."""
    return ",".join(
        f'{name}="{label_value(value)}"' for name, value in zip(names, values, strict=True)
    )


def _spelled(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"  # noqa: PLR2004  one byte
