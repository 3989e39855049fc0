"""OpenAI's SDK as two clients of the matrix: Chat Completions and Responses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

import openai

from tests.conformance.matrix_talk import ABOUT, PIXEL, SCHEMA, SECONDS, TOOL, Ask, Call, Heard, Losses

_FUNCTION: dict[str, Any] = {"name": TOOL, "description": ABOUT, "parameters": SCHEMA, "strict": True}
_SHAPE: dict[str, Any] = {"name": "place", "schema": SCHEMA, "strict": True}
_PICTURE = f"data:image/png;base64,{PIXEL}"


class _Talker:
    errors: ClassVar[Mapping[int, type[Exception]]] = {429: openai.RateLimitError, 500: openai.InternalServerError}

    def __init__(self, url: str, key: str, losses: Losses) -> None:
        self._http = openai.DefaultHttpxClient(event_hooks=losses.hooks, timeout=SECONDS)
        self._client = openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0, http_client=self._http)

    def close(self) -> None:
        self._http.close()


class ChatTalker(_Talker):
    """`/v1/chat/completions`."""

    stops: ClassVar[tuple[str, str]] = ("stop", "tool_calls")

    def say(self, ask: Ask) -> Heard:
        body: dict[str, Any] = {"model": ask.model, "messages": _messages(ask)}
        if ask.think:
            body["reasoning_effort"] = "high"
        if ask.shaped:
            body["response_format"] = {"type": "json_schema", "json_schema": _SHAPE}
        if ask.tools:
            body["tools"] = [{"type": "function", "function": _FUNCTION}]
        if not ask.streamed:
            made = self._client.chat.completions.create(**body)
            thought = getattr(made.choices[0].message, "reasoning_content", "") or ""
            return _chat(made, 0, thought)
        pieces, thoughts = 0, []
        with self._client.chat.completions.stream(**body, stream_options={"include_usage": True}) as stream:
            for event in stream:
                if event.type == "chunk":
                    deltas: list[Any] = [choice.delta for choice in event.chunk.choices]
                    pieces += sum(1 for delta in deltas if delta.content)
                    thoughts += [getattr(delta, "reasoning_content", "") or "" for delta in deltas]
            return _chat(stream.get_final_completion(), pieces, "".join(thoughts))


def _messages(ask: Ask) -> list[Any]:
    content: Any = ask.words
    if ask.picture:
        content = [{"type": "image_url", "image_url": {"url": _PICTURE}}, {"type": "text", "text": ask.words}]
    if ask.first is None:
        return [{"role": "user", "content": content}]
    after: list[Any] = [{"role": "user", "content": content}]
    if ask.results:
        both = zip(ask.first.calls, ask.results, strict=True)
        after = [{"role": "tool", "tool_call_id": call.id, "content": said} for call, said in both]
    return [{"role": "user", "content": ask.so_far}, ask.first.turn, *after]


def _chat(made: Any, pieces: int, thought: str) -> Heard:
    choice, usage = made.choices[0], made.usage
    message = choice.message
    details = usage.prompt_tokens_details
    return Heard(
        text=message.content or "",
        thinking=thought,
        calls=[
            Call(call.id, call.function.name, json.loads(call.function.arguments)) for call in message.tool_calls or ()
        ],
        stop=choice.finish_reason or "",
        pieces=pieces,
        input=usage.prompt_tokens,
        output=usage.completion_tokens,
        cached=(details.cached_tokens or 0) if details else 0,
        turn=message.model_dump(exclude_none=True, include={"role", "content", "tool_calls"}),
    )


class ResponsesTalker(_Talker):
    """`/v1/responses`, nothing kept by the server."""

    stops: ClassVar[tuple[str, str]] = ("completed", "completed")

    def say(self, ask: Ask) -> Heard:
        body: dict[str, Any] = {"model": ask.model, "input": _items(ask), "store": False}
        if ask.think:
            body["reasoning"] = {"effort": "high", "summary": "auto"}
            body["include"] = ["reasoning.encrypted_content"]
        if ask.shaped:
            body["text"] = {"format": {"type": "json_schema", **_SHAPE}}
        if ask.tools:
            body["tools"] = [{"type": "function", **_FUNCTION}]
        if not ask.streamed:
            return _response(self._client.responses.create(**body), 0)
        with self._client.responses.stream(**body) as stream:
            pieces = sum(1 for event in stream if event.type == "response.output_text.delta")
            return _response(stream.get_final_response(), pieces)


def _items(ask: Ask) -> Any:
    content: Any = ask.words
    if ask.picture:
        content = [{"type": "input_image", "image_url": _PICTURE, "detail": "auto"}]
        content.append({"type": "input_text", "text": ask.words})
    if ask.first is None:
        return [{"role": "user", "content": content}]
    after: list[Any] = [{"role": "user", "content": content}]
    if ask.results:
        both = zip(ask.first.calls, ask.results, strict=True)
        after = [{"type": "function_call_output", "call_id": call.id, "output": said} for call, said in both]
    return [{"role": "user", "content": ask.so_far}, *ask.first.turn, *after]


def _response(made: Any, pieces: int) -> Heard:
    thoughts = [item for item in made.output if item.type == "reasoning"]
    return Heard(
        text=made.output_text,
        thinking="".join(part.text for item in thoughts for part in item.summary),
        calls=[
            Call(item.call_id, item.name, json.loads(item.arguments))
            for item in made.output
            if item.type == "function_call"
        ],
        stop=made.status or "",
        pieces=pieces,
        input=made.usage.input_tokens,
        output=made.usage.output_tokens,
        cached=made.usage.input_tokens_details.cached_tokens,
        turn=[item.model_dump(exclude_none=True, exclude={"parsed_arguments"}) for item in made.output],
    )
