"""Anthropic Messages, and Z.AI's dialect of it. Source: docs.claude.com/en/api/messages (2026-11) and its Python SDK.

Z.AI's differences (docs.z.ai and reports, 2026-09): zeros in message_start, `call_` ids, its own error envelope.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping

from tests.fake.anthropic_rules import check
from tests.fake.behaviour import Behaviour, from_words
from tests.fake.turn import Ask, Tool, Turn, count_words, pieces
from tests.fake.wire import Event, Json, as_list, compact, spoken, sse, texts

ERROR_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    413: "request_too_large",
    422: "invalid_request_error",
    429: "rate_limit_error",
    500: "api_error",
    502: "api_error",
    503: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}
_STOPS = {
    "end": "end_turn",
    "tool": "tool_use",
    "length": "max_tokens",
    "refusal": "refusal",
    "window": "model_context_window_exceeded",
    "pause": "pause_turn",
    "stop": "stop_sequence",
}


def signature(text: str, serial: int) -> str:
    """An opaque signature; `check` knows it again, and refuses any other."""
    seal = hashlib.sha256(f"{serial}:{text}".encode()).digest()
    return base64.b64encode(b"fake-signature:" + seal).decode()


class Anthropic:
    stream_type = "text/event-stream; charset=utf-8"

    def __init__(self, *, zai: bool = False, lenient: bool = False) -> None:
        """`zai` is Z.AI's dialect; `lenient` is a clone's (Ollama), which checks little."""
        self._zai = zai
        self._lenient = zai or lenient
        self.call_prefix = "call_" if zai else "toolu_"

    def ask(self, body: Json, headers: Mapping[str, str]) -> Ask:
        check(body, headers, lenient=self._lenient)
        messages = as_list(body.get("messages"), "messages")
        prompt, rounds = "", 0
        results: list[str] = []
        for message in messages:
            content = message.get("content")
            blocks = content if isinstance(content, list) else []
            found = [block for block in blocks if block.get("type") == "tool_result"]
            said = spoken([block for block in blocks if block.get("type") == "text"] or content)
            results += [" ".join(texts(block.get("content"))) for block in found]
            rounds += bool(found)
            if message.get("role") == "user" and said and (not found or from_words(said) != Behaviour()):
                prompt, results, rounds = said, [], 0
        choice = body.get("tool_choice") or {}
        kind = choice.get("type")
        tools = [Tool(tool["name"], tool.get("input_schema") or {}) for tool in body.get("tools") or []]
        shape = (body.get("output_config") or {}).get("format") or {}
        return Ask(
            model=str(body.get("model")),
            stream=body.get("stream") is True,
            prompt=prompt,
            words=count_words([body.get("system"), messages, body.get("tools")]),
            tools=[tool for tool in tools if tool.schema],
            results=results,
            rounds=rounds,
            forced=choice.get("name") or "" if kind in ("any", "tool") else None,
            no_tools=kind == "none",
            parallel=not choice.get("disable_parallel_tool_use"),
            limit=body.get("max_tokens"),
            schema=shape.get("schema"),
            body=body,
        )

    def _usage(self, turn: Turn, *, output: int) -> Json:
        rest = max(0, turn.input - turn.cached - turn.written)
        usage: Json = {
            "input_tokens": rest,
            "cache_creation_input_tokens": turn.written,
            "cache_read_input_tokens": turn.cached,
            "output_tokens": output,
        }
        if not self._zai:
            usage["cache_creation"] = {"ephemeral_5m_input_tokens": turn.written, "ephemeral_1h_input_tokens": 0}
            usage["service_tier"] = "standard"
        return usage

    def _start(self, ask: Ask, turn: Turn) -> Json:
        zeros = {"input_tokens": 0, "output_tokens": 0}
        return {
            "id": self._id(turn),
            "type": "message",
            "role": "assistant",
            "model": ask.model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": zeros if self._zai else self._usage(turn, output=1),
        }

    def _id(self, turn: Turn) -> str:
        return f"202611200000{turn.serial:08d}" if self._zai else f"msg_fake{turn.serial:08d}"

    def _end(self, ask: Ask, turn: Turn) -> Json:
        stops = ask.body.get("stop_sequences") or [None]
        end: Json = {
            "stop_reason": _STOPS.get(turn.stop, turn.stop),
            "stop_sequence": stops[0] if turn.stop == "stop" else None,
        }
        if turn.stop == "refusal":
            end["stop_details"] = {"type": "refusal", "category": "cyber", "explanation": "The fake refuses."}
        return end

    def whole(self, ask: Ask, turn: Turn, how: Behaviour) -> Json:
        content: list[Json] = []
        if turn.thinking:
            content.append({"type": "thinking", "thinking": self._thought(ask, turn), "signature": self._signed(turn)})
        if turn.text:
            content.append({"type": "text", "text": turn.said})
        content += [
            {"type": "tool_use", "id": call.id, "name": call.name, "input": call.arguments} for call in turn.calls
        ]
        return {
            **self._start(ask, turn),
            "content": content,
            **self._end(ask, turn),
            "usage": {
                **self._usage(turn, output=turn.output),
                "output_tokens_details": {"thinking_tokens": turn.thought},
            },
        }

    def _thought(self, ask: Ask, turn: Turn) -> str:
        hidden = (ask.body.get("thinking") or {}).get("display") == "omitted"
        return "" if hidden else "".join(turn.thinking)

    def _signed(self, turn: Turn) -> str:
        return "" if self._zai else signature("".join(turn.thinking), turn.serial)

    def events(self, ask: Ask, turn: Turn, how: Behaviour) -> Iterator[Event]:
        yield _event("open", {"type": "message_start", "message": self._start(ask, turn)})
        if not self._zai:
            yield _event("other", {"type": "ping"})
        index = 0
        if turn.thinking:
            thought = turn.thinking if self._thought(ask, turn) else []
            deltas: list[Json] = [{"type": "thinking_delta", "thinking": piece} for piece in thought]
            if signed := self._signed(turn):
                deltas.append({"type": "signature_delta", "signature": signed})
            yield from _block(index, {"type": "thinking", "thinking": "", "signature": ""}, deltas)
            index += 1
        if turn.text:
            spoken_ = [{"type": "text_delta", "text": piece} for piece in turn.text]
            yield from _block(index, {"type": "text", "text": ""}, spoken_)
            index += 1
        for call in turn.calls:
            parts = ["", *pieces(compact(call.arguments), 9)] if call.arguments else [""]
            begun = {"type": "tool_use", "id": call.id, "name": call.name, "input": {}}
            yield from _block(index, begun, [{"type": "input_json_delta", "partial_json": part} for part in parts])
            index += 1
        usage = self._usage(turn, output=turn.output)
        yield _event("other", {"type": "message_delta", "delta": self._end(ask, turn), "usage": usage})
        if "nodone" not in how.quirks:
            yield _event("last", {"type": "message_stop"})

    def error(self, status: int, message: str, code: str | None, type_: str | None) -> Json:
        if self._zai:
            code = code or str(status)
            return {
                "type": "error",
                "error": {"type": type_ or "api_error", "code": code, "message": f"[{code}][{message}][20261120fake]"},
            }
        error: Json = {"type": type_ or ERROR_TYPES.get(status, "invalid_request_error"), "message": message}
        if code is not None:
            error["details"] = {"error_code": code}
        return {"type": "error", "error": error, "request_id": "req_fake00000000"}

    def error_event(self, how: Behaviour) -> Event:
        type_ = how.error_type or "overloaded_error"
        body = self.error(529, how.message or "Overloaded", how.code, None if self._zai else type_)
        body.pop("request_id", None)
        return _event("last", body)

    def frame(self, event: Event, *, crlf: bool) -> bytes:
        return sse(event, crlf=crlf)

    def ping(self) -> bytes:
        return b'event: ping\ndata: {"type": "ping"}\n\n'

    def headers(self, serial: int, ask: Ask) -> list[tuple[str, str]]:
        if self._zai:
            return []
        return [
            ("request-id", f"req_fake{serial:08d}"),
            ("anthropic-organization-id", "org-fake"),
            ("anthropic-ratelimit-requests-remaining", "999"),
        ]


def _event(kind: str, data: Json) -> Event:
    return Event(kind, data, data["type"])  # type: ignore[arg-type]


def _block(index: int, start: Json, deltas: list[Json]) -> Iterator[Event]:
    yield _event("other", {"type": "content_block_start", "index": index, "content_block": start})
    for delta in deltas:
        yield _event("delta", {"type": "content_block_delta", "index": index, "delta": delta})
    yield _event("other", {"type": "content_block_stop", "index": index})
