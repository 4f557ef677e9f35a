"""CloudEvents 1.0 as an envelope of the same events.

``type`` is the event, ``id`` its event_id; the extensions ``vsmpath``, ``vsmsystem`` and
``vsmunit`` place it; ``data`` holds measurements and attributes.
"""

from collections.abc import Mapping
from urllib.parse import unquote

import msgspec
from msgspec import Raw

from vsm_actors.intake.errors import bare
from vsm_actors.intake.events.faults import EventFault, Reason, shown
from vsm_actors.intake.events.framing import Frame, Framer
from vsm_actors.intake.events.wire import NOTHING, Moment, Wire, explained


class Data(msgspec.Struct, gc=False):
    """What an event of ours carries beside its envelope."""

    measurements: dict[str, float] | None = None
    attributes: Raw = NOTHING


class CloudEvent(msgspec.Struct, gc=False):
    """The attributes of a CloudEvent that matter here; others are ignored."""

    specversion: str
    type: str
    id: str
    source: str
    time: Moment | None = None
    vsmpath: str | None = None
    vsmsystem: int | str | None = None
    vsmunit: str | None = None
    traceparent: str | None = None
    data: Data | None = None
    data_base64: str | None = None


_DATA = Framer(Data)
_REQUIRED = ("type", "id", "source")


def wire_of(frame: Frame[CloudEvent]) -> Frame[Wire]:
    """Return a CloudEvent as an event, or why it is none."""
    if isinstance(frame, EventFault):
        return frame
    try:
        return _wire(frame)
    except EventFault as fault:
        return bare(fault)


def binary_of(headers: Mapping[str, str], body: bytes) -> Frame[Wire]:
    """Return the event of binary mode: context in the headers, data in the body.

    Args:
        headers: the ``ce-`` headers without their prefix; values are percent-encoded.
        body: the data as JSON, or nothing.
    """
    data = _DATA.one(body) if body.strip() else Data()
    if isinstance(data, EventFault):
        return data
    context = {name: unquote(value) for name, value in headers.items() if name != "data"}
    try:
        frame = msgspec.convert(context, CloudEvent, strict=False)
    except ValueError as error:
        return explained(b"", error)
    frame.data = data
    return wire_of(frame)


def _wire(given: CloudEvent) -> Wire:
    if given.specversion != "1.0":
        reason = f"{shown(given.specversion)!r} must be 1.0"
        raise EventFault("specversion", reason, Reason.INVALID)
    for name in _REQUIRED:
        if not getattr(given, name):
            raise EventFault(name, "required", Reason.MISSING)
    if given.data_base64 is not None:
        raise EventFault("data_base64", "send data as JSON", Reason.INVALID)
    data = given.data or Data()
    return Wire(
        event=given.type,
        system=_system(given.vsmsystem),
        path=given.vsmpath,
        unit=given.vsmunit,
        time=given.time,
        measurements=data.measurements,
        attributes=data.attributes,
        event_id=given.id,
        source=given.source,
        traceparent=given.traceparent,
    )


def _system(given: int | str | None) -> int | None:
    if not isinstance(given, str):
        return given
    if given not in ("1", "2", "3", "4", "5"):
        raise EventFault("vsmsystem", f"{shown(given)!r} must be 1 to 5", Reason.INVALID)
    return int(given)
