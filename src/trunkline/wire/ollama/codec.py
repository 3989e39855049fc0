"""Ollama's native wire, both ways. As a provider it is always asked at `/api/chat`."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from trunkline.model.conversation import Conversation
from trunkline.model.dialect import Dialect, Written
from trunkline.wire.adopted import Adopted
from trunkline.wire.codec import Answering, Decoder, Encoder
from trunkline.wire.ollama import read, write
from trunkline.wire.ollama.adopt import adopt
from trunkline.wire.ollama.decode import OllamaDecoder
from trunkline.wire.ollama.encode import OllamaEncoder


class OllamaCodec:
    """`read` takes bodies of `/api/chat`, `read_generate` those of `/api/generate`; the rest serves both."""

    def read(self, body: dict[str, Any], *, model: str, streamed: bool) -> Conversation:
        return read.read(body, model=model, streamed=streamed)

    def read_generate(self, body: dict[str, Any], *, model: str, streamed: bool) -> Conversation:
        return read.read_generate(body, model=model, streamed=streamed)

    def write(self, conversation: Conversation, dialect: Dialect) -> Written:
        return write.write(conversation, dialect)

    def decoder(self, dialect: Dialect, offered: Container[str] | None = None) -> Decoder:
        return OllamaDecoder(dialect, offered)

    def encoder(self, answering: Answering) -> Encoder:
        return OllamaEncoder(answering)

    def adopt(self, sent: bytes, answering: Answering) -> Adopted | None:
        return adopt(sent, answering)


CODEC = OllamaCodec()
