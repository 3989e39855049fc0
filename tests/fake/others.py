"""The calls that hold no conversation: embeddings, images, moderations, rerank, audio. Source: platform.openai.com,
docs.cohere.com for rerank, Ollama's server for /api/embed, ai.google.dev for Gemini's embeddings (2026-11).
"""

from __future__ import annotations

import base64
import hashlib
import struct
from dataclasses import dataclass

from tests.fake.gemini_rules import camel
from tests.fake.openai_chat import CREATED
from tests.fake.turn import count_words
from tests.fake.wire import Json, Refused, compact

SPEECH = b"ID3\x04\x00fake-mp3" + bytes(range(256)) * 8
PICTURE = base64.b64encode(b"\x89PNG\r\n\x1a\nfake").decode()


@dataclass(slots=True)
class Plain:
    """A whole answer: its bytes, their type, and the input tokens that it costs."""

    data: bytes
    kind: str = "application/json"
    tokens: int = 0


def _json(value: Json, tokens: int = 0) -> Plain:
    return Plain(compact(value).encode(), tokens=tokens)


def vector(text: str, size: int) -> list[float]:
    """A deterministic embedding: the same text gives the same numbers, each exact in 32 bits."""
    seed = hashlib.sha256(text.encode()).digest()
    return [(seed[at % 32] - 128) / 256 for at in range(size)]


def _inputs(given: object) -> list[str]:
    if isinstance(given, str):
        return [given]
    if isinstance(given, list) and given:
        if all(isinstance(one, int) for one in given):
            return [str(given)]
        return [one if isinstance(one, str) else str(one) for one in given]
    raise Refused(400, "Missing required parameter: 'input'.", code="missing_required_parameter")


def embeddings(body: Json) -> Plain:
    inputs, size = _inputs(body.get("input")), int(body.get("dimensions") or 8)
    data: list[Json] = []
    for at, text in enumerate(inputs):
        numbers = vector(text, size)
        packed = base64.b64encode(struct.pack(f"<{size}f", *numbers)).decode()
        shown = packed if body.get("encoding_format") == "base64" else numbers
        data.append({"object": "embedding", "index": at, "embedding": shown})
    tokens = count_words(inputs)
    return _json(
        {
            "object": "list",
            "data": data,
            "model": body.get("model"),
            "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
        },
        tokens,
    )


def ollama_embed(body: Json) -> Plain:
    inputs = _inputs(body.get("input"))
    tokens = count_words(inputs)
    made = [vector(text, int(body.get("dimensions") or 8)) for text in inputs]
    return _json(
        {
            "model": body.get("model"),
            "embeddings": made,
            "total_duration": 5,
            "load_duration": 1,
            "prompt_eval_count": tokens,
        },
        tokens,
    )


def ollama_embeddings(body: Json) -> Plain:
    return _json({"embedding": vector(str(body.get("prompt", "")), 8)}, count_words(str(body.get("prompt", ""))))


_EMBED = frozenset({"model", "content", "taskType", "title", "outputDimensionality", "embedContentConfig"})
_MOST_EMBEDDED = 100
"""Requests in one batch (ai.google.dev's limit, as its 400 words it)."""


def gemini_embed(body: Json) -> Plain:
    """`:embedContent`."""
    numbers, tokens = _gemini_vector(body)
    return _json({"embedding": {"values": numbers}, "usageMetadata": {"promptTokenCount": tokens}}, tokens)


def gemini_batch(body: Json) -> Plain:
    """`:batchEmbedContents`: each request repeats the model of the path."""
    requests = body.get("requests")
    if not isinstance(requests, list) or not requests:
        raise Refused(400, "* BatchEmbedContentsRequest.requests: at least one request is required")
    if len(requests) > _MOST_EMBEDDED:
        raise Refused(400, "* BatchEmbedContentsRequest.requests: at most 100 requests can be in one batch")
    for at, one in enumerate(requests):
        if one.get("model") != f"models/{body['model']}":
            where = f"* BatchEmbedContentsRequest.requests[{at}].model"
            raise Refused(400, f"{where}: must match the model of the batch, models/{body['model']}")
    made = [_gemini_vector(one) for one in requests]
    tokens = sum(tokens for _, tokens in made)
    return _json({"embeddings": [{"values": numbers} for numbers, _ in made]}, tokens)


