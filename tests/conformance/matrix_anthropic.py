"""Anthropic's SDK as a client of the matrix."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import anthropic

from tests.conformance.matrix_talk import ABOUT, PIXEL, SCHEMA, SECONDS, TOOL, Ask, Call, Heard, Losses

_TOOLS: list[Any] = [{"name": TOOL, "description": ABOUT, "input_schema": SCHEMA}]


class AnthropicTalker:
    """`/v1/messages`."""

    errors: ClassVar[Mapping[int, type[Exception]]] = {
        429: anthropic.RateLimitError,
        500: anthropic.InternalServerError,
    }
    stops: ClassVar[tuple[str, str]] = ("end_turn", "tool_use")

    def __init__(self, url: str, key: str, losses: Losses) -> None:
        self._http = anthropic.DefaultHttpxClient(event_hooks=losses.hooks, timeout=SECONDS)
        self._client = anthropic.Anthropic(base_url=url, api_key=key, max_retries=0, http_client=self._http)

    def close(self) -> None:
        self._http.close()

    def say(self, ask: Ask) -> Heard:
        body: dict[str, Any] = {"model": ask.model, "max_tokens": 4000, "messages": _messages(ask)}
        config: dict[str, Any] = {}
        if ask.think:
            body["thinking"] = {"type": "adaptive"}
            config["effort"] = "high"
        if ask.shaped:
            config["format"] = {"type": "json_schema", "schema": SCHEMA}
        if config:
            body["output_config"] = config
        if ask.tools:
            body["tools"] = _TOOLS
        if not ask.streamed:
            return _heard(self._client.messages.create(**body), 0)
        with self._client.messages.stream(**body) as stream:
            pieces = sum(1 for _ in stream.text_stream)
            return _heard(stream.get_final_message(), pieces)


def _messages(ask: Ask) -> list[Any]:
    content: Any = ask.words
    if ask.picture:
        source = {"type": "base64", "media_type": "image/png", "data": PIXEL}
        content = [{"type": "image", "source": source}, {"type": "text", "text": ask.words}]
    if ask.first is None:
        return [{"role": "user", "content": content}]
    if ask.results:
        content = [
            {"type": "tool_result", "tool_use_id": call.id, "content": said}
            for call, said in zip(ask.first.calls, ask.results, strict=True)
        ]
    before = [{"role": "user", "content": ask.so_far}, {"role": "assistant", "content": ask.first.turn}]
    return [*before, {"role": "user", "content": content}]


def _heard(message: Any, pieces: int) -> Heard:
    usage = message.usage
    cached = usage.cache_read_input_tokens or 0
    return Heard(
        text="".join(block.text for block in message.content if block.type == "text"),
        thinking="".join(block.thinking for block in message.content if block.type == "thinking"),
        calls=[Call(block.id, block.name, block.input) for block in message.content if block.type == "tool_use"],
        stop=message.stop_reason or "",
        pieces=pieces,
        input=usage.input_tokens + cached + (usage.cache_creation_input_tokens or 0),
        output=usage.output_tokens,
        cached=cached,
        turn=message.content,
    )
