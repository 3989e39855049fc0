"""The formats by name: what the stages of a request need to know of each, in one row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from trunkline.errors import Failure
from trunkline.model.wires import Operation, Wire
from trunkline.wire.anthropic import error as anthropic_error
from trunkline.wire.anthropic.whole import read_count, read_message
from trunkline.wire.gemini import error as gemini_error
from trunkline.wire.gemini.whole import read_counted, read_embedded, read_generated
from trunkline.wire.ollama import error as ollama_error
from trunkline.wire.ollama.whole import read_answer, read_embedding
from trunkline.wire.openai_chat import error as openai_error
from trunkline.wire.openai_chat.whole import read_completion, read_embeddings, read_other
from trunkline.wire.openai_responses import error as responses_error
from trunkline.wire.openai_responses.whole import read_count as read_input_tokens
from trunkline.wire.openai_responses.whole import read_response, read_stored
from trunkline.wire.whole import Whole


@dataclass(frozen=True, slots=True)
class Format:
    """How a wire says what is not an answer: errors, whole and inside a stream, and signs of life."""

    render: Callable[[Failure, str, str, str], bytes]
    """(failure, request id, RFC 3339 time, code: the failure's own, or another word for it) → error body."""
    error_event: Callable[[bytes, bytes], bytes]
    """(error body, the piece of the stream before it) → what ends a stream that has begun."""
    is_own_error: Callable[[bytes], bool]
    ping: bytes
    """What may stand between any two events without meaning anything."""
    stream_type: bytes


_SSE = b"text/event-stream; charset=utf-8"

FORMATS: dict[Wire, Format] = {
    "anthropic": Format(
        anthropic_error.render,
        anthropic_error.event,
        anthropic_error.is_own,
        b'event: ping\ndata: {"type": "ping"}\n\n',
        _SSE,
    ),
    "openai_chat": Format(openai_error.render, openai_error.event, openai_error.is_own, b": ping\n\n", _SSE),
    "openai_responses": Format(
        responses_error.render, responses_error.event, responses_error.is_own, b": ping\n\n", _SSE
    ),
    "ollama": Format(
        ollama_error.render,
        ollama_error.event,
        ollama_error.is_own,
        # NDJSON has no comments: a line that says nothing is what Ollama itself sends while a model thinks.
        b'{"model":"","created_at":"1970-01-01T00:00:00Z","message":{"role":"assistant","content":""},"response":"","done":false}\n',
        b"application/x-ndjson",
    ),
    # google-genai 3.4 takes a comment for an answer: a blank line means nothing to it, and nothing to an array either.
    "gemini": Format(gemini_error.render, gemini_error.event, gemini_error.is_own, b"\n\n", _SSE),
}

READERS: dict[Operation, Callable[[bytes], Whole]] = {
    "messages": read_message,
    "count_tokens": read_count,
    "chat": read_completion,
    "completions": read_completion,
    "embeddings": read_embeddings,
    "responses": read_response,
    "responses_count": read_input_tokens,
    "stored": read_stored,
    "ollama_chat": read_answer,
    "ollama_generate": read_answer,
    "ollama_embed": read_embedding,
    "generate": read_generated,
    "gemini_count": read_counted,
    "gemini_embed": read_embedded,
    "other": read_other,
}
