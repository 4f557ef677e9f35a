"""Two looks at the machine, and what they say."""

from dataclasses import replace

import pytest

from vsm_actors.intake.facts import Fact
from vsm_actors.intake.host.environment import MOST_PORTS
from vsm_actors.intake.host.observation import Observation, observe
from vsm_actors.intake.host.sample import (
    Budget,
    Disk,
    Machine,
    Memory,
    Mount,
    Nic,
    Outside,
    Process,
    Sample,
)

MACHINE = Machine(
    cores=4.0,
    cpu_seconds=100.0,
    memory=1_000.0,
    memory_used=400.0,
    swap=0.0,
    swap_used=0.0,
    files=500.0,
    files_used=50.0,
    tasks=300.0,
    tasks_used=30.0,
    runnable=6.0,
    load=1.0,
)
NIC = Nic(
    name="eth0",
    up=True,
    speed=1_000.0,
    bytes_sent=100.0,
    bytes_received=200.0,
    sent=10.0,
    received=20.0,
    dropped_out=1.0,
    dropped_in=2.0,
)
FIRST = Sample(
    time=1_700_000_000.0,
    monotonic=50.0,
    machine=MACHINE,
    processes=(Process(7, 1.0, "web.service", "running", 10.0, 64.0),),
    mounts=(Mount(point="/", used=30.0, capacity=90.0),),
    disks=(Disk(name="sda", busy=1.0),),
    nics=(NIC,),
)
SECOND = replace(FIRST, time=FIRST.time + 5.0, monotonic=55.0)


def _after(sample: Sample) -> Observation:
    return observe(observe(None, FIRST, "box").memory, sample, "box")


def _resources(facts: tuple[Fact, ...]) -> dict[tuple[str, str], dict[str, float]]:
    return {
        (fact.event.unit, fact.event.attributes["resource"]): dict(fact.event.measurements)
        for fact in facts
        if fact.event.name == "resource.measured"
    }


def _messages(facts: tuple[Fact, ...]) -> dict[tuple[str, ...], float]:
    return {
        (fact.event.name, *(fact.event.attributes[key] for key in ("from", "to", "channel"))): (
            fact.amount
        )
        for fact in facts
        if fact.event.name.startswith("message.")
    }


def _states(facts: tuple[Fact, ...], stream: str) -> dict[tuple[str, str], float]:
    return {
        (fact.event.unit, fact.event.attributes["state"]): fact.amount
        for fact in facts
        if fact.event.attributes.get("stream") == stream
    }


def _scans(facts: tuple[Fact, ...]) -> dict[str, tuple[float, str]]:
    return {
        fact.event.attributes["signal"]: (
            fact.event.measurements["value"],
            fact.event.attributes.get("state", ""),
        )
        for fact in facts
        if fact.event.name == "environment.scanned"
    }


def test_first_look_says_levels_and_no_rates() -> None:
    facts = observe(None, FIRST, "box").facts
    assert _resources(facts) == {
        ("web.service", "memory"): {"used": 64.0, "capacity": 1_000.0},
        ("", "memory"): {"used": 400.0, "capacity": 1_000.0},
        ("", "open_files"): {"used": 50.0, "capacity": 500.0},
        ("", "tasks"): {"used": 30.0, "capacity": 300.0},
        ("", "disk:/"): {"used": 30.0, "capacity": 90.0},
    }
    assert _messages(facts) == {}
    assert {fact.event.path for fact in facts} == {"box"}
    assert {fact.event.time for fact in facts} == {FIRST.time}


def test_file_system_without_room_of_its_own_is_no_resource() -> None:
    mounts = (Mount(point="/proc/x", used=0.0, capacity=0.0),)
    facts = observe(None, replace(FIRST, mounts=mounts), "box").facts
    assert ("", "disk:/proc/x") not in _resources(facts)


def test_second_look_says_rates_over_the_time_between() -> None:
    moved = replace(
        SECOND,
        machine=replace(MACHINE, cpu_seconds=110.0),
        processes=(FIRST.processes[0]._replace(cpu=15.0),),
        disks=(Disk(name="sda", busy=2.0), Disk(name="sdb", busy=9.0)),
        nics=(replace(NIC, bytes_sent=600.0, bytes_received=1_200.0),),
    )
    resources = _resources(_after(moved).facts)
    assert resources["", "cpu"] == {"used": 2.0, "capacity": 4.0, "queued": 2.0}
    assert resources["web.service", "cpu"] == {"used": 1.0, "capacity": 4.0}
    assert resources["", "disk-time:sda"] == {"used": 0.2, "capacity": 1.0}
    assert ("", "disk-time:sdb") not in resources
    assert resources["", "network:eth0:sent"] == {"used": 100.0, "capacity": 1_000.0}
    assert resources["", "network:eth0:received"] == {"used": 200.0, "capacity": 1_000.0}


def test_link_without_a_known_speed_has_no_capacity() -> None:
    still = replace(SECOND, nics=(replace(NIC, speed=None),))
    assert not [name for _, name in _resources(_after(still).facts) if name.startswith("network")]


def test_limit_of_a_unit_is_its_capacity_when_it_is_the_smaller() -> None:
    budgets = {"web.service": Budget(cores=0.5, memory=1e12)}
    resources = _resources(_after(replace(SECOND, budgets=budgets)).facts)
    assert resources["web.service", "cpu"]["capacity"] == 0.5
    assert resources["web.service", "memory"]["capacity"] == 1_000.0


