"""What a request for events is answered, and what is counted of it."""

from collections import Counter

import msgspec
from aiohttp import web

from vsm_actors.core.ledger import Ledger
from vsm_actors.http.problems import problem
from vsm_actors.intake.delivery import Refused
from vsm_actors.intake.errors import (
    BodyError,
    BrokenBodyError,
    SlowBodyError,
    TooLargeError,
    UnsupportedError,
)
from vsm_actors.intake.events.decoded import Decoded
from vsm_actors.intake.events.decoder import SOURCE, Decoder
from vsm_actors.intake.events.faults import FAULTS, Fault, Reason

_STATUSES: dict[type[BodyError], tuple[int, str]] = {
    TooLargeError: (413, "Body too large"),
    UnsupportedError: (415, "Unsupported content"),
    SlowBodyError: (408, "Body too slow"),
    BrokenBodyError: (400, "Nothing could be read"),
}
_TITLES = {413: "Body too large", 429: "Too busy", 503: "Not available"}


class Books:
    """Enters requests into the ledger. The unit is the event, as it was sent."""

    def __init__(self, ledger: Ledger, decoder: Decoder) -> None:
        """Count in `ledger`, also what the bounded memories of `decoder` let go."""
        self._ledger = ledger
        self._decoder = decoder
        self._forgotten = 0
        self._cleared: Counter[str] = Counter()

    def reject(self, reason: Reason, events: int) -> None:
        """Count events that were wrong."""
        self._ledger.count(
            "vsm_run_points_rejected_total", events, source=SOURCE, reason=reason.value
        )

    def enter(self, decoded: Decoded, refused: int) -> None:
        """Count a request that was taken, `refused` of its signals excepted."""
        accepted = decoded.accepted - refused
        self._ledger.count("vsm_run_points_accepted_total", accepted, source=SOURCE)
        for reason, events in decoded.rejected.items():
            self.reject(reason, events)
        if refused:
            self.reject(Reason.REFUSED, refused)
        if decoded.duplicates:
            self._ledger.count("vsm_run_events_duplicate_total", decoded.duplicates)
        self._publish()

    def _publish(self) -> None:
        """Add what the decoder's bounded memories have let go since the last time."""
        forgotten = self._decoder.duplicates.forgotten
        if forgotten > self._forgotten:
            self._ledger.count("vsm_run_event_ids_forgotten_total", forgotten - self._forgotten)
            self._forgotten = forgotten
        for reason, times in tuple(self._decoder.plans.cleared.items()):
            if times > self._cleared[reason]:
                new = times - self._cleared[reason]
                self._ledger.count("vsm_run_event_plans_cleared_total", new, reason=reason)
                self._cleared[reason] = times


def taken(decoded: Decoded, refused: tuple[Fault, ...]) -> web.Response:
    """Return 202 with what was taken, or 400 where that is nothing.

    A duplicate counts as accepted: whoever sends it again wants to hear that it is here. Custom
    events are told apart, because a misspelt name makes one.
    """
    accepted = decoded.accepted + decoded.duplicates - len(refused)
    rejected = sum(decoded.rejected.values()) + len(refused)
    faults = sorted((*decoded.faults, *refused), key=lambda fault: fault.index)[:FAULTS]
    if rejected and not accepted:
        return problem(
            400,
            "All events were rejected",
            "see errors for what is wrong with each",
            accepted=0,
            rejected=rejected,
            errors=faults,
        )
    body = {"accepted": accepted, "rejected": rejected, "errors": faults}
    if decoded.duplicates:
        body["duplicates"] = decoded.duplicates
    if decoded.custom:
        body["custom"] = decoded.custom
    return web.Response(status=202, body=msgspec.json.encode(body), content_type="application/json")


def broken(error: BodyError) -> web.Response:
    """Return the problem of a body that cannot be taken as a whole."""
    status, title = _STATUSES[type(error)]
    if not isinstance(error, BrokenBodyError):
        return problem(status, title, str(error))
    faults = [Fault(0, "", str(error))]
    return problem(status, title, str(error), accepted=0, rejected=1, errors=faults)


def refused(refusal: Refused) -> web.Response:
    """Return the problem of a request of which nothing was taken, and when to try again."""
    answer = problem(refusal.status, _TITLES[refusal.status], refusal.detail)
    if refusal.retry_after is not None:
        answer.headers["Retry-After"] = str(refusal.retry_after)
    return answer
