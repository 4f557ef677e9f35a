"""What a monitor concludes: named figures with their coverage and age."""

from collections.abc import Iterable

import msgspec

from vsm_actors.core.batch import Batch, batch_of
from vsm_actors.core.families import family
from vsm_actors.core.series import SeriesTable


class Reading(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One conclusion. It returns to the bulk lane as a point of a reading family.

    No data, no reading: a monitor leaves out what it cannot say.

    Attributes:
        family: the name of a family whose origin is `READING`.
        labels: label values by name; those of the family that are missing are "".
        value: the figure, in the family's unit; NaN only where the model says undefined.
        n: how many samples it rests on.
        coverage: share of the data that it wants which is there, 0 to 1.
        age: seconds since the newest data under it.
    """

    family: str
    labels: dict[str, str]
    value: float
    n: int
    coverage: float = 1.0
    age: float = 0.0


def batch_of_readings(
    readings: Iterable[Reading], table: SeriesTable, *, time: float, arrival: float
) -> Batch:
    """Return readings as points of the bulk lane.

    Args:
        readings: of families whose origin is `READING`.
        table: where their series are interned.
        time: Unix seconds of the tick that they answer.
        arrival: monotonic seconds.

    Raises:
        UnknownFamilyError: a reading names a family that the catalogue does not hold.
    """
    series: list[int] = []
    value: list[float] = []
    for reading in readings:
        of = family(reading.family)
        labels = tuple(reading.labels.get(name, "") for name in of.labels)
        series.append(table.intern(of, labels))
        value.append(reading.value)
    return batch_of("reading", series, value, time=time, arrival=arrival)
