"""What a body is, by its headers, and how events are cut from it."""

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import assert_never

from vsm_actors.intake.errors import UnsupportedError
from vsm_actors.intake.events.cloudevents import DATA, CloudEvent, binary_of, wire_of
from vsm_actors.intake.events.framing import Frame, Framer
from vsm_actors.intake.events.wire import Wire


class Form(enum.Enum):
    """How events lie in a body."""

    JSON = "application/json"
    LINES = "application/x-ndjson"
    CLOUD_EVENT = "application/cloudevents+json"
    CLOUD_BATCH = "application/cloudevents-batch+json"
    CLOUD_BINARY = "ce-specversion"
    """One event in the headers, its data in the body."""


_FORMS: Mapping[str, Form] = MappingProxyType(
    {
        **{form.value: form for form in Form if form is not Form.CLOUD_BINARY},
        "application/ndjson": Form.LINES,
        "application/jsonl": Form.LINES,
    }
)
_CHARSETS = ("", "utf-8", "utf8", "us-ascii")


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A body's form.

    Attributes:
        form: how events lie in it.
        headers: the ``ce-`` headers in binary mode, without their prefix, in lower case.
    """

    form: Form
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def content_of(media_type: str, charset: str, headers: Mapping[str, str]) -> Content:
    """Return what a request holds.

    Args:
        media_type: of the Content-Type, in lower case, without parameters; "" without one.
        charset: its parameter, or "".
        headers: of the request, names in any case.

    Raises:
        UnsupportedError: the type, or its character set, is none of those.
    """
    form = _FORMS.get(media_type)
    extensions = {
        name.lower()[3:]: value for name, value in headers.items() if name.lower()[:3] == "ce-"
    }
    if "specversion" in extensions and form in (Form.JSON, None) and media_type in _DATA_TYPES:
        return Content(form=Form.CLOUD_BINARY, headers=extensions)
    if form is None:
        raise UnsupportedError("Content-Type", tuple(_FORMS))
    if charset.lower() not in _CHARSETS:
        raise UnsupportedError("charset", _CHARSETS[1:])
    return Content(form=form)


_DATA_TYPES = ("", "application/json")


class Envelopes:
    """Cuts events from bodies of every form."""

    def __init__(self) -> None:
        """Compile the decoders."""
        self._plain = Framer(Wire)
        self._cloud = Framer(CloudEvent, DATA)

    def events(self, body: bytes, content: Content) -> Iterator[Frame[Wire]]:
        """Return the events of `body`, and for each that is none, why.

        Raises:
            BrokenBodyError: nothing can be read, possibly only found at the end of the iteration.
        """
        match content.form:
            case Form.JSON:
                return self._plain.json(body)
            case Form.LINES:
                return self._plain.lines(body)
            case Form.CLOUD_EVENT | Form.CLOUD_BATCH:
                return map(wire_of, self._cloud.json(body))
            case Form.CLOUD_BINARY:
                return iter((binary_of(content.headers, body),))
            case _:
                assert_never(content.form)
