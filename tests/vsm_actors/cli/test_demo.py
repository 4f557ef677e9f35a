import pytest

from vsm_actors.cli.arguments import flags_of, parse
from vsm_actors.cli.demo import Demo


def test_the_demo_takes_the_flags_of_the_daemon_before_and_after_it() -> None:
    arguments = parse(
        ["--data", "d", "--source", "none", "demo", "--speed", "20", "--source", "host"]
    )
    assert (arguments.command, arguments.speed, arguments.seed) == ("demo", 20.0, 1)
    assert flags_of(arguments) == {"--data": "d", "--source": "host"}
    assert arguments.config is None


@pytest.mark.parametrize("speed", ["0", "-1", "101", "nan", "fast"])
def test_a_speed_out_of_range_is_a_usage_error(
    speed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(["demo", "--speed", speed])
    assert ended.value.code == 2
    assert "--speed" in capsys.readouterr().err


def test_a_demo_without_listeners_sends_nothing_and_stops() -> None:
    demo = Demo(seed=1, speed=1.0)
    demo.start({"read": "", "write": "", "statsd": ""})
    demo.stop()


def test_a_demo_that_never_started_stops() -> None:
    Demo(seed=1, speed=1.0).stop()
