"""Embeddings in Gemini's two forms: `:embedContent`, one content, and `:batchEmbedContents`, a list of such requests.
All pure.

Sources: ai.google.dev/api/embeddings and `google-genai` 3.4.0 (2026-11). One content gives one vector, however many
parts it has. Newer servers take the options in `embedContentConfig`, older ones beside the content; both are read.
"""

from __future__ import annotations

from typing import Any

import msgspec

from trunkline.errors import InvalidRequest
from trunkline.model.dialect import Dialect, Written
from trunkline.wire import loss
from trunkline.wire.embeddings import UNREADABLE, Asked, Vectors, checked
from trunkline.wire.gemini.spelling import Json, a_count, a_text, an_object, objects
from trunkline.wire.words import no_answer

_SIZE = "outputDimensionality"


def read_gemini(body: dict[str, Any], *, model: str) -> Asked:
    """A body of `:embedContent`. Raises `InvalidRequest`, which names the member."""
    return _read([an_object(body, "the body")], [""], Asked("gemini", model))


def read_gemini_batch(body: dict[str, Any], *, model: str) -> Asked:
    """A body of `:batchEmbedContents`. Raises `InvalidRequest`, which names the member."""
    requests = objects(body.get("requests", []), "requests")
    if not requests:
        raise InvalidRequest("requests is missing or empty.", param="requests", remedy="Send what is to be embedded.")
    return _read(requests, [f"requests[{at}]." for at in range(len(requests))], Asked("gemini_batch", model))


def _read(requests: list[Json], places: list[str], asked: Asked) -> Asked:
    sizes: set[int | None] = set()
    for at, request in zip(places, requests, strict=True):
        request |= an_object(request.pop("embedContentConfig", {}), f"{at}embedContentConfig")
        asked.texts.append(_text(request.pop("content", None), f"{at}content"))
        size = request.pop(_SIZE, None)
        sizes.add(None if size is None else a_count(size, f"{at}{_SIZE}") or None)
        request.pop("model", None)
        asked.own |= request
    if len(sizes) > 1:
        raise InvalidRequest(
            f"{_SIZE} differs between the requests, and this model's provider takes one for all.",
            param=_SIZE,
            remedy="Send one batch for each size.",
        )
    asked.dimensions = sizes.pop()
    return asked


def _text(content: Any, at: str) -> str:
    """The words of a content; what else it may hold can be embedded by Gemini's own models only."""
    if isinstance(content, str):
        return content
    parts = objects(an_object(content, at).get("parts", []), f"{at}.parts")
    words: list[str] = []
    for nth, part in enumerate(parts):
        if "text" not in part:
            raise InvalidRequest(
                f"{at}.parts[{nth}] is no text, and this model's provider embeds text only.",
                param=f"{at}.parts[{nth}]",
                remedy="Send text, or ask a Gemini model.",
            )
        words.append(a_text(part["text"], f"{at}.parts[{nth}].text"))
    if not words:
        raise InvalidRequest(f"{at} says nothing.", param=at, remedy="Send parts with text.")
    return "\n".join(words)


def write_gemini(asked: Asked, dialect: Dialect) -> Written:
    """A request of `:batchEmbedContents`. Raises `InvalidRequest` for token lists: Gemini takes text only."""
    if asked.token_lists:
        raise InvalidRequest(
            "input is lists of tokens, and Gemini embeds text only.", param="input", remedy="Send the text itself."
        )
    more: Json = {} if asked.dimensions is None else {_SIZE: asked.dimensions}
    name = f"models/{dialect.model}"
    requests = [{"model": name, "content": {"parts": [{"text": text}]}, **more} for text in asked.texts]
    return Written({"requests": requests}, lost=[name for name in asked.own if name not in loss.SILENT])


class _Vector(msgspec.Struct):
    values: list[float]


class _Used(msgspec.Struct):
    promptTokenCount: int | None = None  # noqa: N815 — the wire's own name


class _Batch(msgspec.Struct):
    embeddings: list[_Vector]
    usageMetadata: _Used | None = None  # noqa: N815


_batch = msgspec.json.Decoder(_Batch)


def decode_gemini(body: bytes, asked: Asked) -> Vectors:
    """An answer of `:batchEmbedContents`. Raises `ProviderGarbage` for one that is none, or lacks a vector."""
    try:
        answer = _batch.decode(body)
    except UNREADABLE as error:
        raise no_answer(body, "embeddings", error) from None
    used = answer.usageMetadata.promptTokenCount if answer.usageMetadata is not None else None
    return checked(Vectors([one.values for one in answer.embeddings], "", used), asked, body)