def test_packets_are_messages_between_the_host_and_its_environment() -> None:
    moved = replace(NIC, sent=110.0, received=70.0, dropped_out=4.0, dropped_in=7.0)
    assert _messages(_after(replace(SECOND, nics=(moved,))).facts) == {
        ("message.sent", "1", "env", "eth0"): 103.0,
        ("message.dropped", "1", "env", "eth0"): 3.0,
        ("message.sent", "env", "1", "eth0"): 55.0,
        ("message.received", "env", "1", "eth0"): 50.0,
        ("message.dropped", "env", "1", "eth0"): 5.0,
    }


def test_interface_that_counts_anew_says_no_messages() -> None:
    anew = Nic(name="eth0", up=True, speed=1_000.0)
    facts = _after(replace(SECOND, nics=(anew, replace(NIC, name="eth1")))).facts
    assert _messages(facts) == {}
    assert _resources(facts)["", "network:eth0:sent"]["used"] == 0.0


def test_births_and_ends_are_counted_and_no_outcome_is_made_up() -> None:
    other = Process(8, 2.0, "web.service", "disk-sleep", 0.0, 1.0)
    facts = _after(replace(SECOND, processes=(other,))).facts
    assert _states(facts, "processes") == {("web.service", "disk-sleep"): 1}
    assert _states(facts, "process.life") == {
        ("web.service", "began"): 1,
        ("web.service", "ended"): 1,
    }
    started = [fact for fact in facts if fact.event.name == "operation.started"]
    assert [(fact.event.unit, fact.amount) for fact in started] == [("web.service", 1)]
    assert not [fact for fact in facts if fact.event.name == "operation.completed"]


@pytest.mark.parametrize(
    ("load", "state"),
    [(0.0, "idle"), (0.4, "light"), (2.0, "busy"), (4.0, "overloaded"), (90.0, "overloaded")],
)
def test_load_is_a_state_by_core(load: float, state: str) -> None:
    facts = observe(None, replace(FIRST, machine=replace(MACHINE, load=load)), "box").facts
    assert _states(facts, "load") == {("", state): 1.0}


def test_machine_that_tells_nothing_says_nothing() -> None:
    blank = Sample(time=1.0, monotonic=1.0, machine=Machine())
    observation = observe(None, blank, "box")
    assert observation.facts == ()
    later = replace(blank, monotonic=6.0, processes=FIRST.processes)
    facts = observe(observation.memory, later, "box").facts
    assert _resources(facts) == {}


def test_machine_without_a_run_queue_says_no_queue() -> None:
    machine = replace(MACHINE, runnable=None)
    facts = _after(replace(SECOND, machine=machine)).facts
    assert "queued" not in _resources(facts)["", "cpu"]


def test_looks_at_the_same_moment_say_no_rates() -> None:
    facts = _after(FIRST).facts
    assert ("", "cpu") not in _resources(facts)


def test_links_are_signals_of_the_environment_at_every_look() -> None:
    nics = (NIC, Nic(name="eth1", up=False))
    facts = observe(None, replace(FIRST, nics=nics), "box").facts
    assert _scans(facts) == {"link.eth0": (1.0, "up"), "link.eth1": (0.0, "down")}


def test_peers_that_have_gone_are_said_to_be_none_once() -> None:
    there = replace(FIRST, nics=(), outside=Outside(inbound={443: 3}, outbound={5432: 1}))
    narrow = replace(there, monotonic=55.0, outside=None)
    gone = replace(there, monotonic=60.0, outside=Outside(inbound={443: 2}, outbound={}))
    first = observe(None, there, "box")
    second = observe(first.memory, narrow, "box")
    third = observe(second.memory, gone, "box")
    assert _scans(first.facts) == {"inbound.443": (3.0, ""), "outbound.5432": (1.0, "")}
    assert _scans(second.facts) == {}
    assert _scans(third.facts) == {"inbound.443": (2.0, ""), "outbound.5432": (0.0, "")}


def test_ports_past_the_bound_are_one_signal() -> None:
    outside = Outside(inbound=None, outbound={port: port for port in range(1, MOST_PORTS + 3)})
    scans = _scans(observe(None, replace(FIRST, nics=(), outside=outside), "box").facts)
    assert len(scans) == MOST_PORTS + 1
    assert scans["outbound.other"] == (3.0, "")


@pytest.mark.parametrize(
    ("mains", "expected"), [(True, (1.0, "plugged")), (False, (0.0, "unplugged"))]
)
def test_mains_are_a_signal_where_something_tells(mains: bool, expected: object) -> None:  # noqa: FBT001 - the case
    sample = replace(FIRST, nics=(), outside=Outside(mains=mains))
    assert _scans(observe(None, sample, "box").facts) == {"mains": expected}


def test_folded_units_are_reported() -> None:
    processes = tuple(Process(n, 1.0, f"u{n}", "running", 0.0, float(n)) for n in range(5))
    assert observe(None, replace(FIRST, processes=processes), "box", most=3).folded == 3


def test_memory_holds_the_units_that_had_a_process() -> None:
    memory = observe(None, FIRST, "box").memory
    assert memory == Memory(sample=FIRST, outside=None, units=frozenset({"web.service"}))
