"""What a monitor concludes: named figures with their coverage and age."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
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
