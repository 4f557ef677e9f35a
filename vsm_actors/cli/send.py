"""``vsm-run send EVENT``: one event over HTTP, as any program would send it."""

import http.client
import json
import sys
import urllib.error
import urllib.request
from collections.abc import Iterable

from vsm_actors.cli.arguments import Arguments
from vsm_actors.cli.errors import UsageError
from vsm_actors.cli.exits import USAGE

_SECONDS = 10.0


def run(arguments: Arguments) -> int:
    """Send it; print the daemon's answer; return 0, 1 if it was not taken, 2 for usage."""
    try:
        body = body_of(arguments)
    except UsageError as error:
        print(f"vsm-run send: {error}", file=sys.stderr)
        return USAGE
    request = urllib.request.Request(  # noqa: S310 - body_of has checked the scheme
        f"{arguments.url.rstrip('/')}/v1/events",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310 - see above
            print(answer.read().decode())
    except urllib.error.HTTPError as error:
        print(error.read().decode(errors="replace"), file=sys.stderr)
        return 1
    except (OSError, http.client.HTTPException) as error:
        print(f"vsm-run send: {arguments.url}: {error}; is vsm-run running?", file=sys.stderr)
        return 1
    return 0


def body_of(arguments: Arguments) -> dict[str, object]:
    """Return the event's JSON object, as the arguments say it.

    Raises:
        UsageError: a pair is not ``k=v``, a measurement is no number, or the URL is not HTTP.
    """
    if not arguments.url.startswith(("http://", "https://")):
        raise UsageError.of(arguments.url, "must start with http:// or https://")
    envelope = {
        "event": arguments.event,
        "system": arguments.system,
        "unit": arguments.unit,
        "path": arguments.path,
    }
    said = {name: value for name, value in envelope.items() if value is not None}
    measurements = {name: _number(name, text) for name, text in _pairs(arguments.measurements)}
    return {**said, "measurements": measurements, "attributes": dict(_pairs(arguments.attributes))}


def _pairs(texts: Iterable[str]) -> Iterable[tuple[str, str]]:
    for text in texts:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise UsageError.of(text, "is not k=v")
        yield name, value


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UsageError.of(f"{name}={text}", "is no number") from None
