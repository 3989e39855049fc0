"""Reads whole Ollama answers."""

from __future__ import annotations

import msgspec

from trunkline.errors import ProviderGarbage
from trunkline.wire.ollama.stream import line_decoder
from trunkline.wire.raw import ABSENT, there
from trunkline.wire.whole import Whole


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
    except msgspec.DecodeError as error:
        raise ProviderGarbage(f"The provider's answer is no Ollama answer: {error}.") from None
    if answer.error is not None:
        raise ProviderGarbage(f"The provider answered 200 with an error inside: {answer.error}")
    if answer.message is None and answer.response is None:
        raise ProviderGarbage("The provider's answer has status 200 but is no Ollama answer.")
    whole = Whole(model=answer.model or "", stop=answer.done_reason or "stop")
    whole.usage.input = answer.prompt_eval_count or 0
    whole.usage.output = answer.eval_count or 0
    return whole


def read_embedding(body: bytes) -> Whole:
    """`/api/embed`, and the older `/api/embeddings`."""
    try:
        answer = _embedded.decode(body)
    except msgspec.DecodeError as error:
        raise ProviderGarbage(f"The provider's answer is no Ollama embedding: {error}.") from None
    if not (there(answer.embeddings) or there(answer.embedding)):
        raise ProviderGarbage("The provider's answer has status 200 but holds no embedding.")
    whole = Whole(model=answer.model or "", stop="embedded")
    whole.usage.input = answer.prompt_eval_count or 0
    whole.usage.output = 0
    return whole
