"""The Messages API, both ways, for `wire.codecs`."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from trunkline.model.conversation import Conversation
from trunkline.model.dialect import Dialect, Written
from trunkline.wire.adopted import Adopted
from trunkline.wire.anthropic.adopt import adopt
from trunkline.wire.anthropic.decode import MessagesDecoder
from trunkline.wire.anthropic.encode import MessagesEncoder
from trunkline.wire.anthropic.read import read
from trunkline.wire.anthropic.write import write
from trunkline.wire.codec import Answering, Codec, Decoder, Encoder


class _Messages:
    """See `wire.codec.Codec`."""

    def read(self, body: dict[str, Any], *, model: str, streamed: bool) -> Conversation:
        return read(body, model=model, streamed=streamed)

    def write(self, conversation: Conversation, dialect: Dialect) -> Written:
        return write(conversation, dialect)

    def decoder(self, dialect: Dialect, offered: Container[str] | None = None) -> Decoder:
        return MessagesDecoder(dialect)

    def encoder(self, answering: Answering) -> Encoder:
        return MessagesEncoder(answering)

    def adopt(self, sent: bytes, answering: Answering) -> Adopted | None:
        return adopt(sent, answering)


CODEC: Codec = _Messages()
