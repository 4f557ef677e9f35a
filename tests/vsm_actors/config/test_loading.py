import contextlib
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsm_actors.config import Config, ConfigurationError, environment_names, load
from vsm_actors.config.values import parse_bind, parse_duration

WRONG = """\
[listen]
read = "nonsense"

[limits]
series = -4
foo = 1

[[webhook]]
secret = "x"

[[channel]]
path = "shop"
from = "web"
to = "stock"
capacity = 0

[unheard]
a = 1

[algedonic]
recovery = {critical = "30x"}
"""

WHOLE = """\
[run]
data = "/srv/vsm"
[listen]
read = "[::1]:0"
statsd = ""
[model]
path = "acme"
[history]
step = "1m"
[algedonic]
recovery = {critical = "10s", high = "500ms", medium = "2w"}
[[webhook]]
url = "https://example.org/hook"
secret = "env:HOOK_SECRET"
[[variety.pair]]
path = "shop"
pair = "3:1"
controller = "directives.*"
controlled = "orders.*"
[[source]]
path = "shop"
source = "market-feed"
expected_interval = "1m"
[[channel]]
path = "shop"
from = "web"
to = "stock"
capacity = 200
[[statsd.rule]]
match = "shop.*.orders"
path = "shop/$1"
system = 1
"""


def problems_of(path: Path) -> list[tuple[str, str]]:
    with pytest.raises(ConfigurationError) as caught:
        load(path)
    return [(one.where.rpartition(":")[2], one.key) for one in caught.value.problems]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "vsm.toml"


def test_without_anything_the_defaults_hold() -> None:
    assert load() == (Config(), ())


def test_every_section_of_a_file_is_read(file: Path) -> None:
    file.write_text(WHOLE)
    config, _ = load(file)
    assert config.listen.read.host == "::1"
    assert config.listen.read.port == 0
    assert config.listen.read.is_loopback
    assert config.listen.statsd.is_disabled
    assert config.listen.write.port == 4318
    assert float(config.history.step) == 60
    recovery = config.algedonic.recovery
    assert (float(recovery.high), float(recovery.medium)) == (0.5, 1_209_600)
    assert config.channel[0].origin == "web"
    assert config.variety.pair[0].pair == "3:1"
    assert config.statsd.rule[0].system == 1


def test_every_error_of_a_file_is_found_with_its_line(file: Path) -> None:
    file.write_text(WRONG)
    assert problems_of(file) == [
        ("2", "listen.read"),
        ("5", "limits.series"),
        ("6", "limits.foo"),
        ("8", "webhook.0.url"),
        ("15", "channel.0.capacity"),
        ("17", "unheard"),
        ("21", "algedonic.recovery.critical"),
    ]


def test_a_file_that_is_no_toml_says_where(file: Path) -> None:
    file.write_text("[listen\n")
    with pytest.raises(ConfigurationError, match="line 1"):
        load(file)


def test_a_file_that_is_missing_is_named(file: Path) -> None:
    with pytest.raises(ConfigurationError, match="No such file"):
        load(file)


def test_a_section_that_is_no_table_is_an_error(file: Path) -> None:
    file.write_text("listen = 4\nwebhook = 3\n")
    assert problems_of(file) == [("1", "listen"), ("2", "webhook")]


def test_the_environment_wins_over_the_file_and_the_flag_over_both(file: Path) -> None:
    file.write_text('[listen]\nread = "127.0.0.1:1"\nwrite = "127.0.0.1:2"\nstatsd = ""\n')
    environment = {"VSM_LISTEN_READ": "127.0.0.1:3", "VSM_LISTEN_WRITE": "127.0.0.1:4"}
    config, _ = load(file, environment, {"--listen": "127.0.0.1:5"})
    assert (config.listen.read, config.listen.write) == ("127.0.0.1:5", "127.0.0.1:4")
    assert config.listen.statsd.is_disabled


def test_numbers_and_tables_come_from_the_environment_too() -> None:
    environment = {
        "VSM_LIMITS_SERIES": "500",
        "VSM_AUTH_REQUIRED": "false",
        "VSM_ALGEDONIC_RECOVERY": '{critical = "10s"}',
        "VSM_SOURCE": '[{path = "a", source = "b", expected_interval = "5m"}]',
    }
    config, _ = load(environment=environment)
    assert config.limits.series == 500
    assert config.auth.required is False
    assert float(config.algedonic.recovery.critical) == 10
    assert float(config.source[0].expected_interval) == 300


def test_an_unknown_variable_of_ours_only_warns() -> None:
    environment = {"VSM_TELEMETRY_PORT_80_TCP": "tcp://10.0.0.1:80", "PATH": "/bin"}
    assert load(environment=environment) == (Config(), ("VSM_TELEMETRY_PORT_80_TCP",))


def test_a_wrong_variable_is_named_as_the_place() -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(environment={"VSM_LISTEN_READ": "x", "VSM_SOURCE": "[broken"})
    assert {one.where for one in caught.value.problems} == {"VSM_LISTEN_READ", "VSM_SOURCE"}


def test_a_wrong_flag_is_named_as_the_place() -> None:
    with pytest.raises(ConfigurationError, match=r"--statsd: listen\.statsd: '127"):
        load(flags={"--statsd": "127.0.0.1:70000"})


def test_a_variable_under_a_section_that_is_no_table_is_an_error_not_a_crash(file: Path) -> None:
    file.write_text("listen = 4\n")
    with pytest.raises(ConfigurationError, match="listen"):
        load(file, {"VSM_LISTEN_READ": "127.0.0.1:3"})


@pytest.mark.parametrize("text", ["", "5", "-5s", "0s", "5 s", "5y", "1e3s", "nan"])
def test_what_is_no_duration_is_refused(file: Path, text: str) -> None:
    file.write_text(f'[history]\nstep = "{text}"\n')
    assert problems_of(file) == [("2", "history.step")]


@pytest.mark.parametrize(
    "text",
    ["80", "host", ":80", "host:", "host:x", "host:65536", "host:-1", "::1:80", "a:²", "a:٣"],
)
def test_what_is_no_address_is_refused(file: Path, text: str) -> None:
    file.write_text(f'[listen]\nread = "{text}"\n')
    assert problems_of(file) == [("2", "listen.read")]


def test_an_ipv6_address_is_read_without_its_brackets() -> None:
    bind = parse_bind("[::1]:15105")
    assert (bind.host, bind.port) == ("::1", 15105)


def test_every_scalar_key_has_a_variable() -> None:
    names = dict(environment_names())
    sections = {field.encode_name for field in msgspec.structs.fields(Config)}
    assert names["VSM_LISTEN_READ"] == ("listen", "read")
    assert names["VSM_STATSD_RULE"] == ("statsd", "rule")
    assert {key[0] for key in names.values()} == sections


@given(st.text(max_size=200))
def test_any_text_is_taken_or_refused_in_our_words(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_text(text, encoding="utf-8", errors="surrogatepass")
    with contextlib.suppress(ConfigurationError):
        load(file)


@pytest.mark.parametrize("text", ["500ms", "30s", "90s", "5m", "36h", "15d", "2w"])
def test_a_duration_is_written_as_it_was_read(text: str) -> None:
    assert str(parse_duration(text)) == text
