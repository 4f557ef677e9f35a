"""The merge law: windows over disjoint inputs become the window over all of them.

Associative and commutative, `NOTHING` its identity: count, min, max, sketch, buckets and members
exactly, sum within 1e-12 of the sum of magnitudes, last by (time, source, ordinal).
"""

from collections.abc import Sequence

import numpy as np

from vsm_actors.core.batch import NO_IDS
from vsm_actors.core.window.cells import NO_CELLS, merged_cells
from vsm_actors.core.window.exemplars import newest
from vsm_actors.core.window.grouping import grouped
from vsm_actors.core.window.members import NO_MEMBERS, merged_members
from vsm_actors.core.window.model import Window

_NO_FIGURES = np.empty(0)

NOTHING = Window(
    start=float("inf"),
    end=float("-inf"),
    duration=0.0,
    series=NO_IDS,
    count=_NO_FIGURES,
    sum=_NO_FIGURES,
    min=_NO_FIGURES,
    max=_NO_FIGURES,
    last=_NO_FIGURES,
    time=_NO_FIGURES,
    source=NO_IDS,
    ordinal=np.empty(0, dtype=np.int64),
    sketch=NO_CELLS,
    buckets=NO_CELLS,
    members=NO_MEMBERS,
)
"""The window in which nothing happened, at no time."""


def merge(a: Window, b: Window) -> Window:
    """Return the window over the inputs of both."""
    return merge_all((a, b))


def merge_all(windows: Sequence[Window]) -> Window:
    """Return the window over the inputs of all, `NOTHING` over none."""
    if len(windows) <= 1:
        return windows[0] if windows else NOTHING
    groups = grouped(np.concatenate([one.series for one in windows]))
    last = np.concatenate([one.last for one in windows])
    time = np.concatenate([one.time for one in windows])
    source = np.concatenate([one.source for one in windows])
    ordinal = np.concatenate([one.ordinal for one in windows])
    at = groups.latest(time, source, ordinal)
    return Window(
        start=min(one.start for one in windows),
        end=max(one.end for one in windows),
        duration=sum(one.duration for one in windows),
        series=groups.ids,
        count=groups.total(np.concatenate([one.count for one in windows])),
        sum=groups.total(np.concatenate([one.sum for one in windows])),
        min=groups.least(np.concatenate([one.min for one in windows])),
        max=groups.greatest(np.concatenate([one.max for one in windows])),
        last=last[at],
        time=time[at],
        source=source[at],
        ordinal=ordinal[at],
        sketch=merged_cells([one.sketch for one in windows]),
        buckets=merged_cells([one.buckets for one in windows]),
        members=merged_members([one.members for one in windows]),
        exemplars=newest([one.exemplars for one in windows]),
    )
