"""OpenAI Chat Completions and its dialects: Z.AI, Azure, Ollama's copy. Sources: platform.openai.com, docs.z.ai and
Ollama's own server (2026-11). The refusals are in openai_rules, the quirks of other compatible servers are words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from tests.fake.behaviour import Behaviour
from tests.fake.openai_rules import ERROR_TYPES, ZAI_CODES, check_chat
from tests.fake.turn import Ask, Call, Tool, Turn, count_words, pieces
from tests.fake.wire import Event, Json, as_list, compact, spoken, sse, texts

Dialect = Literal["openai", "zai", "azure", "ollama"]
_STOPS = {
    "end": "stop",
    "stop": "stop",
    "tool": "tool_calls",
    "length": "length",
    "refusal": "content_filter",
    "window": "length",
}
_ZAI_STOPS = {**_STOPS, "refusal": "sensitive", "window": "model_context_window_exceeded", "network": "network_error"}
CREATED = 1795132800


class Chat:
    call_prefix = "call_"

    def __init__(self, dialect: Dialect = "openai") -> None:
        self._dialect = dialect
        self.stream_type = "text/event-stream;charset=UTF-8" if dialect == "zai" else "text/event-stream; charset=utf-8"

    def ask(self, body: Json, headers: Mapping[str, str]) -> Ask:
        check_chat(body, self._dialect)
        messages = as_list(body["messages"], "messages")
        prompt, rounds = "", 0
        results: list[str] = []
        for message in messages:
            role, content = message.get("role"), message.get("content")
            if role == "user" and (said := spoken(content)):
                prompt, results, rounds = said, [], 0
            elif role == "tool":
                results.append(" ".join(texts(content)))
            elif role == "assistant" and message.get("tool_calls"):
                rounds += 1
        choice = body.get("tool_choice")
        forced = "" if choice == "required" else None
        if isinstance(choice, dict):
            forced = (choice.get("function") or choice.get("custom") or {}).get("name", "")
        shape = body.get("response_format") or {}
        return Ask(
            model=str(body.get("model")),
            stream=body.get("stream") is True,
            prompt=prompt,
            words=count_words([messages, body.get("tools")]),
            tools=[_tool(one) for one in body.get("tools") or [] if one.get("type") in ("function", "custom")],
            results=results,
            rounds=rounds,
            forced=forced if self._dialect != "ollama" else None,
            no_tools=choice == "none",
            parallel=body.get("parallel_tool_calls") is not False,
            limit=body.get("max_completion_tokens") or body.get("max_tokens"),
            schema=(shape.get("json_schema") or {}).get("schema"),
            json_only=shape.get("type") in ("json_object", "json_schema"),
            body=body,
        )

    def _usage(self, turn: Turn) -> Json:
        usage: Json = {
            "prompt_tokens": turn.input,
            "completion_tokens": turn.output,
            "total_tokens": turn.input + turn.output,
        }
        if self._dialect != "ollama":
            usage["prompt_tokens_details"] = {"cached_tokens": turn.cached}
            usage["completion_tokens_details"] = {"reasoning_tokens": turn.thought}
        if self._dialect in ("openai", "azure"):
            usage["prompt_tokens_details"]["cache_write_tokens"] = turn.written
        return usage

    def _head(self, ask: Ask, turn: Turn, kind: str) -> Json:
        if self._dialect == "zai":
            return {"id": f"202611200000{turn.serial:08d}", "created": CREATED, "model": ask.model}
        head = {"id": f"chatcmpl-fake{turn.serial:08d}", "object": kind, "created": CREATED, "model": ask.model}
        if self._dialect == "ollama":
            return {**head, "system_fingerprint": "fp_ollama"}
        return {**head, "service_tier": "default", "system_fingerprint": None}

    def _stop(self, turn: Turn, how: Behaviour) -> str:
        if turn.calls and "finishstop" in how.quirks:
            return "stop"
        return (_ZAI_STOPS if self._dialect == "zai" else _STOPS).get(turn.stop, turn.stop)

    def _reasoning(self, how: Behaviour) -> str | None:
        """The name of the field that carries thinking; OpenAI itself has none and hides it."""
        if "reasoning" in how.quirks or self._dialect == "ollama":
            return "reasoning"
        return "reasoning_content" if self._dialect == "zai" or "reasoning_content" in how.quirks else None

    def whole(self, ask: Ask, turn: Turn, how: Behaviour) -> Json:
        message: Json = {"role": "assistant", "content": turn.said or None}
        if turn.thinking and (name := self._reasoning(how)):
            message[name] = "".join(turn.thinking)
        if turn.thinking and "thinktag" in how.quirks:
            message["content"] = f"<think>{''.join(turn.thinking)}</think>{turn.said}"
        if self._dialect in ("openai", "azure"):
            message |= {"refusal": None, "annotations": []}
        if turn.calls:
            message["tool_calls"] = [_call(call, how) for call in turn.calls]
        choice = {"index": 0, "finish_reason": self._stop(turn, how), "message": message}
        answer = {**self._head(ask, turn, "chat.completion"), "choices": [choice], "usage": self._usage(turn)}
        return {**answer, "request_id": answer["id"]} if self._dialect == "zai" else answer

    def events(self, ask: Ask, turn: Turn, how: Behaviour) -> Iterator[Event]:
        head = self._head(ask, turn, "chat.completion.chunk")
        asked = (ask.body.get("stream_options") or {}).get("include_usage") is True
        nulls: Json = {"usage": None} if asked and self._dialect in ("openai", "azure") else {}

        def chunk(delta: Json, stop: str | None = None, **more: Any) -> Json:
            choice = {"index": 0, "delta": delta, "finish_reason": stop}
            return {**head, "choices": [choice], **nulls, **more}

        if self._dialect == "azure":
            yield Event(
                "open",
                {
                    "id": "",
                    "object": "",
                    "created": 0,
                    "model": "",
                    "choices": [],
                    "prompt_filter_results": [{"prompt_index": 0}],
                },
            )
        if self._dialect in ("openai", "azure"):
            yield Event("open", chunk({"role": "assistant", "content": "", "refusal": None}))
        for delta in self._deltas(ask, turn, how):
            role = {} if self._dialect in ("openai", "azure") else {"role": "assistant"}
            yield Event("delta", chunk({**role, **delta}))
        together = self._dialect == "zai" or "usageinfinish" in how.quirks
        if together:
            yield Event(
                "other", chunk({"role": "assistant", "content": ""}, self._stop(turn, how), usage=self._usage(turn))
            )
        else:
            yield Event("other", chunk({}, self._stop(turn, how)))
            if asked and "nousage" not in how.quirks:
                yield Event("other", {**head, "choices": [], "usage": self._usage(turn)})
        if "nodone" not in how.quirks:
            yield Event("last", "[DONE]")

    def _deltas(self, ask: Ask, turn: Turn, how: Behaviour) -> Iterator[Json]:
        if turn.thinking and "thinktag" in how.quirks:
            yield from ({"content": piece} for piece in ["<think>", *turn.thinking, "</think>"])
        elif turn.thinking and (name := self._reasoning(how)):
            yield from ({name: piece} for piece in turn.thinking)
        yield from ({"content": piece} for piece in turn.text)
        in_one = self._dialect == "ollama" or "wholecalls" in how.quirks
        in_one = in_one or (self._dialect == "zai" and ask.body.get("tool_stream") is not True)
        streams = [list(_fragments(at, call, how, in_one=in_one)) for at, call in enumerate(turn.calls)]
        if "interleave" in how.quirks:
            longest = max((len(one) for one in streams), default=0)
            order = [one[at] for at in range(longest) for one in streams if at < len(one)]
        else:
            order = [fragment for one in streams for fragment in one]
        yield from ({"tool_calls": [fragment]} for fragment in order)

    def error(self, status: int, message: str, code: str | None, type_: str | None) -> Json:
        if self._dialect == "zai":
            return {"error": {"code": code or ZAI_CODES.get(status, "1234"), "message": message}}
        usual, usual_code = ERROR_TYPES.get(status, ("invalid_request_error", None))
        if self._dialect == "ollama":
            kind = {404: "not_found_error", 500: "api_error"}.get(status, "invalid_request_error")
            return {"error": {"message": message, "type": type_ or kind, "param": None, "code": None}}
        return {"error": {"message": message, "type": type_ or usual, "param": None, "code": code or usual_code}}

    def error_event(self, how: Behaviour) -> Event:
        return Event("last", self.error(503, how.message or "The server is overloaded", how.code, how.error_type))

    def frame(self, event: Event, *, crlf: bool) -> bytes:
        return sse(event, crlf=crlf)

    def ping(self) -> bytes:
        return b": keep-alive\n\n"

    def headers(self, serial: int, ask: Ask) -> list[tuple[str, str]]:
        if self._dialect in ("zai", "ollama"):
            return []
        return [
            ("x-request-id", f"req_fake{serial:08d}"),
            ("openai-version", "2020-10-01"),
            ("x-ratelimit-remaining-requests", "999"),
            ("x-ratelimit-reset-requests", "6m0s"),
        ]


def _tool(one: Json) -> Tool:
    if one["type"] == "custom":
        return Tool(one["custom"]["name"], {}, custom=True)
    function = one["function"]
    return Tool(function["name"], function.get("parameters") or {})


def _call(call: Call, how: Behaviour) -> Json:
    if call.custom:
        return {"id": call.id, "type": "custom", "custom": {"name": call.name, "input": call.text}}
    arguments: Any = call.arguments if "objargs" in how.quirks else compact(call.arguments)
    made: Json = {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments}}
    if "noid" in how.quirks:
        del made["id"]
    return made


def _fragments(at: int, call: Call, how: Behaviour, *, in_one: bool) -> Iterator[Json]:
    """The pieces in which one call arrives; all but the first carry only arguments."""
    whole = _call(call, how)
    name = "custom" if call.custom else "function"
    field = "input" if call.custom else "arguments"
    index: Json = {} if "noindex" in how.quirks else {"index": at}
    if in_one or not isinstance(whole[name][field], str):
        yield {**index, **whole}
        return
    yield {**index, **whole, name: {**whole[name], field: ""}}
    for piece in pieces(whole[name][field], 9):
        again = {"id": call.id} if "repeatid" in how.quirks else {}
        yield {**index, **again, name: {field: piece}}
