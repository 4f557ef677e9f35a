"""A decoder on a table of its own, and what a request holds as plain data."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from vsm_actors.core.series import Limits, SeriesTable
from vsm_actors.intake.events.content import Content, Form
from vsm_actors.intake.events.decoded import Decoded
from vsm_actors.intake.events.decoder import Decoder
from vsm_actors.intake.events.duplicates import Duplicates
from vsm_actors.intake.events.rules import Rules

NOW = 1_795_428_930.5
"""2026-11-23T10:15:30.5Z."""


@dataclass
class Intake:
    """A decoder with what it stands on."""

    table: SeriesTable
    decoder: Decoder
    now: float = NOW
    monotonic: float = 100.0

    def decode(self, body: object, form: Form = Form.JSON, **headers: str) -> Decoded:
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        content = Content(form=form, headers=headers)
        return self.decoder.decode(text, content, now=self.now, monotonic=self.monotonic)

    def take(self, body: object, form: Form = Form.JSON, **headers: str) -> Decoded:
        decoded = self.decode(body, form, **headers)
        decoded.claims.commit()
        return decoded

    def points(self, decoded: Decoded) -> list[tuple[str, tuple[str, ...], float, float]]:
        batch = decoded.batch
        return [
            (self.table[series].family.name, self.table[series].labels, value, time)
            for series, value, time in zip(
                batch.series.tolist(), batch.value.tolist(), batch.time.tolist(), strict=True
            )
        ]


@pytest.fixture
def new_intake() -> Callable[..., Intake]:
    def make(limits: Limits | None = None, **rules: Any) -> Intake:
        table = SeriesTable(limits or Limits(), threading.Lock())
        settings = Rules(default_path="host-1", **rules)
        return Intake(table, Decoder(table, settings, Duplicates(threading.Lock())))

    return make


@pytest.fixture
def intake(new_intake: Callable[..., Intake]) -> Intake:
    return new_intake()


@pytest.fixture
def completed() -> Callable[..., dict[str, Any]]:
    def make(**more: Any) -> dict[str, Any]:
        return {
            "event": "operation.completed",
            "measurements": {"duration": 0.25},
            "attributes": {"operation": "stamp", "outcome": "ok"},
            **more,
        }

    return make
