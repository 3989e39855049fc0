"""The demo on the Anthropic Messages wire: `/v1/messages` and `/v1/messages/count_tokens`.

Shapes after docs.anthropic.com (api/messages, api/messages-streaming, as of 2026-11-20).
"""

from __future__ import annotations

from typing import Any

from trunkline.errors import Failure, InvalidRequest
from trunkline.upstream.demo.anthropic_stream import stream
from trunkline.upstream.demo.ask import Ask, Choice, Ids, Made, Tool, Turn
from trunkline.upstream.demo.fields import Body, limit, need, objects, pick, strings, wrong
from trunkline.upstream.demo.mind import answer
from trunkline.upstream.demo.said import Said, sse, whole
from trunkline.upstream.demo.scene import Scene
from trunkline.upstream.demo.text import content_of, weigh

_STOPS = {"end": "end_turn", "tools": "tool_use", "length": "max_tokens", "stop": "stop_sequence"}
_SERVER_TOOLS = ("web_search_", "web_fetch_", "code_execution_", "tool_search_", "advisor_", "mcp_toolset")
_CHOICES: dict[str, Choice] = {"auto": "auto", "any": "any", "none": "none"}
_PROMPT = ("system", "messages", "tools")
SIGNATURE = "dHJ1bmtsaW5lLWRlbW8="
"""What stands where a real model signs its thinking: base64 of "trunkline-demo"."""


def messages(scene: Scene) -> Said:
    """`POST /v1/messages`."""
    body = scene.body
    need(body, "max_tokens", int)
    ask = _ask(body)
    ask.limit = limit(body, "max_tokens", least=0)
    turn = answer(ask)
    headers = [("request-id", scene.ids.make("req_"))]
    message = _message(ask, turn, scene.ids, hidden=_hidden(body))
    if pick(body, "stream", bool):
        return sse(stream(message), scene.delay, headers)
    return whole(message, headers=headers)


def count_tokens(scene: Scene) -> Said:
    """`POST /v1/messages/count_tokens`: the same count that the answer would report."""
    return whole({"input_tokens": _ask(scene.body).weight}, headers=[("request-id", scene.ids.make("req_"))])


def refuse(failure: Failure, ids: Ids) -> Said:
    """The wire's error body."""
    request_id = ids.make("req_")
    error = {"type": "invalid_request_error", "message": failure.sentence}
    body = {"type": "error", "error": error, "request_id": request_id}
    return whole(body, status=failure.status, headers=[("request-id", request_id)])


def _ask(body: Body) -> Ask:
    ask = Ask(need(body, "model", str), weigh(body, _PROMPT), stops=strings(body, "stop_sequences"))
    content_of(body.get("system"), "system")
    need(body, "messages", list)
    heard = objects(body, "messages")
    if not heard:
        raise InvalidRequest("messages: at least one message is required.", param="messages")
    for nth, message in enumerate(heard):
        _hear(ask, message, f"messages[{nth}].")
    ask.tools = [tool for nth, one in enumerate(objects(body, "tools")) if (tool := _tool(one, f"tools[{nth}]."))]
    _choose(ask, pick(body, "tool_choice", dict))
    thinking = (pick(body, "thinking", dict) or {}).get("type")
    ask.thinking = thinking in ("enabled", "adaptive") or (thinking == "between_tools" and bool(ask.results))
    ask.shape = _shape(body)
    return ask


def _hear(ask: Ask, message: Body, at: str) -> None:
    role = need(message, "role", str, at)
    content = message.get("content")
    blocks = content if isinstance(content, list) else []
    if content is None:
        raise wrong(f"{at}content", "a string or a list of blocks")
    said = content_of(content, f"{at}content")
    if role == "assistant":
        called = [block for block in blocks if block.get("type") == "tool_use"]
        ask.hear_assistant([Made(need(one, "id", str, at), need(one, "name", str, at)) for one in called])
    elif role == "user":
        for nth, block in enumerate(blocks):
            if block.get("type") == "tool_result":
                result = content_of(block.get("content"), f"{at}content[{nth}].content")
                identity = need(block, "tool_use_id", str, f"{at}content[{nth}].")
                ask.hear_result(identity, result, error=bool(block.get("is_error")))
        ask.hear_user(said)
    elif role != "system":
        raise InvalidRequest(f"{at}role must be user, assistant or system.", param=f"{at}role")


def _tool(tool: Body, at: str) -> Tool | None:
    kind = pick(tool, "type", str, at) or "custom"
    if kind.startswith(_SERVER_TOOLS):
        return None
    return Tool(need(tool, "name", str, at), pick(tool, "input_schema", dict, at) or {})


def _choose(ask: Ask, choice: Body | None) -> None:
    if choice is None:
        return
    kind = need(choice, "type", str, "tool_choice.")
    if kind == "tool":
        ask.forced = need(choice, "name", str, "tool_choice.")
    elif kind in _CHOICES:
        ask.choice = _CHOICES[kind]
    else:
        raise InvalidRequest("tool_choice.type must be auto, any, tool or none.", param="tool_choice.type")
    ask.parallel = not pick(choice, "disable_parallel_tool_use", bool, "tool_choice.")


def _shape(body: Body) -> Body | None:
    config = pick(body, "output_config", dict) or {}
    form = pick(config, "format", dict, "output_config.") or pick(body, "output_format", dict)
    if form is None or form.get("type") != "json_schema":
        return None
    return need(form, "schema", dict, "output_config.format.")


def _hidden(body: Body) -> bool:
    return (pick(body, "thinking", dict) or {}).get("display") == "omitted"


def _message(ask: Ask, turn: Turn, ids: Ids, *, hidden: bool) -> dict[str, Any]:
    content: list[dict[str, Any]] = []
    if turn.thinking:
        content.append({"type": "thinking", "thinking": "" if hidden else turn.thinking, "signature": SIGNATURE})
    if turn.text:
        content.append({"type": "text", "text": turn.text})
    for nth, call in enumerate(turn.calls):
        content.append(
            {"type": "tool_use", "id": ids.make("toolu_", nth), "name": call.tool.name, "input": call.arguments}
        )
    return {
        "id": ids.make("msg_"),
        "type": "message",
        "role": "assistant",
        "model": ask.model,
        "content": content,
        "stop_reason": _STOPS[turn.stop],
        "stop_sequence": turn.stopped_by,
        "usage": {
            "input_tokens": turn.input,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "output_tokens": turn.output,
            "output_tokens_details": {"thinking_tokens": turn.thought},
        },
    }
