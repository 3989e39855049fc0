"""The demo on the OpenAI Chat Completions wire: `/chat/completions`, and the error body of the whole OpenAI family.

Shapes after platform.openai.com/docs/api-reference/chat (as of 2026-11-20); `reasoning_content` as compatible servers
send it.
"""

from __future__ import annotations

from typing import Any

from trunkline.errors import Failure, InvalidRequest
from trunkline.upstream.demo.ask import Ask, Call, Ids, Turn
from trunkline.upstream.demo.fields import Body, limit, need, objects, one_choice, pick, strings
from trunkline.upstream.demo.mind import answer
from trunkline.upstream.demo.openai_tools import choose, made_of, tools_of
from trunkline.upstream.demo.said import Pieces, Said, data, sse, whole
from trunkline.upstream.demo.scene import Scene
from trunkline.upstream.demo.text import content_of, fragments, weigh, words

FINISH = {"end": "stop", "tools": "tool_calls", "length": "length", "stop": "stop"}
_PROMPT = ("messages", "tools")


def chat(scene: Scene) -> Said:
    """`POST /chat/completions`."""
    body, ids = scene.body, scene.ids
    ask = _ask(body)
    turn = answer(ask)
    headers = [("x-request-id", ids.make("req_"))]
    head = {"id": ids.make("chatcmpl-"), "created": int(scene.now), "model": ask.model, "system_fingerprint": None}
    if pick(body, "stream", bool):
        asked = pick(pick(body, "stream_options", dict) or {}, "include_usage", bool, "stream_options.")
        return sse(_stream(head, turn, ids, usage_asked=bool(asked)), scene.delay, headers)
    message: dict[str, Any] = {"role": "assistant", "content": turn.text or None, "refusal": None, "annotations": []}
    if not turn.text and not turn.calls:
        message["content"] = ""
    if turn.thinking:
        message["reasoning_content"] = turn.thinking
    if turn.calls:
        message["tool_calls"] = [_call(call, ids.make("call_", nth), call.text) for nth, call in enumerate(turn.calls)]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": FINISH[turn.stop]}
    return whole({**head, "object": "chat.completion", "choices": [choice], "usage": usage(turn)}, headers=headers)


def refuse(failure: Failure, ids: Ids) -> Said:
    """The error body of chat, completions, embeddings and responses."""
    error = {
        "message": failure.sentence,
        "type": "invalid_request_error",
        "param": failure.param,
        "code": None if failure.code == InvalidRequest.code else failure.code,
    }
    return whole({"error": error}, status=failure.status, headers=[("x-request-id", ids.make("req_"))])


def usage(turn: Turn) -> dict[str, Any]:
    """Usage as chat and completions report it."""
    return {
        "prompt_tokens": turn.input,
        "completion_tokens": turn.output,
        "total_tokens": turn.input + turn.output,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": turn.thought, "audio_tokens": 0},
    }


def _ask(body: Body) -> Ask:
    one_choice(body, "n")
    if body.get("functions") is not None:
        raise InvalidRequest("functions is the retired form: offer the functions as tools.", param="functions")
    ask = Ask(need(body, "model", str), weigh(body, _PROMPT), stops=strings(body, "stop"))
    need(body, "messages", list)
    heard = objects(body, "messages")
    if not heard:
        raise InvalidRequest("messages must hold at least one message.", param="messages")
    for nth, message in enumerate(heard):
        _hear(ask, message, f"messages[{nth}].")
    ask.tools = tools_of(objects(body, "tools"), "tools")
    choose(ask, body.get("tool_choice"))
    ask.parallel = pick(body, "parallel_tool_calls", bool) is not False
    effort = pick(body, "reasoning_effort", str)
    thinking = pick(body, "thinking", dict) or {}
    ask.thinking = effort not in (None, "none") or thinking.get("type") == "enabled"
    ask.limit = limit(body, "max_completion_tokens") or limit(body, "max_tokens")
    ask.shape = _shape(pick(body, "response_format", dict))
    return ask


def _hear(ask: Ask, message: Body, at: str) -> None:
    role = need(message, "role", str, at)
    content = content_of(message.get("content"), f"{at}content")
    if role == "assistant":
        ask.hear_assistant(made_of(objects(message, "tool_calls", at), at))
    elif role == "user":
        ask.hear_user(content)
    elif role in ("tool", "function"):
        identity = pick(message, "tool_call_id", str, at) or pick(message, "name", str, at) or ""
        ask.hear_result(identity, content)
    elif role not in ("system", "developer"):
        raise InvalidRequest(f"{at}role must be system, developer, user, assistant or tool.", param=f"{at}role")


def _shape(form: Body | None) -> Body | None:
    kind = form.get("type") if form else None
    if form is None or kind not in ("json_object", "json_schema"):
        return None
    if kind == "json_object":
        return {}
    inner = need(form, "json_schema", dict, "response_format.")
    return pick(inner, "schema", dict, "response_format.json_schema.") or {}


def _call(call: Call, identity: str, text: str) -> dict[str, Any]:
    if call.tool.custom:
        return {"id": identity, "type": "custom", "custom": {"name": call.tool.name, "input": text}}
    return {"id": identity, "type": "function", "function": {"name": call.tool.name, "arguments": text}}


def _stream(head: dict[str, Any], turn: Turn, ids: Ids, *, usage_asked: bool) -> Pieces:
    pieces = Pieces()
    head = {**head, "object": "chat.completion.chunk"}
    rest: dict[str, Any] = {"usage": None} if usage_asked else {}

    def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return data({**head, "choices": [choice], **rest})

    pieces.add(chunk({"role": "assistant", "content": ""}))
    for word in words(turn.thinking):
        pieces.word(chunk({"reasoning_content": word}))
    for word in words(turn.text):
        pieces.word(chunk({"content": word}))
    for nth, call in enumerate(turn.calls):
        pieces.add(chunk({"tool_calls": [{"index": nth, **_call(call, ids.make("call_", nth), "")}]}))
        kind, name = ("custom", "input") if call.tool.custom else ("function", "arguments")
        for fragment in fragments(call.text):
            pieces.word(chunk({"tool_calls": [{"index": nth, kind: {name: fragment}}]}))
    pieces.add(chunk({}, FINISH[turn.stop]))
    if usage_asked:
        pieces.add(data({**head, "choices": [], "usage": usage(turn)}))
    pieces.add(b"data: [DONE]\n\n")
    return pieces