def _gemini_vector(body: Json) -> tuple[list[float], int]:
    body = camel(body)
    for name in body:
        if name not in _EMBED:
            raise Refused(400, f'Invalid JSON payload received. Unknown name "{name}": Cannot find field.')
    parts = (body.get("content") or {}).get("parts") or []
    text = "".join(str(part.get("text", "")) for part in parts)
    if not text:
        raise Refused(400, "* EmbedContentRequest.content: contents is not specified")
    config = body.get("embedContentConfig") or {}
    size = body.get("outputDimensionality") or config.get("outputDimensionality") or 8
    return vector(text, int(size)), count_words(text)


def images(body: Json) -> Plain:
    if not body.get("prompt"):
        raise Refused(400, "Missing required parameter: 'prompt'.", code="missing_required_parameter")
    tokens = count_words(body["prompt"])
    usage = {"input_tokens": tokens, "output_tokens": 100, "total_tokens": tokens + 100}
    return _json(
        {"created": CREATED, "data": [{"b64_json": PICTURE}] * int(body.get("n") or 1), "usage": usage}, tokens
    )


def moderations(body: Json) -> Plain:
    results = [
        {"flagged": "FLAG" in text, "categories": {"violence": "FLAG" in text}, "category_scores": {"violence": 0.5}}
        for text in _inputs(body.get("input"))
    ]
    return _json({"id": "modr-fake", "model": body.get("model") or "omni-moderation-latest", "results": results})


def rerank(body: Json) -> Plain:
    documents = body.get("documents")
    if not isinstance(documents, list) or not body.get("query"):
        raise Refused(400, "query and documents are required")
    count = min(int(body.get("top_n") or len(documents)), len(documents))
    ranked = [
        {"index": at, "relevance_score": round(1 / (rank + 1), 4)}
        for rank, at in enumerate(reversed(range(len(documents))))
    ][:count]
    return _json({"id": "rerank-fake", "results": ranked, "meta": {"billed_units": {"search_units": 1}}})


def speech(body: Json) -> Plain:
    if not body.get("input"):
        raise Refused(400, "Missing required parameter: 'input'.", code="missing_required_parameter")
    return Plain(SPEECH, "audio/mpeg", count_words(body["input"]))


def transcriptions(content_type: str, body: bytes) -> tuple[str, Plain]:
    """Read a multipart form; the model's name, and a text that tells how many bytes the file had."""
    _, _, boundary = content_type.partition("boundary=")
    if "multipart/form-data" not in content_type or not boundary:
        raise Refused(400, "Expected multipart/form-data with a boundary.")
    fields: dict[str, bytes] = {}
    for part in body.split(b"--" + boundary.strip('" ').encode())[1:-1]:
        head, _, value = part.partition(b"\r\n\r\n")
        for piece in head.split(b";"):
            key, _, name = piece.strip().partition(b"=")
            if key == b"name":
                fields[name.split(b"\r\n")[0].strip(b'"').decode()] = value.removesuffix(b"\r\n")
    if "file" not in fields or "model" not in fields:
        raise Refused(400, "Missing required parameter: 'file'.", code="missing_required_parameter")
    text = f"heard {len(fields['file'])} bytes ✓"
    return fields["model"].decode(), _json({"text": text, "usage": {"type": "duration", "seconds": 3}})


BY_PATH = {
    "embeddings": embeddings,
    "images/generations": images,
    "moderations": moderations,
    "rerank": rerank,
    "audio/speech": speech,
    "embedContent": gemini_embed,
    "batchEmbedContents": gemini_batch,
}
