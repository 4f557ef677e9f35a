import json
from pathlib import Path

import pytest

from vsm_actors.cli import main
from vsm_actors.cli.arguments import flags_of, parse
from vsm_actors.cli.send import body_of
from vsm_actors.core.events import CATALOGUE
from vsm_actors.core.families import FAMILIES


def test_the_events_of_the_catalogue_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["events"]) == 0
    printed = capsys.readouterr().out
    assert all(name in printed for name in CATALOGUE)
    assert "-a outcome [ok|error] (required)" in printed


def test_the_metrics_of_the_catalogue_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["metrics"]) == 0
    printed = capsys.readouterr().out
    assert all(name in printed for name in FAMILIES)


@pytest.mark.parametrize("command", ["events", "metrics"])
def test_the_catalogue_is_json_for_programs(
    capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert main([command, "--json"]) == 0
    names = [entry["name"] for entry in json.loads(capsys.readouterr().out)]
    assert names == list(CATALOGUE if command == "events" else FAMILIES)


def test_a_valid_configuration_is_said_to_be_valid(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "vsm.toml"
    file.write_text('[model]\npath = "acme"\n')
    assert main(["check-config", str(file)]) == 0
    assert "valid" in capsys.readouterr().out


def test_a_wrong_configuration_exits_2_with_every_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "vsm.toml"
    file.write_text("[model]\npath = 1\nunheard = 2\n")
    assert main(["check-config", str(file)]) == 2
    printed = capsys.readouterr().err
    assert f"{file}:2: model.path" in printed
    assert f"{file}:3: model.unheard" in printed


@pytest.mark.parametrize(
    "argv", [["unheard"], ["--unheard"], ["send"], ["send", "a", "--system", "6"], ["check-config"]]
)
def test_wrong_usage_exits_2(argv: list[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        main(argv)
    assert exited.value.code == 2


def test_an_event_is_made_of_what_was_said() -> None:
    argv = [
        "send",
        "operation.completed",
        "--unit",
        "u",
        "-m",
        "duration=0.5",
        "-a",
        "operation=x",
        "-a",
        "note=a=b",
    ]
    assert body_of(parse(argv)) == {
        "event": "operation.completed",
        "unit": "u",
        "measurements": {"duration": 0.5},
        "attributes": {"operation": "x", "note": "a=b"},
    }


@pytest.mark.parametrize(
    "more", [["-m", "duration"], ["-m", "duration=x"], ["-a", "=x"], ["--url", "file:///etc"]]
)
def test_an_event_that_cannot_be_made_exits_2(
    capsys: pytest.CaptureFixture[str], more: list[str]
) -> None:
    assert main(["send", "operation.completed", *more]) == 2
    assert "vsm-run send:" in capsys.readouterr().err


def test_sending_where_nobody_listens_fails_and_says_what_to_look_at(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["send", "operation.completed", "--url", "http://127.0.0.1:1"]) == 1
    assert "is vsm-run running?" in capsys.readouterr().err


def test_only_the_flags_that_were_given_win_over_the_environment() -> None:
    given = parse(["--listen", "127.0.0.1:0", "--log-level", "debug"])
    assert flags_of(given) == {"--listen": "127.0.0.1:0", "--log-level": "debug"}
