"""What the command line accepts."""

import argparse
from collections.abc import Sequence
from importlib.metadata import version

from vsm_actors.config.loading import FLAGS

Arguments = argparse.Namespace

SLOWEST = 0.01
FASTEST = 100.0
"""Speeds of the demo. At 100 it sends 10,000 events a second, of which making them takes a tenth of
a core; past that the demo, not the daemon, would be what one watches."""

_ENDPOINT = "http://127.0.0.1:4318"


def parse(argv: Sequence[str]) -> Arguments:
    """Return the parsed command line; on a usage error, print it and exit 2."""
    parser = argparse.ArgumentParser(
        prog="vsm-run",
        description="Measures a viable system. Without a command, runs the daemon.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=version("vsm-telemetry"))
    parser.set_defaults(command="")
    _add_daemon(parser)
    commands = parser.add_subparsers(metavar="COMMAND")
    _add_demo(commands)
    _add_send(commands)
    _add_check(commands)
    for name, text in (
        ("events", "print the events of the catalogue"),
        ("metrics", "print the metrics of the catalogue"),
    ):
        command = commands.add_parser(name, help=text, description=text, allow_abbrev=False)
        command.add_argument("--json", action="store_true", help="as JSON, whole")
        command.set_defaults(command=name)
    return parser.parse_args(argv)


def flags_of(arguments: Arguments) -> dict[str, str]:
    """Return the configuration flags that were given, by flag."""
    given = {flag: getattr(arguments, _attribute(flag)) for flag in FLAGS}
    return {flag: text for flag, text in given.items() if text is not None}


def _attribute(flag: str) -> str:
    return flag.removeprefix("--").replace("-", "_")


def _add_daemon(parser: argparse.ArgumentParser) -> None:
    daemon = parser.add_argument_group("the daemon")
    daemon.add_argument("--config", metavar="FILE", help="configuration, TOML")
    daemon.add_argument("--data", metavar="DIR", help="folder of the embedded storage")
    daemon.add_argument("--listen", metavar="HOST:PORT", help="where it is read")
    daemon.add_argument("--ingest", metavar="HOST:PORT", help="where it takes events")
    daemon.add_argument("--statsd", metavar="HOST:PORT", help="where it takes StatsD")
    daemon.add_argument("--source", metavar="host|none", help="whether it observes this host")
    daemon.add_argument("--log-format", metavar="json|pretty")
    daemon.add_argument("--log-level", metavar="debug|info|warning|error")
    daemon.add_argument(
        "--ready-file", metavar="FILE", help="written, as JSON, once all listeners answer"
    )


def _add_demo(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    text = "the daemon with a simulated organisation that reports to it"
    # Without defaults of its own: they would overwrite what was given before the command.
    demo = commands.add_parser(
        "demo",
        help=text,
        description=text,
        allow_abbrev=False,
        argument_default=argparse.SUPPRESS,
    )
    demo.add_argument(
        "--speed",
        type=_speed,
        default=1.0,
        metavar="X",
        help=f"simulated seconds in a real one, up to {FASTEST:g} (1)",
    )
    demo.add_argument("--seed", type=int, default=1, metavar="N", help="of all chance (1)")
    _add_daemon(demo)
    demo.set_defaults(command="demo")


def _speed(text: str) -> float:
    speed = float(text)
    if not SLOWEST <= speed <= FASTEST:
        reason = f"{text} is not within {SLOWEST:g} and {FASTEST:g}"
        raise argparse.ArgumentTypeError(reason)
    return speed


def _add_send(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    text = "send one event to a running daemon"
    send = commands.add_parser("send", help=text, description=text, allow_abbrev=False)
    send.add_argument("event", metavar="EVENT", help="as in `vsm-run events`")
    send.add_argument("--system", type=int, choices=range(1, 6), help="1 to 5")
    send.add_argument("--unit", metavar="U", help="the reporting unit")
    send.add_argument("--path", metavar="P", help="the viable system, acme/plant-a")
    send.add_argument(
        "-m", dest="measurements", metavar="k=v", action="append", default=[], help="a number"
    )
    send.add_argument(
        "-a", dest="attributes", metavar="k=v", action="append", default=[], help="a word"
    )
    send.add_argument("--url", default=_ENDPOINT, help=f"of the write listener ({_ENDPOINT})")
    send.set_defaults(command="send")


def _add_check(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    text = "validate a configuration file; exit 2 with every error"
    check = commands.add_parser("check-config", help=text, description=text, allow_abbrev=False)
    check.add_argument("file", metavar="FILE")
    check.set_defaults(command="check-config")
