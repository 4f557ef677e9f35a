"""Many floats as text at once."""

import numpy as np
import orjson

from vsm_actors.core.batch import Floats


def numbers(values: Floats) -> list[bytes]:
    """Return each of float64[n] as the shortest text that reads back exactly.

    One call of orjson formats all of them; what is not finite comes out as null there and is
    written as both exposition formats spell it: ``NaN``, ``+Inf``, ``-Inf``.
    """
    if not len(values):
        return []
    dumped = orjson.dumps(np.ascontiguousarray(values), option=orjson.OPT_SERIALIZE_NUMPY)
    out = dumped[1:-1].split(b",")
    finite = np.isfinite(values)
    if not finite.all():
        for place in np.flatnonzero(~finite).tolist():
            out[place] = _unusual(float(values[place]))
    return out


def number(value: float) -> str:
    """Return one float as text, as in ``le="1.0"``."""
    return numbers(np.array([value]))[0].decode()


def _unusual(value: float) -> bytes:
    if value != value:  # noqa: PLR0124  the definition of NaN
        return b"NaN"
    return b"+Inf" if value > 0 else b"-Inf"
