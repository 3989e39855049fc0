"""What a wire must be able to do so that any other can be carried to it and from it: read, write, decode, encode."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from trunkline.model.conversation import Conversation
from trunkline.model.dialect import Dialect, Written
from trunkline.model.events import Event
from trunkline.wire.junk import Junk

if TYPE_CHECKING:
    from trunkline.wire.adopted import Adopted


@dataclass(frozen=True, slots=True)
class Answering:
    """What an encoder tells the client besides the provider's words.

    `id` is the request's; ids that the wire needs are made from it. `model` is the name the client reads, `created`
    unix seconds, `estimate` the input in tokens for wires that tell it first, `usage_asked` whether the chat wire's
    client wants the usage chunk. `asked` is the request, for wires that echo parts of it.
    """

    id: str
    model: str
    created: int
    estimate: int
    asked: Conversation

    @property
    def usage_asked(self) -> bool:
        return self.asked.usage_asked


class Decoder(Protocol):
    """Reads one answer of a provider. What it gives satisfies `model.grammar` whatever comes.

    It raises a `Failure` for errors inside a stream (`ProviderRefused`), for what is no answer (`ProviderGarbage`) and
    for an end before the end (`ProviderCut`), and nothing else. Bytes may be cut anywhere.
    """

    junk: Junk
    """What was left out, since nobody can read it."""

    def feed(self, piece: bytes) -> list[Event]:
        """The events that a piece of a stream completes."""

    def end(self) -> list[Event]:
        """The stream was closed cleanly: the last events, ending with `Stop`. Raises when the answer was not whole."""

    def whole(self, body: bytes) -> list[Event]:
        """A whole answer as the stream that it would have been."""


class Encoder(Protocol):
    """Writes one answer for a client. It is given a grammatical stream and gives a grammatical stream of its wire."""

    def take(self, event: Event) -> bytes:
        """What goes to a streaming client for this event; possibly nothing."""

    def whole(self, events: Iterable[Event]) -> bytes:
        """The whole answer that a stream folds to."""


class Codec(Protocol):
    """One wire, both ways. A module or an object with these four names."""

    def read(self, body: dict[str, Any], *, model: str, streamed: bool) -> Conversation:
        """A client's request. Raises `InvalidRequest` that names the member (`param`) for what no such request may say.

        Lenient: unknown members go into `own`, unknown blocks become `Opaque`.
        """

    def write(self, conversation: Conversation, dialect: Dialect) -> Written:
        """The request for a provider. Raises `InvalidRequest` for what cannot be said and may not be left out."""

    def decoder(self, dialect: Dialect, offered: Container[str] | None = None) -> Decoder:
        """Reads one answer. `offered`: the functions that were offered, by their names as sent; None: not known."""

    def encoder(self, answering: Answering) -> Encoder: ...

    def adopt(self, sent: bytes, answering: Answering) -> Adopted | None:
        """A stream of this wire that left for a client in its provider's own bytes, whole events of it, taken over.

        None where it is in a state that nobody could go on from. Raises a `Failure` where the bytes are no such stream.
        """
