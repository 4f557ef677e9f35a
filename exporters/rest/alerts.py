"""``/api/v1/alerts``: what System 5 was told of, and its acknowledgement."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import msgspec
from aiohttp import web

from exporters.errors import UnansweredError
from vsm_actors.core.algedonic import Alert
from vsm_actors.core.messages import Alerts, Signals, Stored
from vsm_actors.core.record import Event
from vsm_actors.http.answers import json_answer
from vsm_actors.http.outlet import Outlet
from vsm_actors.http.problems import problem
from vsm_actors.http.route import Listener, Role, Route

T = TypeVar("T")

ANSWER_WITHIN = 5.0
"""Seconds for the AlgedonicChannel: a restart and a commit on a slow disk fit in."""

BODY_BYTES = 16_384
"""A name and a note."""

SYSTEM = 5
"""An acknowledgement is System 5's."""

_CHANNEL = "AlgedonicChannel"


class Acknowledgement(msgspec.Struct, frozen=True):
    """The optional body of an acknowledgement.

    Attributes:
        by: who acknowledges.
        note: what they say.
    """

    by: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class AlertsResource:
    """Talks to the AlgedonicChannel."""

    outlet: Outlet

    async def show(
        self, request: web.Request, _parameters: Mapping[str, str]
    ) -> web.StreamResponse:
        """Answer with all alerts, the newest first."""
        try:
            alerts = await self._alerts()
        except UnansweredError as error:
            return _busy(error)
        return json_answer(request, {"alerts": [shown(alert) for alert in alerts]})

    async def acknowledge(
        self, request: web.Request, parameters: Mapping[str, str]
    ) -> web.StreamResponse:
        """Acknowledge an alert by its own id or that of one of its signals. Idempotent."""
        try:
            said = await _said(request)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return problem(400, "Malformed acknowledgement", str(error))
        except TimeoutError:
            return problem(408, "Slow body", f"not complete within {ANSWER_WITHIN:.0f} s")
        if said is None:
            return problem(413, "Body too large", f"at most {BODY_BYTES} bytes")
        try:
            return await self._acknowledged(request, parameters["id"], said)
        except UnansweredError as error:
            return _busy(error)

    async def _acknowledged(
        self, request: web.Request, signal: str, said: Acknowledgement
    ) -> web.StreamResponse:
        alert = _held(await self._alerts(), signal)
        if alert is None:
            return problem(404, "No such alert", f"no alert holds a signal {signal!r}")
        stored = await self._tell(alert, signal, said)
        if stored.errors:
            return problem(409, "Refused", stored.errors[0][1])
        if not stored.durable:
            answer = problem(503, "Not durable", "acknowledged, but not stored yet; ask again")
            answer.headers["Retry-After"] = "1"
            return answer
        return json_answer(request, shown(_held(await self._alerts(), signal) or alert))

    async def _alerts(self) -> tuple[Alert, ...]:
        future: asyncio.Future[tuple[Alert, ...]]
        future, reply = self.outlet.bridge.waiter()
        return await self._ask(Alerts(reply=reply), future)

    async def _tell(self, alert: Alert, signal: str, said: Acknowledgement) -> Stored:
        clock = self.outlet.clock
        now = clock.time()
        event = Event(
            name="algedonic.acknowledged",
            system=SYSTEM,
            path=alert.path,
            unit=alert.unit,
            time=now,
            arrival=now,
            measurements={},
            attributes={"id": signal, "by": said.by, "note": said.note},
        )
        future: asyncio.Future[Stored]
        future, reply = self.outlet.bridge.waiter()
        signals = Signals(events=(event,), reply=reply, accepted=clock.monotonic())
        return await self._ask(signals, future)

    async def _ask(self, message: object, future: "asyncio.Future[T]") -> T:
        if not self.outlet.address(_CHANNEL).tell(message):
            raise UnansweredError(_CHANNEL, 0.0)
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                return await future
        except TimeoutError:
            raise UnansweredError(_CHANNEL, ANSWER_WITHIN) from None


def shown(alert: Alert) -> dict[str, object]:
    """Return an alert as the API shows it: all that is known, and where it stands."""
    return msgspec.structs.asdict(alert) | {"state": alert.state, "level": alert.level}


def routes(outlet: Outlet) -> tuple[Route, ...]:
    """Return the resource's routes."""
    resource = AlertsResource(outlet)
    return (
        Route(
            listener=Listener.READ,
            method="GET",
            path="/api/v1/alerts",
            handler=resource.show,
            role=Role.READ,
            summary="Every alert that is open or acknowledged, and those cleared lately.",
        ),
        Route(
            listener=Listener.READ,
            method="POST",
            path="/api/v1/alerts/{id}/acknowledge",
            handler=resource.acknowledge,
            role=Role.OPERATE,
            summary="Acknowledge an alert; the body may say by whom, and a note.",
        ),
    )


async def _said(request: web.Request) -> Acknowledgement | None:
    """Read the body; None where it is too large."""
    if (request.content_length or 0) > BODY_BYTES:
        return None
    async with asyncio.timeout(ANSWER_WITHIN):
        body = await request.content.read(BODY_BYTES + 1)
        while len(body) <= BODY_BYTES and not request.content.at_eof():
            body += await request.content.read(BODY_BYTES + 1 - len(body))
    if len(body) > BODY_BYTES:
        return None
    return msgspec.json.decode(body, type=Acknowledgement) if body.strip() else Acknowledgement()


def _held(alerts: tuple[Alert, ...], signal: str) -> Alert | None:
    return next((one for one in alerts if signal == one.id or signal in one.signals), None)


def _busy(error: UnansweredError) -> web.Response:
    answer = problem(503, "No answer", str(error))
    answer.headers["Retry-After"] = "1"
    return answer
