"""Ollama's native /api/chat and /api/generate. Source: the server's own code (github.com/ollama/ollama, 2026-08)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any

from tests.fake.behaviour import Behaviour
from tests.fake.ollama_models import check_abilities
from tests.fake.turn import Ask, Tool, Turn, count_words
from tests.fake.wire import Event, Json, Refused, compact, spoken

CREATED = "2026-11-20T10:00:00.123456789Z"
_STOPS = {"length": "length"}


class Ollama:
    call_prefix = "call_"
    stream_type = "application/x-ndjson"

    def __init__(self, *, generate: bool = False) -> None:
        self._generate = generate

    def ask(self, body: Json, headers: Mapping[str, str]) -> Ask:
        if not body.get("model"):
            raise Refused(400, "model is required")
        check_abilities(body)
        messages = self._messages(body)
        prompt, rounds = "", 0
        results: list[str] = []
        for message in messages:
            content = message.get("content", "")
            if not isinstance(content, str):
                raise Refused(
                    400, "json: cannot unmarshal array into Go struct field ChatRequest.messages.content of type string"
                )
            _check_images(message)
            if message.get("role") == "user" and (said := spoken(content)):
                prompt, results, rounds = said, [], 0
            elif message.get("role") == "tool":
                results.append(content)
            if calls := message.get("tool_calls"):
                _check_calls(calls)
                rounds += 1
        options = body.get("options") or {}
        limit = options.get("num_predict")
        shape = body.get("format")
        tools = [one["function"] for one in body.get("tools") or []]
        return Ask(
            model=str(body["model"]),
            stream=body.get("stream") is not False,
            prompt=prompt,
            words=count_words([messages, body.get("tools")]),
            tools=[Tool(tool["name"], tool.get("parameters") or {}) for tool in tools],
            results=results,
            rounds=rounds,
            limit=limit if isinstance(limit, int) and limit > 0 else None,
            schema=shape if isinstance(shape, dict) else None,
            json_only=shape == "json",
            body=body,
        )

    def _messages(self, body: Json) -> list[Json]:
        if self._generate:
            given = [
                {"role": "system", "content": body.get("system") or ""},
                {"role": "user", "content": body.get("prompt") or "", "images": body.get("images") or []},
            ]
            return [message for message in given if message["content"]]
        messages = body.get("messages") or []
        if not isinstance(messages, list):
            raise Refused(
                400, "json: cannot unmarshal object into Go struct field ChatRequest.messages of type []api.Message"
            )
        return messages

    def _line(self, ask: Ask, done: bool, **said: Any) -> Json:
        head: Json = {"model": ask.model, "created_at": CREATED}
        if self._generate:
            rest = {
                "response": said.get("content", ""),
                **({"thinking": said["thinking"]} if "thinking" in said else {}),
            }
        else:
            rest = {"message": {"role": "assistant", "content": "", **said}}
        return {**head, **rest, "done": done}

    def _end(self, turn: Turn) -> Json:
        end: Json = {
            "done_reason": _STOPS.get(turn.stop, "stop"),
            "total_duration": 5_000_000,
            "load_duration": 1_000_000,
            "prompt_eval_count": turn.input,
            "prompt_eval_duration": 2_000_000,
            "eval_count": turn.output,
            "eval_duration": 2_000_000,
        }
        return {**end, "context": [1, 2, 3]} if self._generate else end

    def _thinks(self, ask: Ask, turn: Turn) -> bool:
        return bool(turn.thinking) and ask.body.get("think") is not False

    def _empty(self, ask: Ask) -> bool:
        return not (ask.body.get("messages") or ask.body.get("prompt"))

    def _loaded(self, ask: Ask) -> Json:
        reason = "unload" if ask.body.get("keep_alive") == 0 else "load"
        return {**self._line(ask, True), "done_reason": reason}

    def whole(self, ask: Ask, turn: Turn, how: Behaviour) -> Json:
        if self._empty(ask):
            return self._loaded(ask)
        said: Json = {"content": turn.said}
        if self._thinks(ask, turn):
            said["thinking"] = "".join(turn.thinking)
        if turn.calls:
            said["tool_calls"] = _rendered(turn)
        return {**self._line(ask, True, **said), **self._end(turn)}

    def events(self, ask: Ask, turn: Turn, how: Behaviour) -> Iterator[Event]:
        if self._empty(ask):
            yield Event("last", self._loaded(ask))
            return
        if self._thinks(ask, turn):
            for piece in turn.thinking:
                yield Event("delta", self._line(ask, False, thinking=piece))
        for piece in turn.text:
            yield Event("delta", self._line(ask, False, content=piece))
        for call in _rendered(turn):
            yield Event("delta", self._line(ask, False, tool_calls=[call]))
        yield Event("last", {**self._line(ask, True), **self._end(turn)})

    def error(self, status: int, message: str, code: str | None, type_: str | None) -> Json:
        return {"error": message}

    def error_event(self, how: Behaviour) -> Event:
        return Event("last", {"error": how.message or "llama runner process has terminated: exit status 2"})

    def frame(self, event: Event, *, crlf: bool) -> bytes:
        return (compact(event.data) + ("\r\n" if crlf else "\n")).encode()

    def ping(self) -> bytes:
        return b""

    def headers(self, serial: int, ask: Ask) -> list[tuple[str, str]]:
        return []


def _rendered(turn: Turn) -> list[Json]:
    return [
        {"id": call.id, "function": {"index": at, "name": call.name, "arguments": call.arguments}}
        for at, call in enumerate(turn.calls)
    ]


def _check_images(message: Json) -> None:
    for image in message.get("images") or []:
        try:
            base64.b64decode(image, validate=True)
        except (binascii.Error, TypeError, ValueError):
            raise Refused(400, "illegal base64 data at input byte 4") from None


def _check_calls(calls: list[Json]) -> None:
    for call in calls:
        if not isinstance((call.get("function") or {}).get("arguments", {}), dict):
            raise Refused(
                400, "json: cannot unmarshal string into Go struct field .function.arguments of type map[string]any"
            )
