"""What a batch has to be before it may wait with others: one that is broken must fail alone."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from vsm_actors.core.batch import Batch
from vsm_actors.core.errors import BrokenBatchError
from vsm_actors.core.families import Kind
from vsm_actors.core.series.directory import Directory

_COLUMNS = (
    ("series", np.int32),
    ("value", np.float64),
    ("weight", np.float64),
    ("time", np.float64),
    ("members", np.int32),
    ("hashes", np.uint64),
)


def admitted(batch: Batch, directory: Directory) -> tuple[Batch, int]:
    """Return `batch` without the points that are not finite, and how many those were.

    Values of gauges may be NaN, where the model says undefined, or infinite.

    Raises:
        BrokenBatchError: columns of the wrong type or length, or ids that no series has.
    """
    _check_columns(batch)
    _check_ids(batch, directory)
    finite = np.isfinite(batch.value) & np.isfinite(batch.weight) & np.isfinite(batch.time)
    if finite.all():
        return batch, 0
    return _without_broken_points(batch, finite, directory)


def _check_columns(batch: Batch) -> None:
    for name, kind in _COLUMNS:
        column = getattr(batch, name)
        if not isinstance(column, np.ndarray) or column.dtype != kind or column.ndim != 1:
            raise BrokenBatchError(batch.source, f"{name} is not a column of {kind.__name__}")
    points = {len(batch.series), len(batch.value), len(batch.weight), len(batch.time)}
    if len(points) != 1 or len(batch.members) != len(batch.hashes):
        raise BrokenBatchError(batch.source, "columns of different lengths")


def _check_ids(batch: Batch, directory: Directory) -> None:
    for ids in (batch.series, batch.members):
        if len(ids) and (ids.min() < 0 or ids.max() >= len(directory)):
            raise BrokenBatchError(batch.source, f"ids outside 0 to {len(directory) - 1}")
    if len(batch.members) and np.any(directory.kind[batch.members] != Kind.DISTINCT):
        raise BrokenBatchError(batch.source, "members of series that are not sets")
    if len(batch.series) and np.any(directory.kind[batch.series] == Kind.DISTINCT):
        raise BrokenBatchError(batch.source, "values of sets")


def _without_broken_points(
    batch: Batch, finite: NDArray[np.bool_], directory: Directory
) -> tuple[Batch, int]:
    gauge = directory.kind[batch.series] == Kind.GAUGE
    keep = finite | (gauge & np.isfinite(batch.weight) & np.isfinite(batch.time))
    kept = replace(
        batch,
        series=batch.series[keep],
        value=batch.value[keep],
        weight=batch.weight[keep],
        time=batch.time[keep],
    )
    return kept, len(keep) - len(kept.series)
