"""Ollama's client for Python as a client of the matrix. Its wire counts no cached tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import ollama

from tests.conformance.matrix_talk import ABOUT, PIXEL, SCHEMA, SECONDS, TOOL, Ask, Call, Heard, Losses

_TOOLS: list[Any] = [
    {"type": "function", "function": {"name": TOOL, "description": ABOUT, "parameters": SCHEMA}},
]


class OllamaTalker:
    """`/api/chat`."""

    errors: ClassVar[Mapping[int, type[Exception]]] = {429: ollama.ResponseError, 500: ollama.ResponseError}
    stops: ClassVar[tuple[str, str]] = ("stop", "stop")

    def __init__(self, url: str, key: str, losses: Losses) -> None:
        headers = {"authorization": f"Bearer {key}"}
        self._client = ollama.Client(host=url, headers=headers, timeout=SECONDS, event_hooks=losses.hooks)

    def close(self) -> None:
        self._client._client.close()

    def say(self, ask: Ask) -> Heard:
        body: dict[str, Any] = {"model": ask.model, "messages": _messages(ask)}
        if ask.think:
            body["think"] = "high"
        if ask.shaped:
            body["format"] = SCHEMA
        if ask.tools:
            body["tools"] = _TOOLS
        if not ask.streamed:
            return _heard([self._client.chat(**body)])
        return _heard(list(self._client.chat(**body, stream=True)))


def _messages(ask: Ask) -> list[Any]:
    asked: dict[str, Any] = {"role": "user", "content": ask.words}
    if ask.picture:
        asked["images"] = [PIXEL]
    if ask.first is None:
        return [asked]
    after: list[Any] = [asked]
    if ask.results:
        both = zip(ask.first.calls, ask.results, strict=True)
        after = [{"role": "tool", "tool_name": call.name, "content": said} for call, said in both]
    return [{"role": "user", "content": ask.so_far}, ask.first.turn, *after]


def _heard(lines: list[ollama.ChatResponse]) -> Heard:
    last = lines[-1]
    text = "".join(line.message.content or "" for line in lines)
    thinking = "".join(line.message.thinking or "" for line in lines)
    calls = [call for line in lines for call in line.message.tool_calls or ()]
    return Heard(
        text=text,
        thinking=thinking,
        calls=[Call("", call.function.name, dict(call.function.arguments)) for call in calls],
        stop=last.done_reason or "",
        pieces=sum(1 for line in lines if line.message.content),
        input=last.prompt_eval_count,
        output=last.eval_count,
        turn=ollama.Message(role="assistant", content=text, thinking=thinking or None, tool_calls=calls or None),
    )
