"""OpenAI Responses, both ways."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from trunkline.model.conversation import Conversation
from trunkline.model.dialect import Dialect, Written
from trunkline.wire.adopted import Adopted
from trunkline.wire.codec import Answering, Codec
from trunkline.wire.openai_responses.adopt import adopt
from trunkline.wire.openai_responses.decode import ResponsesDecoder
from trunkline.wire.openai_responses.encode import ResponsesEncoder
from trunkline.wire.openai_responses.read import read
from trunkline.wire.openai_responses.write import write


class _Codec:
    """The codec of this wire."""

    def read(self, body: dict[str, Any], *, model: str, streamed: bool) -> Conversation:
        return read(body, model=model, streamed=streamed)

    def write(self, conversation: Conversation, dialect: Dialect) -> Written:
        return write(conversation, dialect)

    def decoder(self, dialect: Dialect, offered: Container[str] | None = None) -> ResponsesDecoder:
        return ResponsesDecoder()

    def encoder(self, answering: Answering) -> ResponsesEncoder:
        return ResponsesEncoder(answering)

    def adopt(self, sent: bytes, answering: Answering) -> Adopted | None:
        return adopt(sent, answering)


CODEC: Codec = _Codec()
