"""Reads whole Gemini answers: generated content, token counts and embeddings."""

from __future__ import annotations

import msgspec

from trunkline.wire.gemini.stream import chunk_decoder
from trunkline.wire.gemini.usage import Counts, take
from trunkline.wire.raw import ABSENT, UNREADABLE, there
from trunkline.wire.whole import Whole
from trunkline.wire.words import no_answer


class _Counted(msgspec.Struct):
    totalTokens: int  # noqa: N815 — the wire's own names


class _Embedded(msgspec.Struct):
    embedding: msgspec.Raw = ABSENT
    embeddings: msgspec.Raw = ABSENT
    usageMetadata: Counts | None = None  # noqa: N815


_counted = msgspec.json.Decoder(_Counted)
_embedded = msgspec.json.Decoder(_Embedded)


def read_generated(body: bytes) -> Whole:
    """`:generateContent`. Raises `ProviderGarbage` when it is no answer."""
    try:
        answer = chunk_decoder.decode(body)
    except UNREADABLE as error:
        raise no_answer(body, "generated content", error) from None
    if there(answer.error) or not (answer.candidates or answer.stop):
        raise no_answer(body, "generated content", "it has no candidate")
    if not (answer.stop or answer.says):
        raise no_answer(body, "generated content", "it says nothing, nor why it ends")
    whole = Whole(model=answer.modelVersion or "", stop=answer.stop)
    if answer.usageMetadata is not None:
        take(answer.usageMetadata, whole.usage)
    whole.usage.searches = answer.searches
    return whole


def read_counted(body: bytes) -> Whole:
    """`:countTokens`. Costs nothing and uses nothing."""
    counted(body)
    whole = Whole(stop="counted")
    whole.usage.input = whole.usage.output = 0
    return whole


def counted(body: bytes) -> int:
    """The tokens that `:countTokens` tells. Raises `ProviderGarbage` when it tells none."""
    try:
        return _counted.decode(body).totalTokens
    except UNREADABLE as error:
        raise no_answer(body, "a token count", error) from None


def read_embedded(body: bytes) -> Whole:
    """`:embedContent` and `:batchEmbedContents`, whose answers seldom tell what they used."""
    try:
        answer = _embedded.decode(body)
    except UNREADABLE as error:
        raise no_answer(body, "an embedding", error) from None
    if not (there(answer.embedding) or there(answer.embeddings)):
        raise no_answer(body, "an embedding")
    whole = Whole(stop="embedded")
    if answer.usageMetadata is not None:
        take(answer.usageMetadata, whole.usage)
    whole.usage.output = 0
    return whole
