"""Big bodies of events: decompressed and decoded by an actor, off the server's loop."""

from dataclasses import dataclass
from typing import TypeAlias

from supervision import Actor, Context
from vsm_actors.core.messages import Reply
from vsm_actors.intake.bodies import Encoding, inflate
from vsm_actors.intake.errors import BodyError, bare
from vsm_actors.intake.events.content import Content
from vsm_actors.intake.events.decoded import Decoded
from vsm_actors.intake.events.decoder import Decoder


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """Decoding a body crashed the actor; nothing of it was taken.

    Attributes:
        cause: what crashed it.
    """

    cause: object


BulkAnswer: TypeAlias = Decoded | BodyError | Lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A body as it arrived.

    Attributes:
        body: as it was sent.
        encoding: how it is compressed.
        content: what it holds.
        now: its arrival, Unix seconds.
        monotonic: its arrival, monotonic seconds.
    """

    body: bytes
    encoding: Encoding
    content: Content
    now: float
    monotonic: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """A body for the actor to decode.

    Attributes:
        received: the body.
        limit: bytes that it may have decompressed.
        reply: told what it held.
    """

    received: Received
    limit: int
    reply: Reply[BulkAnswer]


class HttpEvents(Actor):
    """Decodes what is too big for the loop, one body at a time. It keeps no state.

    Its mailbox is bounded in bytes, and its policy's `on_lost` is `answer_lost`.
    """

    def __init__(self, context: Context, *, decoder: Decoder) -> None:
        """Decode by `decoder`, which the loop uses too."""
        super().__init__(context)
        self._decoder = decoder

    def handle(self, message: Bulk) -> None:
        """Decode one body and answer it."""
        message.reply(decode(self._decoder, message.received, message.limit))


def decode(decoder: Decoder, received: Received, limit: int) -> Decoded | BodyError:
    """Return what a body of at most `limit` bytes holds, or why it cannot be taken as a whole."""
    try:
        text = inflate(received.body, received.encoding, limit)
        return decoder.decode(
            text, received.content, now=received.now, monotonic=received.monotonic
        )
    except BodyError as error:
        return bare(error)


def answer_lost(message: object, cause: object) -> None:
    """Answer a body whose decoding crashed: for `MailboxPolicy.on_lost`."""
    if isinstance(message, Bulk):
        message.reply(Lost(cause=cause))
