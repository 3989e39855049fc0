"""The demo on the OpenAI Responses wire: `/responses`, read into an ask and answered whole.

Shapes after platform.openai.com/docs/api-reference/responses (as of 2026-11-20) and what Codex 0.169 sends.
"""

from __future__ import annotations

from typing import Any

from trunkline.errors import InvalidRequest
from trunkline.upstream.demo.ask import Ask, Ids, Made, Turn
from trunkline.upstream.demo.fields import Body, limit, need, objects, pick, wrong
from trunkline.upstream.demo.mind import answer
from trunkline.upstream.demo.openai_tools import choose, tools_of
from trunkline.upstream.demo.responses_stream import stream
from trunkline.upstream.demo.said import Said, sse, whole
from trunkline.upstream.demo.scene import Scene
from trunkline.upstream.demo.text import Content, clean, content_of, weigh

_FUNCTION = ("function_call", "fc_", "arguments")
_CUSTOM = ("custom_tool_call", "ctc_", "input")
_PROMPT = ("instructions", "input", "tools")
_ECHOED: dict[str, Any] = {
    "instructions": None,
    "max_output_tokens": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "reasoning": {"effort": None, "summary": None},
    "service_tier": "default",
    "store": False,
    "temperature": 1,
    "text": {"format": {"type": "text"}},
    "tool_choice": "auto",
    "tools": [],
    "top_p": 1,
    "truncation": "disabled",
}
"""Members of a request that come back in the response, with what they are when they were not sent."""


def responses(scene: Scene) -> Said:
    """`POST /responses`."""
    body, ids = scene.body, scene.ids
    if pick(body, "background", bool):
        raise InvalidRequest("The demo model answers at once: background must be false.", param="background")
    ask = _ask(body)
    turn = answer(ask)
    done = {**_response(body, ask, turn, ids), "created_at": int(scene.now), "completed_at": int(scene.now)}
    headers = [("x-request-id", ids.make("req_"))]
    return sse(stream(done), scene.delay, headers) if pick(body, "stream", bool) else whole(done, headers=headers)


def input_tokens(scene: Scene) -> Said:
    """`POST /responses/input_tokens`: the same count that the answer would report."""
    counted = {"object": "response.input_tokens", "input_tokens": _ask(scene.body).weight}
    return whole(counted, headers=[("x-request-id", scene.ids.make("req_"))])


def _ask(body: Body) -> Ask:
    ask = Ask(need(body, "model", str), weigh(body, _PROMPT))
    pick(body, "instructions", str)
    ask.tools = tools_of(objects(body, "tools"), "tools")
    heard = body.get("input")
    if isinstance(heard, str):
        ask.hear_user(Content(clean(heard)))
    elif isinstance(heard, list):
        for nth, item in enumerate(objects(body, "input")):
            _hear(ask, item, f"input[{nth}].")
    else:
        raise wrong("input", "a string or a list of items")
    choose(ask, body.get("tool_choice"))
    ask.parallel = pick(body, "parallel_tool_calls", bool) is not False
    reasoning = pick(body, "reasoning", dict) or {}
    effort = pick(reasoning, "effort", str, "reasoning.")
    ask.thinking = effort != "none" and bool(effort or pick(reasoning, "summary", str, "reasoning."))
    ask.limit = limit(body, "max_output_tokens")
    ask.shape = _shape(pick(pick(body, "text", dict) or {}, "format", dict, "text."))
    return ask


def _hear(ask: Ask, item: Body, at: str) -> None:
    kind = pick(item, "type", str, at) or "message"
    if kind == "message":
        role = need(item, "role", str, at)
        content = content_of(item.get("content"), f"{at}content")
        if role == "assistant":
            ask.hear_assistant()
        elif role == "user":
            ask.hear_user(content)
        elif role not in ("system", "developer"):
            raise InvalidRequest(f"{at}role must be system, developer, user or assistant.", param=f"{at}role")
    elif kind in ("function_call", "custom_tool_call"):
        ask.hear_assistant([Made(need(item, "call_id", str, at), need(item, "name", str, at))])
    elif kind in ("function_call_output", "custom_tool_call_output"):
        ask.hear_result(need(item, "call_id", str, at), content_of(item.get("output"), f"{at}output"))
    elif kind == "additional_tools":
        ask.tools += tools_of(objects(item, "tools", at), f"{at}tools")


def _shape(form: Body | None) -> Body | None:
    kind = form.get("type") if form else None
    if form is None or kind not in ("json_object", "json_schema"):
        return None
    return {} if kind == "json_object" else need(form, "schema", dict, "text.format.")


def _response(body: Body, ask: Ask, turn: Turn, ids: Ids) -> dict[str, Any]:
    status = "incomplete" if turn.stop == "length" else "completed"
    return {
        **{name: otherwise if body.get(name) is None else body[name] for name, otherwise in _ECHOED.items()},
        "id": ids.make("resp_"),
        "object": "response",
        "status": status,
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if turn.stop == "length" else None,
        "model": ask.model,
        "output": _output(body, turn, ids, status),
        "usage": {
            "input_tokens": turn.input,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": turn.output,
            "output_tokens_details": {"reasoning_tokens": turn.thought},
            "total_tokens": turn.input + turn.output,
        },
    }


def _output(body: Body, turn: Turn, ids: Ids, status: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    if turn.thinking:
        summary = [{"type": "summary_text", "text": turn.thinking}]
        item: dict[str, Any] = {"type": "reasoning", "id": ids.make("rs_"), "summary": summary}
        if "reasoning.encrypted_content" in (pick(body, "include", list) or []):
            item["encrypted_content"] = ids.make("trunkline-demo-")
        items.append(item)
    if turn.text or not turn.calls:
        part = {"type": "output_text", "text": turn.text, "annotations": [], "logprobs": []}
        items.append(
            {"type": "message", "id": ids.make("msg_"), "role": "assistant", "status": status, "content": [part]}
        )
    for nth, call in enumerate(turn.calls):
        kind, prefix, name = _CUSTOM if call.tool.custom else _FUNCTION
        item = {
            "type": kind,
            "id": ids.make(prefix, nth),
            "call_id": ids.make("call_", nth),
            "name": call.tool.name,
            name: call.text,
            "status": "completed",
        }
        items.append(item if call.tool.namespace is None else {**item, "namespace": call.tool.namespace})
    return items
