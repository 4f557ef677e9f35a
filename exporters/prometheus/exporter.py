"""PrometheusExporter: the actor that keeps the exposition and answers scrapes."""

from dataclasses import dataclass
from typing import assert_never

from prometheus_client import CollectorRegistry

from exporters.errors import UnknownMessageError
from exporters.prometheus.exposition import Exposition
from exporters.prometheus.negotiation import Format
from exporters.prometheus.recent import Recent
from supervision import Actor, Address, Context
from vsm_actors.core.messages import Reply, Resend
from vsm_actors.core.series import SeriesTable
from vsm_actors.core.window import Frame, Window
from vsm_actors.http.answers import compressed

WAITING = 64
"""Scrapes that may wait for their frames: the route lets four in, so only orphans come near."""


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Why there is no exposition."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrape:
    """Asks for the exposition.

    Attributes:
        token: of the `Sync` that went to the collector; the frame that carries it is waited for.
        form: the format.
        compress: whether the answer is wanted in gzip.
        reply: told the body, or why there is none.
        waits: False asks for what there is, without the frame.
    """

    token: int
    form: Format
    compress: bool
    reply: Reply[bytes | Unavailable]
    waits: bool = True


ExporterMessage = Frame | Window | Scrape


class PrometheusExporter(Actor):
    """Gets frames and windows; encodes and compresses in its own thread.

    A crash loses no figure: totals come back with a full frame from the collector, and the
    sketches of five minutes are left to the heir. Until that frame is there, and again when the
    numbers of frames show that one was missed, nothing is shown rather than a part. A scrape that
    waited for a frame when the actor crashed is asked again by the route, without waiting.
    """

    def __init__(
        self,
        context: Context,
        *,
        collector: Address,
        table: SeriesTable,
        own: CollectorRegistry,
    ) -> None:
        """Take the wiring.

        Args:
            context: as for every actor.
            collector: is asked for a full frame at every start.
            table: of the series.
            own: the ledger's registry.
        """
        super().__init__(context)
        self._collector = collector
        self._table = table
        self._own = own
        self._whole = False
        self._number = 0
        self._waiting: dict[int, Scrape] = {}
        self._due: tuple[int, ...] = ()

    def init(self) -> None:
        """Take over the sketches, ask for the totals."""
        recent = self.context.heir.state
        self._exposition = Exposition(self._table, recent if isinstance(recent, Recent) else None)
        self._ask()

    def handle(self, message: object) -> None:
        """Take one message."""
        if not isinstance(message, ExporterMessage):
            raise UnknownMessageError(self.context.path, type(message))
        self._take(message)

    def _take(self, message: ExporterMessage) -> None:
        match message:
            case Frame():
                self._follow(message)
            case Window():
                self._exposition.observe(message)
                self.commit(self._exposition.recent)
            case Scrape(waits=True):
                self._wait(message)
            case Scrape():
                self._waiting.pop(message.token, None)
                message.reply(self._rendered(message))
            case _ as never:
                assert_never(never)

    def _ask(self) -> None:
        self._whole = False
        self._collector.tell(Resend(to=self.context.address))

    def _follow(self, frame: Frame) -> None:
        if self._whole and not frame.full and frame.number != self._number + 1:
            # One was missed for want of room, or the collector begins anew.
            self._ask()
        self._number = frame.number
        self._exposition.apply(frame)
        self._whole = self._whole or frame.full
        self._due += frame.tokens
        if self._whole:
            self._answer()

    def _wait(self, scrape: Scrape) -> None:
        self._waiting[scrape.token] = scrape
        if len(self._waiting) > WAITING:
            oldest = self._waiting.pop(next(iter(self._waiting)))
            oldest.reply(Unavailable("too many scrapes wait"))

    def _answer(self) -> None:
        due, self._due = self._due, ()
        for token in due:
            scrape = self._waiting.pop(token, None)
            if scrape is not None:
                scrape.reply(self._rendered(scrape))

    def _rendered(self, scrape: Scrape) -> bytes | Unavailable:
        if not self._whole:
            return Unavailable("the totals are not whole: the collector was asked for all of them")
        body = self._exposition.render(scrape.form, self._own)
        return compressed(body) if scrape.compress else body


def lost(message: object, _cause: object) -> None:
    """Answer a scrape that the actor crashed on; for its `MailboxPolicy.on_lost`."""
    if isinstance(message, Scrape):
        message.reply(Unavailable("the exporter crashed on this request"))
