"""The Gemini wire, both ways."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from trunkline.model.conversation import Conversation
from trunkline.model.dialect import Dialect, Written
from trunkline.wire.adopted import Adopted
from trunkline.wire.codec import Answering
from trunkline.wire.gemini.adopt import adopt
from trunkline.wire.gemini.decode import GeminiDecoder
from trunkline.wire.gemini.encode import GeminiEncoder
from trunkline.wire.gemini.read import read
from trunkline.wire.gemini.write import write


class GeminiCodec:
    """See `trunkline.wire.codec.Codec`."""

    def read(self, body: dict[str, Any], *, model: str, streamed: bool) -> Conversation:
        """A client's request."""
        return read(body, model=model, streamed=streamed)

    def write(self, conversation: Conversation, dialect: Dialect) -> Written:
        """The request for a provider."""
        return write(conversation, dialect)

    def decoder(self, dialect: Dialect, offered: Container[str] | None = None) -> GeminiDecoder:
        """A reader for one answer."""
        return GeminiDecoder()

    def encoder(self, answering: Answering) -> GeminiEncoder:
        """A writer for one answer."""
        return GeminiEncoder(answering)

    def adopt(self, sent: bytes, answering: Answering) -> Adopted | None:
        return adopt(sent, answering)


CODEC = GeminiCodec()
