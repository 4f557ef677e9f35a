"""What the machines of the lines say in StatsD: parts made, temperature, time of a cycle."""

from vsm_actors.demo.moment import Moment
from vsm_actors.demo.organisation import LINES


def lines(moment: Moment) -> list[str]:
    """Return the lines of one simulated second, placed in the model by their tags."""
    said: list[str] = []
    for place in LINES:
        for unit in place.units:
            tags = f"#path:{place.path},system:1,unit:{unit}"
            said += (
                f"machine.parts:{moment.dice.randint(1, 4)}|c|{tags}",
                f"machine.temperature:{moment.near(62.0, 1.5)}|g|{tags}",
                f"machine.cycle:{moment.near(240.0, 20.0)}|ms|{tags}",
            )
    return said
