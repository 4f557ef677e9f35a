"""What can be configured, with the defaults: one struct a section of the file."""

from typing import Annotated, Literal

import msgspec

from vsm_actors.config.values import Bind, Duration

Positive = Annotated[int, msgspec.Meta(ge=1)]
Pair = Literal["3:1", "2:1-1", "4:env", "5:3-4", "3:4"]


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file; keys with a dash or a reserved word are renamed where they stand."""


class ListenSection(Section, frozen=True, kw_only=True):
    """``[listen]``: where the daemon answers. An empty address disables a listener."""

    read: Bind = Bind("127.0.0.1:15105")
    write: Bind = Bind("127.0.0.1:4318")
    statsd: Bind = Bind("127.0.0.1:8125")


class RunSection(Section, frozen=True, kw_only=True):
    """``[run]``: the process itself."""

    data: str = ""
    """Folder of the embedded storage; empty: the platform's data folder."""
    source: Literal["host", "none"] = "host"
    log_format: Literal["json", "pretty", ""] = ""
    """Empty: pretty on a terminal, else JSON."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"


class AuthSection(Section, frozen=True, kw_only=True):
    """``[auth]``: who may come in."""

    required: bool | None = None
    """None: as soon as a listener is not loopback."""


class ModelSection(Section, frozen=True, kw_only=True):
    """``[model]``: the organisation."""

    path: str = ""
    """Path of events that name none; empty: the host's name."""


class HistorySection(Section, frozen=True, kw_only=True):
    """``[history]``: what is stored."""

    step: Duration = Duration(15)
    hot: Duration = Duration(15 * 86400)
    cold: Duration = Duration(90 * 86400)
    upstream: str = ""


class LimitsSection(Section, frozen=True, kw_only=True):
    """``[limits]``: bounds on what comes in."""

    body_bytes: Positive = 4_194_304
    series: Positive = 200_000
    label_values: Positive = 1_000
    metric_series: Positive = 20_000


class Recovery(Section, frozen=True, kw_only=True):
    """Time in which a signal of a severity is to be cleared before it escalates."""

    critical: Duration = Duration(30)
    high: Duration = Duration(300)
    medium: Duration = Duration(1800)


class AlgedonicSection(Section, frozen=True, kw_only=True):
    """``[algedonic]``: pain and pleasure."""

    recovery: Recovery = Recovery()


class Webhook(Section, frozen=True, kw_only=True):
    """``[[webhook]]``: whom to tell."""

    url: str
    secret: str = ""
    events: tuple[str, ...] = (
        "algedonic.opened",
        "algedonic.escalated",
        "algedonic.cleared",
    )


class VarietyPair(Section, frozen=True, kw_only=True):
    """``[[variety.pair]]``: which streams control which."""

    path: str
    pair: Pair
    controller: str
    controlled: str


class VarietySection(Section, frozen=True, kw_only=True):
    """``[variety]``: requisite variety."""

    pair: tuple[VarietyPair, ...] = ()


class Source(Section, frozen=True, kw_only=True):
    """``[[source]]``: what System 4 expects to hear from, and how often."""

    path: str
    source: str
    expected_interval: Duration


class Channel(Section, frozen=True, kw_only=True, rename={"origin": "from"}):
    """``[[channel]]``: the declared capacity of a channel, bits/s."""

    path: str
    origin: str
    to: str
    capacity: Annotated[float, msgspec.Meta(gt=0)]
    channel: str = ""
    """Empty: every channel between the two."""


class StatsdRule(Section, frozen=True, kw_only=True):
    """``[[statsd.rule]]``: where a StatsD name without tags belongs; the first match wins."""

    match: str
    kind: Literal["glob", "regex"] = "glob"
    path: str = ""
    system: Annotated[int, msgspec.Meta(ge=1, le=5)] | None = None
    unit: str = ""
    name: str = ""
    event: str = ""
    measurement: str = ""
    labels: dict[str, str] = {}


class StatsdSection(Section, frozen=True, kw_only=True):
    """``[statsd]``: mapping rules."""

    rule: tuple[StatsdRule, ...] = ()


class Config(Section, frozen=True, kw_only=True):
    """The whole configuration."""

    run: RunSection = RunSection()
    listen: ListenSection = ListenSection()
    auth: AuthSection = AuthSection()
    model: ModelSection = ModelSection()
    history: HistorySection = HistorySection()
    limits: LimitsSection = LimitsSection()
    algedonic: AlgedonicSection = AlgedonicSection()
    webhook: tuple[Webhook, ...] = ()
    variety: VarietySection = VarietySection()
    source: tuple[Source, ...] = ()
    channel: tuple[Channel, ...] = ()
    statsd: StatsdSection = StatsdSection()
