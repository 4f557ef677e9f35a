"""Foreign text made safe to show: no control characters, no surrogates, bounded."""

_LONGEST = 1024
"""Characters kept: more than any honest request line needs, and a log line stays one."""


def printable(text: str, longest: int = _LONGEST) -> str:
    r"""Return `text` with what is not printable escaped (``\x1b``), at most `longest` characters.

    Backslashes are escaped too, so that what was escaped can be told from what was sent.
    """
    cut = text[:longest]
    if cut.isprintable() and "\\" not in cut:
        return cut if len(text) <= longest else f"{cut}…"
    shown = "".join(one if one.isprintable() and one != "\\" else _escape(one) for one in cut)
    return shown if len(text) <= longest else f"{shown}…"


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
