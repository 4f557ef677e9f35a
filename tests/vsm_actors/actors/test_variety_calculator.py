from typing import Any

import numpy as np

from supervision import ChildSpec
from vsm_actors.actors.monitor import MonitorActor, Outlets
from vsm_actors.core.families import family
from vsm_actors.core.messages import Concluded
from vsm_actors.core.variety import VarietyCalculator
from vsm_actors.core.window import Window
from vsm_actors.core.window.merge import NOTHING


def window(stage: Any, end: float) -> Window:
    """Four even states of one stream, fifty samples each."""
    known = family("vsm_states_total")
    labels = [("acme", "1", "", "orders.kind", state) for state in "abcd"]
    ids = sorted(stage.table.intern(known, one) for one in labels)
    value = np.full(len(ids), 50.0)
    return Window(
        start=end - 1.0,
        end=end,
        duration=1.0,
        series=np.array(ids, dtype=np.int32),
        count=np.ones(len(ids)),
        sum=value,
        min=value,
        max=value,
        last=value,
        time=np.full(len(ids), end),
        source=np.zeros(len(ids), dtype=np.int32),
        ordinal=np.zeros(len(ids), dtype=np.int64),
        sketch=NOTHING.sketch,
        buckets=NOTHING.buckets,
        members=NOTHING.members,
    )


def test_the_actor_of_the_monitors_hosts_the_variety_calculator_too(stage: Any) -> None:
    outlets = Outlets(collector=stage.book["collector"], concluded=(stage.book["viability"],))
    arguments = {
        "monitor": VarietyCalculator(),
        "table": stage.table,
        "outlets": outlets,
        "ledger": stage.ledger,
    }
    child = ChildSpec(id="VarietyCalculator", actor=MonitorActor, arguments=arguments)
    stage.run(child, sinks=("collector", "viability"))
    stage.ask("VarietyCalculator", window(stage, 10.0))
    (answer,) = stage.seen("viability")
    assert isinstance(answer, Concluded)
    assert (answer.monitor, answer.system, answer.tick) == ("VarietyCalculator", 0, 10.0)
    (bits,) = answer.readings
    assert (bits.family, round(bits.value, 9)) == ("vsm_variety_bits", 2.0)
    assert len(stage.seen("collector")) == 1
