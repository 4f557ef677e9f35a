"""A world in memory for roll-ups: windows from counts, as monitors view them."""

from collections.abc import Callable
from contextlib import nullcontext

import numpy as np
import pytest

from vsm_actors.core.families import family
from vsm_actors.core.series import Limits, SeriesTable
from vsm_actors.core.window import Window
from vsm_actors.core.window.merge import NOTHING
from vsm_actors.core.window.window_view import WindowView

Point = tuple[str, tuple[str, ...], float]
"""A family's name, label values in its order, and the value."""

Viewed = Callable[..., WindowView]


@pytest.fixture
def viewed() -> Viewed:
    """Return a function that views the window of one second that ends at `end`, over one table."""
    table = SeriesTable(Limits(), nullcontext())

    def view(*points: Point, end: float) -> WindowView:
        found = {table.intern(family(name), labels): value for name, labels, value in points}
        ids = sorted(found)
        value = np.array([found[series] for series in ids])
        count = len(ids)
        window = Window(
            start=end - 1.0,
            end=end,
            duration=1.0,
            series=np.array(ids, dtype=np.int32),
            count=np.ones(count),
            sum=value,
            min=value,
            max=value,
            last=value,
            time=np.full(count, end),
            source=np.zeros(count, dtype=np.int32),
            ordinal=np.zeros(count, dtype=np.int64),
            sketch=NOTHING.sketch,
            buckets=NOTHING.buckets,
            members=NOTHING.members,
        )
        return WindowView(window, table)

    return view
