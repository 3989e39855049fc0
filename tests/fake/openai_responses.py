"""OpenAI Responses: the whole event sequence that Codex and the SDKs follow. Source: platform.openai.com and the
Python SDK (2026-11), Codex's public source for what it needs.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any

from tests.fake.behaviour import Behaviour
from tests.fake.openai_chat import CREATED
from tests.fake.openai_rules import ERROR_TYPES
from tests.fake.turn import Ask, Tool, Turn, count_words, pieces
from tests.fake.wire import Event, Json, Refused, compact, spoken, sse, texts

_RESULTS = ("function_call_output", "custom_tool_call_output")
_CALLS = ("function_call", "custom_tool_call")


class Responses:
    call_prefix = "call_"
    stream_type = "text/event-stream; charset=utf-8"

    def ask(self, body: Json, headers: Mapping[str, str]) -> Ask:
        given = body.get("input")
        if not isinstance(given, str | list):
            raise Refused(400, "Missing required parameter: 'input'.", code="missing_required_parameter")
        for name in ("max_tokens", "messages", "stop"):
            if name in body:
                raise Refused(400, f"Unknown parameter: '{name}'.", code="unknown_parameter")
        items: list[Json] = [{"role": "user", "content": given}] if isinstance(given, str) else given
        prompt, rounds, calling = "", 0, False
        results: list[str] = []
        open_calls: set[str] = set()
        for item in items:
            kind = item.get("type", "message")
            if kind == "message" and item.get("role") == "user" and (said := spoken(item.get("content"))):
                prompt, results, rounds = said, [], 0
            elif kind in _CALLS:
                open_calls.add(item["call_id"])
                rounds += not calling
            elif kind in _RESULTS:
                if item.get("call_id") not in open_calls:
                    raise Refused(
                        400, f"No tool call found for function call output with call_id {item.get('call_id')}."
                    )
                open_calls.discard(item["call_id"])
                output = item.get("output")
                results.append(output if isinstance(output, str) else " ".join(texts(output)))
            calling = kind in _CALLS
        if open_calls:
            raise Refused(400, f"No tool output found for function call {min(open_calls)}.")
        choice = body.get("tool_choice")
        shape = (body.get("text") or {}).get("format") or {}
        return Ask(
            model=str(body.get("model")),
            stream=body.get("stream") is True,
            prompt=prompt,
            words=count_words([body.get("instructions"), items, body.get("tools")]),
            tools=[*_tools(body.get("tools") or []), *(tool for item in items for tool in _added(item))],
            results=results,
            rounds=rounds,
            forced=choice.get("name", "") if isinstance(choice, dict) else ("" if choice == "required" else None),
            no_tools=choice == "none",
            parallel=body.get("parallel_tool_calls") is not False,
            limit=body.get("max_output_tokens"),
            schema=shape.get("schema"),
            json_only=shape.get("type") in ("json_object", "json_schema"),
            body=body,
        )

    def counted(self, words: int) -> Json:
        """The answer to `/v1/responses/input_tokens`."""
        return {"object": "response.input_tokens", "input_tokens": words}

    def _response(self, ask: Ask, turn: Turn, status: str, output: list[Json], **more: Any) -> Json:
        body = ask.body
        return {
            "id": f"resp_fake{turn.serial:08d}",
            "object": "response",
            "created_at": CREATED,
            "status": status,
            "background": False,
            "error": None,
            "incomplete_details": None,
            "instructions": body.get("instructions"),
            "max_output_tokens": body.get("max_output_tokens"),
            "model": ask.model,
            "output": output,
            "parallel_tool_calls": body.get("parallel_tool_calls", True),
            "previous_response_id": body.get("previous_response_id"),
            "reasoning": body.get("reasoning") or {"effort": None, "summary": None},
            "store": body.get("store", True),
            "temperature": 1.0,
            "text": body.get("text") or {"format": {"type": "text"}},
            "tool_choice": body.get("tool_choice", "auto"),
            "tools": body.get("tools") or [],
            "top_p": 1.0,
            "truncation": "disabled",
            "usage": None,
            "metadata": body.get("metadata") or {},
            **more,
        }

    def _final(self, ask: Ask, turn: Turn) -> tuple[str, Json]:
        usage = {
            "input_tokens": turn.input,
            "input_tokens_details": {"cached_tokens": turn.cached, "cache_write_tokens": turn.written},
            "output_tokens": turn.output,
            "output_tokens_details": {"reasoning_tokens": turn.thought},
            "total_tokens": turn.input + turn.output,
        }
        reason = {"length": "max_output_tokens", "refusal": "content_filter"}.get(turn.stop)
        status = "incomplete" if reason else "completed"
        details = {"incomplete_details": {"reason": reason}} if reason else {"completed_at": CREATED + 3}
        return status, self._response(ask, turn, status, _items(ask, turn), usage=usage, **details)

    def whole(self, ask: Ask, turn: Turn, how: Behaviour) -> Json:
        return self._final(ask, turn)[1]

    def events(self, ask: Ask, turn: Turn, how: Behaviour) -> Iterator[Event]:
        begun = self._response(ask, turn, "in_progress", [])
        for number, event in enumerate(self._unnumbered(ask, turn, begun)):
            assert isinstance(event.data, dict)
            event.data["sequence_number"] = number
            yield event

    def _unnumbered(self, ask: Ask, turn: Turn, begun: Json) -> Iterator[Event]:
        yield _event("open", "created", response=begun)
        yield _event("open", "in_progress", response=begun)
        for at, item in enumerate(_items(ask, turn)):
            yield from _PLAYERS[item["type"]](at, item, turn)
            yield _event("other", "output_item.done", output_index=at, item=item)
        status, response = self._final(ask, turn)
        yield _event("last", status, response=response)

    def error(self, status: int, message: str, code: str | None, type_: str | None) -> Json:
        usual, usual_code = ERROR_TYPES.get(status, ("invalid_request_error", None))
        return {"error": {"message": message, "type": type_ or usual, "param": None, "code": code or usual_code}}

    def error_event(self, how: Behaviour) -> Event:
        message, code = how.message or "The server is overloaded", how.code or "server_error"
        if "failed" in how.quirks:
            failed = {
                "id": "resp_fake_failed",
                "object": "response",
                "status": "failed",
                "output": [],
                "error": {"code": code, "message": message},
            }
            return _event("last", "failed", response=failed, sequence_number=999)
        data = {"type": "error", "code": code, "message": message, "param": None, "sequence_number": 999}
        return Event("last", data, "error")

    def frame(self, event: Event, *, crlf: bool) -> bytes:
        return sse(event, crlf=crlf)

    def ping(self) -> bytes:
        return b": keep-alive\n\n"

    def headers(self, serial: int, ask: Ask) -> list[tuple[str, str]]:
        return [("x-request-id", f"req_fake{serial:08d}"), ("openai-version", "2020-10-01")]


def _tools(tools: list[Json], namespace: str | None = None) -> Iterator[Tool]:
    for tool in tools:
        if tool.get("type") == "namespace":
            yield from _tools(tool.get("tools") or [], tool["name"])
        elif tool.get("type") == "custom":
            yield Tool(tool["name"], {}, custom=True, namespace=namespace)
        elif tool.get("type") == "function":
            yield Tool(tool["name"], tool.get("parameters") or {}, namespace=namespace)


def _added(item: Json) -> Iterator[Tool]:
    """Tools that come inside the input, as Codex sends them for models with its code mode."""
    if item.get("type") == "additional_tools":
        yield from _tools(item.get("tools") or [])


def _items(ask: Ask, turn: Turn) -> list[Json]:
    items: list[Json] = []
    if turn.thinking:
        thought = "".join(turn.thinking)
        item: Json = {
            "type": "reasoning",
            "id": f"rs_fake{turn.serial:08d}",
            "summary": [{"type": "summary_text", "text": thought}],
        }
        if "reasoning.encrypted_content" in (ask.body.get("include") or []):
            item["encrypted_content"] = base64.b64encode(f"fake-reasoning:{turn.serial}:{thought}".encode()).decode()
        items.append(item)
    if turn.text:
        part = {"type": "output_text", "text": turn.said, "annotations": [], "logprobs": []}
        items.append(
            {
                "type": "message",
                "id": f"msg_fake{turn.serial:08d}",
                "role": "assistant",
                "status": "completed",
                "content": [part],
            }
        )
    for at, call in enumerate(turn.calls):
        made: Json = {
            "id": f"{'ctc' if call.custom else 'fc'}_fake{turn.serial:08d}{at}",
            "call_id": call.id,
            "name": call.name,
            "status": "completed",
        }
        if call.namespace:
            made["namespace"] = call.namespace
        if call.custom:
            items.append({"type": "custom_tool_call", **made, "input": call.text})
        else:
            items.append({"type": "function_call", **made, "arguments": compact(call.arguments)})
    return items


def _event(kind: str, name: str, **more: Any) -> Event:
    return Event(kind, {"type": f"response.{name}", **more}, f"response.{name}")  # type: ignore[arg-type]


def _reasoning(at: int, item: Json, turn: Turn) -> Iterator[Event]:
    yield _event(
        "other", "output_item.added", output_index=at, item={"type": "reasoning", "id": item["id"], "summary": []}
    )
    where: Json = {"item_id": item["id"], "output_index": at, "summary_index": 0}
    empty = {"type": "summary_text", "text": ""}
    yield _event("other", "reasoning_summary_part.added", **where, part=empty)
    for piece in turn.thinking:
        yield _event("delta", "reasoning_summary_text.delta", **where, delta=piece)
    part = item["summary"][0]
    yield _event("other", "reasoning_summary_text.done", **where, text=part["text"])
    yield _event("other", "reasoning_summary_part.done", **where, part=part)


def _message(at: int, item: Json, turn: Turn) -> Iterator[Event]:
    begun = {**item, "status": "in_progress", "content": []}
    yield _event("other", "output_item.added", output_index=at, item=begun)
    where: Json = {"item_id": item["id"], "output_index": at, "content_index": 0}
    part = item["content"][0]
    yield _event("other", "content_part.added", **where, part={**part, "text": ""})
    for piece in turn.text:
        yield _event("delta", "output_text.delta", **where, delta=piece, logprobs=[])
    yield _event("other", "output_text.done", **where, text=part["text"], logprobs=[])
    yield _event("other", "content_part.done", **where, part=part)


def _call(at: int, item: Json, turn: Turn) -> Iterator[Event]:
    custom = item["type"] == "custom_tool_call"
    field = "input" if custom else "arguments"
    name = "custom_tool_call_input" if custom else "function_call_arguments"
    begun = {**item, field: "", "status": "in_progress"}
    yield _event("other", "output_item.added", output_index=at, item=begun)
    where: Json = {"item_id": item["id"], "output_index": at}
    for piece in pieces(item[field], 9):
        yield _event("delta", f"{name}.delta", **where, delta=piece)
    yield _event("other", f"{name}.done", **where, **{field: item[field]})


_PLAYERS = {"reasoning": _reasoning, "message": _message, "function_call": _call, "custom_tool_call": _call}
