"""Counts of tokens between Anthropic's, OpenAI's and Gemini's counters. All pure.

A conversation is written by the codec of the wire that counts; here its body becomes a counter's, and a number is read
and told. Sources: platform.claude.com/docs/en/api/messages-count-tokens, `openai.types.responses` (SDK 3.52.0),
ai.google.dev/api/tokens (2026-11).
"""

from __future__ import annotations

from typing import Any

import msgspec

from trunkline.model.wires import Wire
from trunkline.wire.anthropic import whole as anthropic
from trunkline.wire.gemini import whole as gemini
from trunkline.wire.openai_responses import whole as responses

Json = dict[str, Any]

_TAKEN: dict[Wire, frozenset[str]] = {
    "anthropic": frozenset({"messages", "model", "system", "thinking", "tool_choice", "tools", "output_config"}),
    "openai_responses": frozenset(
        {"input", "instructions", "model", "parallel_tool_calls", "reasoning", "text", "tool_choice", "tools"}
    ),
}
"""The members of a request that its counter takes; any other is refused there."""

_COUNTED = {"anthropic": anthropic.counted, "openai_responses": responses.counted, "gemini": gemini.counted}


def ask(wire: Wire, body: Json, model: str) -> Json:
    """A request for an answer as a request for its count."""
    if wire == "gemini":
        # Beside it `contents` would be counted alone, without the system's words and the tools.
        return {"generateContentRequest": {"model": f"models/{model}", **body}}
    return {name: value for name, value in body.items() if name in _TAKEN[wire]}


def asked(wire: Wire, body: Json) -> Json:
    """A client's request for a count as the request for an answer that it speaks of."""
    if wire == "gemini":
        inner = body.get("generateContentRequest", body.get("generate_content_request"))
        return inner if isinstance(inner, dict) else body
    return body


def counted(wire: Wire, body: bytes) -> int:
    """The tokens that a counter tells. Raises `ProviderGarbage` when it tells none."""
    return _COUNTED[wire](body)


def answer(wire: Wire, tokens: int) -> bytes:
    """A count as the clients of a wire read it."""
    if wire == "gemini":
        return msgspec.json.encode({"totalTokens": tokens})
    if wire == "openai_responses":
        return msgspec.json.encode({"object": "response.input_tokens", "input_tokens": tokens})
    return msgspec.json.encode({"input_tokens": tokens})
