"""What a client of each wire understood of an answer: its words, its calls, whether it ended, and whether honestly."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from tests.wall.asking import Reply
from tests.wall.scenes import Scene


@dataclass(slots=True)
class Heard:
    """`clean`: the answer ended as its wire ends whole ones. `error`: the wire's own error was in it."""

    text: str = ""
    thinking: str = ""
    calls: list[tuple[str, str]] = field(default_factory=list)
    clean: bool = False
    error: str = ""
    reason: str = ""
    output: int = 0


def hear(scene: Scene, reply: Reply, *, stream: bool) -> Heard:
    """Reads an answer as a client would. Raises `ValueError` for what no client could read."""
    if reply.status != 200:
        assert reply.message, f"no error of this wire: {reply.body[:400]!r}"
        return Heard(error=reply.message)
    if not stream:
        return _WHOLE[scene.name](reply.json)
    heard = Heard()
    for name, data in _events(scene, reply.body):
        _TAKE[scene.name](heard, name, data)
    if reply.cut:
        heard.clean = False
    return heard


def _events(scene: Scene, body: bytes) -> list[tuple[str, Any]]:
    text = body.decode()
    if scene.shape == "ollama":
        return [("", json.loads(line)) for line in text.splitlines() if line.strip()]
    found: list[tuple[str, Any]] = []
    for block in text.replace("\r\n", "\n").split("\n\n"):
        lines = block.split("\n")
        name = next((line[6:].strip() for line in lines if line.startswith("event:")), "")
        data = "\n".join(line[5:].strip() for line in lines if line.startswith("data:"))
        if data:
            found.append((name, data if data == "[DONE]" else json.loads(data)))
    return found


def _messages(heard: Heard, name: str, data: Any) -> None:
    assert not heard.clean, "an event after message_stop"
    match data["type"]:
        case "content_block_start" if data["content_block"]["type"] == "tool_use":
            heard.calls.append((data["content_block"]["name"], ""))
        case "content_block_start":
            heard.text += data["content_block"].get("text", "")
        case "content_block_delta":
            delta = data["delta"]
            heard.text += delta.get("text", "")
            heard.thinking += delta.get("thinking", "")
            if "partial_json" in delta:
                called, arguments = heard.calls[-1]
                heard.calls[-1] = called, arguments + delta["partial_json"]
        case "message_delta":
            heard.output = data["usage"]["output_tokens"]
        case "message_stop":
            heard.clean = True
        case "error":
            heard.error = data["error"]["message"]


def _chat(heard: Heard, name: str, data: Any) -> None:
    if data == "[DONE]":
        heard.clean = bool(heard.reason) and not heard.error
        return
    if data.get("error"):
        heard.error = data["error"]["message"]
        return
    heard.output = (data.get("usage") or {}).get("completion_tokens", heard.output)
    for choice in data.get("choices") or ():
        heard.reason = choice.get("finish_reason") or heard.reason
        delta = choice.get("delta") or {}
        heard.text += delta.get("content") or ""
        heard.thinking += delta.get("reasoning_content") or ""
        for call in delta.get("tool_calls") or ():
            while len(heard.calls) <= call.get("index", 0):
                heard.calls.append(("", ""))
            called, arguments = heard.calls[call.get("index", 0)]
            function = call.get("function") or {}
            heard.calls[call.get("index", 0)] = (
                called + (function.get("name") or ""),
                arguments + (function.get("arguments") or ""),
            )


def _responses(heard: Heard, name: str, data: Any) -> None:
    match data["type"]:
        case "response.output_text.delta":
            heard.text += data["delta"]
        case "response.output_item.done" if data["item"]["type"] == "function_call":
            heard.calls.append((data["item"]["name"], data["item"]["arguments"]))
        case "response.completed":
            heard.clean = True
            heard.output = data["response"]["usage"]["output_tokens"]
            assert _said(data["response"]) == heard.text, "the last event tells another answer than the stream did"
        case "response.failed":
            heard.error = data["response"]["error"]["message"]
        case "error":
            heard.error = data.get("message") or data["error"]["message"]


def _ollama(heard: Heard, name: str, data: Any) -> None:
    if "error" in data:
        heard.error = data["error"]
        return
    message = data.get("message") or {}
    heard.text += message.get("content") or ""
    heard.thinking += message.get("thinking") or ""
    for call in message.get("tool_calls") or ():
        heard.calls.append((call["function"]["name"], json.dumps(call["function"]["arguments"])))
    if data.get("done"):
        heard.clean = True
        heard.output = data.get("eval_count", 0)


def _said(response: Any) -> str:
    parts = [part for item in response["output"] for part in item.get("content") or ()]
    return "".join(part.get("text", "") for part in parts)


def _whole_messages(body: Any) -> Heard:
    blocks = body["content"]
    return Heard(
        text="".join(block.get("text", "") for block in blocks),
        calls=[(block["name"], json.dumps(block["input"])) for block in blocks if block["type"] == "tool_use"],
        clean=bool(body["stop_reason"]),
        output=body["usage"]["output_tokens"],
    )


def _whole_chat(body: Any) -> Heard:
    message = body["choices"][0]["message"]
    calls = [(one["function"]["name"], one["function"]["arguments"]) for one in message.get("tool_calls") or ()]
    clean = bool(body["choices"][0]["finish_reason"])
    return Heard(text=message.get("content") or "", calls=calls, clean=clean)


def _whole_responses(body: Any) -> Heard:
    calls = [(item["name"], item["arguments"]) for item in body["output"] if item["type"] == "function_call"]
    return Heard(text=_said(body), calls=calls, clean=body["status"] == "completed")


def _whole_ollama(body: Any) -> Heard:
    message = body["message"]
    calls = [
        (one["function"]["name"], json.dumps(one["function"]["arguments"])) for one in message.get("tool_calls") or ()
    ]
    return Heard(text=message.get("content") or "", calls=calls, clean=bool(body["done"]))


_TAKE = {"messages": _messages, "chat": _chat, "responses": _responses, "ollama_chat": _ollama}
_WHOLE = {
    "messages": _whole_messages,
    "chat": _whole_chat,
    "responses": _whole_responses,
    "ollama_chat": _whole_ollama,
}
