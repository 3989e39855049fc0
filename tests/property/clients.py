"""The official SDKs as judges: each reads bytes through its own client and accumulator, without a network."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import anthropic
import httpx
import httpx2
import ollama
import openai

from trunkline.model.wires import Wire
from trunkline.wire.arguments import as_object

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from google import genai
    from google.genai import types as genai_types


@dataclass(slots=True)
class Read:
    """What a client has in its hands at the end."""

    text: str = ""
    thinking: str = ""
    calls: list[tuple[str, Any]] = field(default_factory=list)
    """Name and arguments."""
    ids: list[str] = field(default_factory=list)
    stop: str = ""
    input: int = 0
    output: int = 0


def anthropic_reads(body: bytes, streamed: bool) -> Read:
    """`messages.stream(…).get_final_message()`, or `messages.create`."""
    _now.answer(body, streamed)
    client = _anthropic()
    asked: Any = {"model": "m", "max_tokens": 10, "messages": [{"role": "user", "content": "hi"}]}
    if streamed:
        with client.messages.stream(**asked) as stream:
            message: Any = stream.get_final_message()
    else:
        message = client.messages.create(**asked)
    out = Read(stop=message.stop_reason or "", output=message.usage.output_tokens)
    usage = message.usage
    out.input = usage.input_tokens + (usage.cache_read_input_tokens or 0) + (usage.cache_creation_input_tokens or 0)
    for block in message.content:
        match block.type:
            case "text":
                out.text += block.text
            case "thinking":
                assert isinstance(block.signature, str) and block.signature
                out.thinking += block.thinking
            case "tool_use":
                out.calls.append((block.name, block.input))
                out.ids.append(block.id)
    return out


def chat_reads(body: bytes, streamed: bool) -> Read:
    """`chat.completions.stream(…)`, all of it, or `create`. (Its final getter refuses answers that a limit cut.)"""
    _now.answer(body, streamed)
    client = _openai()
    asked: Any = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
    if streamed:
        with client.chat.completions.stream(**asked) as stream:
            for _ in stream:
                pass
            completion: Any = stream.current_completion_snapshot
    else:
        completion = client.chat.completions.create(**asked)
    choice = completion.choices[0]
    out = Read(text=choice.message.content or "", stop=choice.finish_reason or "")
    out.thinking = getattr(choice.message, "reasoning_content", None) or ""
    for call in choice.message.tool_calls or []:
        function = call.type == "function"
        made = as_object(call.function.arguments) if function else call.custom.input
        out.calls.append((call.function.name if function else call.custom.name, made))
        out.ids.append(call.id)
    if completion.usage:
        out.input, out.output = completion.usage.prompt_tokens, completion.usage.completion_tokens
    return out


def responses_reads(body: bytes, streamed: bool) -> Read:
    """Every event of `responses.create(stream=True)` through the accumulator, or `create`."""
    _now.answer(body, streamed)
    client = _openai()
    if streamed:
        with client.responses.stream(model="m", input="hi") as stream:
            seen = list(stream)
        last: Any = seen[-1]
        assert last.type in ("response.completed", "response.incomplete"), last.type
        response = last.response
    else:
        response = client.responses.create(model="m", input="hi")
    out = Read(text=response.output_text, stop=response.status or "")
    for item in response.output:
        match item.type:
            case "reasoning":
                out.thinking += "".join(part.text for part in [*item.summary, *(item.content or [])])
            case "function_call":
                out.calls.append((item.name, as_object(item.arguments)))
                out.ids.append(item.call_id)
            case "custom_tool_call":
                out.calls.append((item.name, item.input))
                out.ids.append(item.call_id)
    if response.usage:
        out.input, out.output = response.usage.input_tokens, response.usage.output_tokens
    return out


def ollama_reads(body: bytes, streamed: bool) -> Read:
    """`Client.chat`: every line through its models."""
    _now.answer(body, streamed)
    told: Any = _ollama().chat(model="m", messages=[{"role": "user", "content": "hi"}], stream=streamed)  # type: ignore[call-overload]
    out = Read()
    for part in told if streamed else [told]:
        out.text += part.message.content or ""
        out.thinking += part.message.thinking or ""
        out.calls += [(call.function.name, dict(call.function.arguments)) for call in part.message.tool_calls or []]
        if part.done:
            out.stop = part.done_reason or ""
            out.input, out.output = part.prompt_eval_count or 0, part.eval_count or 0
    return out


def gemini_reads(body: bytes, streamed: bool) -> Read:
    """`generate_content_stream`, or `generate_content`: every chunk through its types."""
    _now.answer(body, streamed)
    client = _gemini()
    asked: Any = {"model": "m", "contents": "hi"}
    told = client.models.generate_content_stream(**asked) if streamed else [client.models.generate_content(**asked)]
    out = Read()
    for chunk in told:
        candidate = (chunk.candidates or [genai_types.Candidate()])[0]
        for part in (candidate.content and candidate.content.parts) or []:
            if part.function_call is not None:
                out.calls.append((part.function_call.name or "", dict(part.function_call.args or {})))
            elif part.thought:
                out.thinking += part.text or ""
            else:
                out.text += part.text or ""
        out.stop = str(candidate.finish_reason.value) if candidate.finish_reason else out.stop
        if chunk.usage_metadata:
            usage = chunk.usage_metadata
            out.input = usage.prompt_token_count or 0
            out.output = (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0)
    return out


class _Now:
    """What the next request is answered with, on either of the two HTTP libraries that the SDKs are made on."""

    def answer(self, body: bytes, streamed: bool) -> None:
        self._body = body
        self._headers = {"content-type": "text/event-stream" if streamed else "application/json"}

    def one(self, _: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers=self._headers, content=self._body)

    def two(self, _: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers=self._headers, content=self._body)


_now = _Now()


@cache
def _anthropic() -> anthropic.Anthropic:
    transport = httpx2.Client(transport=httpx2.MockTransport(_now.two))
    return anthropic.Anthropic(api_key="sk-test-1", http_client=transport, max_retries=0)


@cache
def _openai() -> openai.OpenAI:
    transport = httpx2.Client(transport=httpx2.MockTransport(_now.two))
    return openai.OpenAI(api_key="sk-test-1", http_client=transport, max_retries=0)


@cache
def _ollama() -> ollama.Client:
    return ollama.Client(host="http://127.0.0.1:1", transport=httpx.MockTransport(_now.one))


@cache
def _gemini() -> genai.Client:
    transport = httpx.Client(transport=httpx.MockTransport(_now.one))
    return genai.Client(api_key="test-1", http_options=genai_types.HttpOptions(httpx_client=transport))


READERS: dict[Wire, Callable[[bytes, bool], Read]] = {
    "anthropic": anthropic_reads,
    "openai_chat": chat_reads,
    "openai_responses": responses_reads,
    "ollama": ollama_reads,
    "gemini": gemini_reads,
}


def plain(value: Any) -> Any:
    """A value as JSON has it: what a client hands out and what was meant compare equal."""
    return json.loads(json.dumps(value))
