"""The five systems, in order, with the supervisor and the monitors of each.

A new monitor is one file in the folder of its system, and one entry in that folder's `MONITORS`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from vsm_actors.core.monitor import Monitor
from vsm_actors.systems import (
    s1_operations,
    s2_coordination,
    s3_control,
    s4_intelligence,
    s5_policy,
)

Factory: TypeAlias = Callable[[], Monitor[Any]]
"""Makes a monitor with its default configuration; the class itself, which takes keywords too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """One of the five.

    Attributes:
        number: 1 to 5.
        name: Beer's word for what it does.
        supervisor: the name of its supervisor in the tree.
        monitors: what makes its monitors, in the order in which they start.
    """

    number: int
    name: str
    supervisor: str
    monitors: tuple[Factory, ...]


def _system(number: int, name: str, monitors: tuple[Factory, ...]) -> System:
    return System(
        number=number, name=name, supervisor=f"System{number}Supervisor", monitors=monitors
    )


SYSTEMS: tuple[System, ...] = (
    _system(1, "operations", s1_operations.MONITORS),
    _system(2, "coordination", s2_coordination.MONITORS),
    _system(3, "control", s3_control.MONITORS),
    _system(4, "intelligence", s4_intelligence.MONITORS),
    _system(5, "policy", s5_policy.MONITORS),
)
