"""Chunks put together again: the whole answer that a stream told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from trunkline.sdk.responses import ModelResponse, Usage

_TEXTS = ("content", "reasoning_content", "refusal")


def stream_chunk_builder(chunks: Sequence[Any], messages: Any = None, **_timing: Any) -> ModelResponse | None:
    """The `ModelResponse` that the chunks come to; None where there are none. Usage is the last that was told."""
    if not chunks:
        return None
    choices: dict[int, dict[str, Any]] = {}
    usage: Usage | None = None
    for each in chunks:
        usage = each.get("usage") or usage
        for choice in each.choices:
            made = choices.setdefault(choice.index, {"index": choice.index, "message": {"role": "assistant"}})
            _add(made["message"], choice.delta)
            made["finish_reason"] = choice.finish_reason or made.get("finish_reason")
    told = [_closed(choices[index]) for index in sorted(choices)]
    first = chunks[0]
    fields = {"id": first.id, "created": first.created, "model": first.model, "choices": told}
    return ModelResponse(**fields, usage=usage if usage is not None else Usage())


def _add(message: dict[str, Any], delta: Any) -> None:
    for name in _TEXTS:
        if delta.get(name):
            message[name] = message.get(name, "") + delta[name]
    if delta.get("thinking_blocks"):
        message.setdefault("thinking_blocks", []).extend(delta["thinking_blocks"])
    calls = message.setdefault("calls", {})
    for part in delta.get("tool_calls") or ():
        call = calls.setdefault(
            part.index, {"id": None, "type": "function", "function": {"name": None, "arguments": ""}}
        )
        call["id"] = part.id or call["id"]
        if part.function is not None:
            call["function"]["name"] = part.function.name or call["function"]["name"]
            call["function"]["arguments"] += part.function.arguments or ""


def _closed(choice: dict[str, Any]) -> dict[str, Any]:
    calls = choice["message"].pop("calls")
    if calls:
        choice["message"]["tool_calls"] = [calls[index] for index in sorted(calls)]
    return choice
