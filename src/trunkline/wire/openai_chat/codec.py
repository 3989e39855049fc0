"""Chat Completions, both ways."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from trunkline.model.conversation import Conversation
from trunkline.model.dialect import Dialect, Written
from trunkline.wire.adopted import Adopted
from trunkline.wire.codec import Answering
from trunkline.wire.openai_chat.adopt import adopt
from trunkline.wire.openai_chat.decode import ChatDecoder
from trunkline.wire.openai_chat.encode import ChatEncoder
from trunkline.wire.openai_chat.read import read
from trunkline.wire.openai_chat.write import write


class ChatCodec:
    """See `wire.codec.Codec`."""

    def read(self, body: dict[str, Any], *, model: str, streamed: bool) -> Conversation:
        """A client's request."""
        return read(body, model=model, streamed=streamed)

    def write(self, conversation: Conversation, dialect: Dialect) -> Written:
        """The request for a provider."""
        return write(conversation, dialect)

    def decoder(self, dialect: Dialect, offered: Container[str] | None = None) -> ChatDecoder:
        """Reads one answer. `offered`: names of the tools as they were sent, where the caller knows them."""
        return ChatDecoder(dialect, offered)

    def encoder(self, answering: Answering) -> ChatEncoder:
        """Writes one answer."""
        return ChatEncoder(answering)

    def adopt(self, sent: bytes, answering: Answering) -> Adopted | None:
        return adopt(sent, answering)


CODEC = ChatCodec()
