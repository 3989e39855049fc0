"""Google's SDK as a client of the matrix."""

from __future__ import annotations

import base64
import warnings
from collections.abc import Mapping
from typing import Any, ClassVar

from tests.conformance.matrix_talk import ABOUT, PIXEL, SCHEMA, SECONDS, TOOL, Ask, Call, Heard, Losses

with warnings.catch_warnings():
    # The SDK subclasses a typing generic that newer Pythons deprecate.
    warnings.simplefilter("ignore")
    from google import genai
    from google.genai import errors, types


class GeminiTalker:
    """`/v1beta/models/…:generateContent` and `:streamGenerateContent`."""

    errors: ClassVar[Mapping[int, type[Exception]]] = {429: errors.ClientError, 500: errors.ServerError}
    stops: ClassVar[tuple[str, str]] = ("STOP", "STOP")

    def __init__(self, url: str, key: str, losses: Losses) -> None:
        options = types.HttpOptions(base_url=url, timeout=SECONDS * 1000, client_args={"event_hooks": losses.hooks})
        self._client = genai.Client(api_key=key, http_options=options)

    def close(self) -> None:
        self._client.close()

    def say(self, ask: Ask) -> Heard:
        config: dict[str, Any] = {}
        if ask.think:
            level = types.ThinkingLevel.HIGH
            config["thinking_config"] = types.ThinkingConfig(include_thoughts=True, thinking_level=level)
        if ask.shaped:
            config |= {"response_mime_type": "application/json", "response_json_schema": SCHEMA}
        if ask.tools:
            declared = types.FunctionDeclaration(name=TOOL, description=ABOUT, parameters_json_schema=SCHEMA)
            config["tools"] = [types.Tool(function_declarations=[declared])]
        given: dict[str, Any] = {
            "model": ask.model,
            "contents": _contents(ask),
            "config": types.GenerateContentConfig(**config),
        }
        if ask.streamed:
            return _heard(list(self._client.models.generate_content_stream(**given)))
        return _heard([self._client.models.generate_content(**given)])


def _contents(ask: Ask) -> list[types.Content]:
    asked = [types.Part(text=ask.words)] if ask.words else []
    if ask.picture:
        asked.insert(0, types.Part.from_bytes(data=base64.b64decode(PIXEL), mime_type="image/png"))
    if ask.first is None:
        return [types.Content(role="user", parts=asked)]
    if ask.results:
        asked = [_result(call, said) for call, said in zip(ask.first.calls, ask.results, strict=True)]
    before = [types.Content(role="user", parts=[types.Part(text=ask.so_far)]), ask.first.turn]
    return [*before, types.Content(role="user", parts=asked)]


def _result(call: Call, said: str) -> types.Part:
    made = types.FunctionResponse(id=call.id or None, name=call.name, response={"result": said})
    return types.Part(function_response=made)


def _heard(chunks: list[types.GenerateContentResponse]) -> Heard:
    candidates = [one for chunk in chunks for one in chunk.candidates or ()]
    parts = [part for one in candidates for part in (one.content and one.content.parts) or ()]
    words = [part.text for part in parts if part.text and not part.thought]
    calls = [part.function_call for part in parts if part.function_call]
    usage = chunks[-1].usage_metadata
    ends = [one.finish_reason for one in candidates if one.finish_reason]
    return Heard(
        text="".join(words),
        thinking="".join(part.text or "" for part in parts if part.thought),
        calls=[Call(call.id or "", call.name or "", dict(call.args or {})) for call in calls],
        stop=ends[-1].value if ends else "",
        pieces=len(words),
        input=usage.prompt_token_count if usage else None,
        output=((usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0)) if usage else None,
        cached=(usage.cached_content_token_count or 0) if usage else None,
        turn=types.Content(role="model", parts=[part for part in parts if part != types.Part(text="")]),
    )
