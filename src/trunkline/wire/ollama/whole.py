"""Reads whole Ollama answers."""

from __future__ import annotations

import msgspec

from trunkline.wire.ollama.stream import line_decoder
from trunkline.wire.raw import ABSENT, UNREADABLE, there
from trunkline.wire.whole import Whole
from trunkline.wire.words import no_answer


class _Embedded(msgspec.Struct):
    model: str | None = None
    embeddings: msgspec.Raw = ABSENT
    embedding: msgspec.Raw = ABSENT
    prompt_eval_count: int | None = None


_embedded = msgspec.json.Decoder(_Embedded)


def read_answer(body: bytes) -> Whole:
    """`/api/chat` and `/api/generate` with `stream: false`."""
    try:
        answer = line_decoder.decode(body)
    except UNREADABLE as error:
        raise no_answer(body, "an Ollama answer", error) from None
    if there(answer.error) or (answer.message is None and answer.response is None):
        raise no_answer(body, "an Ollama answer")
    if not answer.done:
        raise no_answer(body, "an Ollama answer", "it is not done")
    if not (answer.done_reason or answer.says):
        raise no_answer(body, "an Ollama answer", "it says nothing, nor why it ends")
    whole = Whole(model=answer.model or "", stop=answer.done_reason or "stop")
    whole.usage.input = answer.prompt_eval_count or 0
    whole.usage.output = answer.eval_count or 0
    return whole


def read_embedding(body: bytes) -> Whole:
    """`/api/embed`, and the older `/api/embeddings`."""
    try:
        answer = _embedded.decode(body)
    except UNREADABLE as error:
        raise no_answer(body, "an embedding", error) from None
    if not (there(answer.embeddings) or there(answer.embedding)):
        raise no_answer(body, "an embedding")
    whole = Whole(model=answer.model or "", stop="embedded")
    whole.usage.input = answer.prompt_eval_count or 0
    whole.usage.output = 0
    return whole
