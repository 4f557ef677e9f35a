import pytest

from vsm_actors.cli.daemon import refuse_open_doors, without_effect
from vsm_actors.config import Config, ConfigurationError
from vsm_actors.config.schema import AuthSection, HistorySection, ListenSection, Webhook
from vsm_actors.config.values import Bind, Duration

OPEN = ListenSection(read=Bind("0.0.0.0:15105"))


@pytest.mark.parametrize(
    "config", [Config(), Config(listen=OPEN, auth=AuthSection(required=False))]
)
def test_loopback_or_a_clear_wish_opens_the_doors(config: Config) -> None:
    refuse_open_doors(config)


@pytest.mark.parametrize("config", [Config(listen=OPEN), Config(auth=AuthSection(required=True))])
def test_a_door_that_cannot_be_locked_stays_shut(config: Config) -> None:
    with pytest.raises(ConfigurationError, match=r"auth\.required"):
        refuse_open_doors(config)


def test_what_has_no_effect_yet_is_named() -> None:
    assert without_effect(Config()) == ()
    config = Config(
        webhook=(Webhook(url="https://example.org"),), history=HistorySection(hot=Duration(86400))
    )
    assert without_effect(config) == ("webhook", "history")
