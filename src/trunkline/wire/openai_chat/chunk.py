"""Chunks and completions as they are read: only what is looked at, and nothing that a compatible server might vary.

Members that differ between servers are decoded loosely and judged where they are used.
"""

from __future__ import annotations

from typing import Any, Protocol

import msgspec

from trunkline.errors import ProviderRefused, RefusedAnswer
from trunkline.model.events import StopReason
from trunkline.model.usage import Usage
from trunkline.wire.openai_chat.error import status_of
from trunkline.wire.openai_chat.usage import Counts, take
from trunkline.wire.raw import ABSENT, there
from trunkline.wire.words import words


class Delta(msgspec.Struct, gc=False):
    """What a choice says: a delta of a stream, or the message of a whole answer."""

    content: Any = None
    reasoning_content: Any = None
    reasoning: Any = None
    reasoning_details: Any = None
    refusal: Any = None
    tool_calls: Any = None
    function_call: Any = None
    annotations: Any = None


class Choice(msgspec.Struct, gc=False):
    """`usage`: Kimi puts it here, in a stream's last chunk."""

    index: Any = None
    delta: Delta | None = None
    message: Delta | None = None
    finish_reason: Any = None
    usage: msgspec.Raw = ABSENT


class Chunk(msgspec.Struct, gc=False):
    """An event of a stream, or a whole answer. `x_groq` is where Groq puts usage, `web_search` what Z.AI found."""

    id: Any = None
    model: Any = None
    created: Any = None
    object: Any = None
    choices: list[Choice] | None = None
    usage: msgspec.Raw = ABSENT
    error: msgspec.Raw = ABSENT
    x_groq: Any = None
    web_search: msgspec.Raw = ABSENT
    message: Any = None
    code: Any = None
    service_tier: Any = None


_chunk = msgspec.json.Decoder(Chunk)
_counts = msgspec.json.Decoder(Counts)

REASONS: dict[str, StopReason] = {
    "stop": "end",
    "end_turn": "end",
    "stop_sequence": "stop",
    "length": "limit",
    "max_tokens": "limit",
    "model_length": "limit",
    "tool_calls": "tool",
    "tool_use": "tool",
    "function_call": "tool",
    "content_filter": "refusal",
    "refusal": "refusal",
    "sensitive": "refusal",
    "model_context_window_exceeded": "window",
}
"""Reasons to finish: OpenAI's, Z.AI's, Mistral's, Anthropic's as some servers pass them on. Any other is an end."""

FAILED: dict[str, tuple[int, str]] = {
    "network_error": (500, "The provider's inference failed (network_error)."),
    "insufficient_system_resource": (503, "The provider had no capacity left (insufficient_system_resource)."),
    "error": (502, "The provider's inference failed (error)."),
    "abort": (500, "The provider aborted its inference (abort)."),
    "engine_overloaded": (503, "The provider's engine is overloaded (engine_overloaded)."),
}
"""Reasons that are failures: Z.AI's, DeepSeek's, OpenRouter's, vLLM's."""


def read(data: bytes) -> Chunk | None:
    """A chunk; None when it is none."""
    try:
        return _chunk.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def counted(raw: msgspec.Raw, usage: Usage) -> bool:
    """Takes what a usage object tells. One that cannot be read counts as not told: it is then estimated."""
    if not there(raw):
        return False
    try:
        counts = _counts.decode(raw)
    except (msgspec.DecodeError, UnicodeError):
        return False
    take(counts, usage)
    return True


class Flat(Protocol):
    """What an error may have that stands in no member of its own (Z.AI's, vLLM's)."""

    message: Any
    code: Any
    object: Any


def is_flat_error(chunk: Flat) -> bool:
    """Whether an event without choices is an error."""
    return chunk.message is not None and (chunk.code is not None or chunk.object == "error")


def error_in(data: bytes, chunk: Chunk, name: bytes) -> ProviderRefused | None:
    """The error that an event is: inside `error`, flat with a message (Z.AI, vLLM), or so named."""
    if not (there(chunk.error) or (chunk.choices is None and (name == b"error" or is_flat_error(chunk)))):
        return None
    said, code = words(data)
    return refused(f"The provider ended the stream with an error: {said or 'no message'}", status_of(code), code, data)


def finish_failure(reason: str) -> ProviderRefused | None:
    """The failure that a finish reason is, in the words of this wire's errors."""
    if (found := FAILED.get(reason)) is None:
        return None
    status, message = found
    error = {"message": message, "type": "server_error", "param": None, "code": reason}
    return refused(message, status, reason, msgspec.json.encode({"error": error}))


def refused(message: str, status: int, code: str, data: bytes) -> ProviderRefused:
    """The failure of an error that came with status 200."""
    answer = RefusedAnswer(status, (("content-type", "application/json"),), data)
    return ProviderRefused(message, answer=answer, code=code or None)


def raw(value: Any) -> msgspec.Raw:
    """A decoded member as it was written."""
    return ABSENT if value is None else msgspec.Raw(msgspec.json.encode(value))
