"""A client's request on Ollama's native wire, as a conversation. Source: ollama/ollama api/types.go (2026-08).

`/api/generate` is a conversation of one user turn. That it was asked there is noted in `own` under `GENERATE`, so that
the answer is written in its words.
"""

from __future__ import annotations

from typing import Any

from trunkline.errors import InvalidRequest
from trunkline.model.conversation import Conversation, Part, Shape, Text, Tool, Turn
from trunkline.wire.ollama import options, thought
from trunkline.wire.ollama.history import History, pictures

GENERATE = "_generate"
"""In `own`: a note of this wire to itself, not a member that a client sent."""

_READ = frozenset(
    {"model", "stream", "messages", "tools", "think", "format", "options", "logprobs", "top_logprobs", GENERATE}
)
_READ_GENERATE = (_READ - {"messages", "tools"}) | {
    "prompt",
    "system",
    "images",
    "suffix",
    "template",
    "raw",
    "context",
}
_NO_TURNS = ("suffix", "template", "raw", "context")
"""Members of `/api/generate` that speak of a prompt as one model's text or tokens: no conversation holds them."""


def read(body: dict[str, Any], *, model: str, streamed: bool) -> Conversation:
    """A body of `/api/chat`. Raises `InvalidRequest`, which names the member."""
    history = History()
    history.read(body.get("messages"))
    asked = Conversation("ollama", model, history.turns, system=history.system, streamed=streamed)
    asked.tools = _tools(body.get("tools"))
    _settings(asked, body, _READ)
    return asked


def read_generate(body: dict[str, Any], *, model: str, streamed: bool) -> Conversation:
    """A body of `/api/generate`. Raises `InvalidRequest`, which names the member."""
    for name in _NO_TURNS:
        if body.get(name):
            raise InvalidRequest(
                f"{name} has no meaning for a model behind another wire than Ollama's.",
                param=name,
                remedy="Leave it out, or ask for a model that an Ollama server runs.",
            )
    prompt, system = (_string(body, name) for name in ("prompt", "system"))
    words: list[Part] = [Text(prompt)] if prompt else []
    parts = [*pictures(body.get("images"), "images"), *words]
    if not parts:
        raise InvalidRequest("prompt is empty.", param="prompt", remedy="Send a prompt.")
    asked = Conversation("ollama", model, [Turn("user", parts)], streamed=streamed)
    asked.system = [Text(system)] if system else []
    _settings(asked, body, _READ_GENERATE)
    asked.own[GENERATE] = True
    return asked


def _settings(asked: Conversation, body: dict[str, Any], read_here: frozenset[str]) -> None:
    """What both operations share, and the rest into `own`."""
    asked.own = {name: value for name, value in body.items() if name not in read_here and value is not None}
    asked.limit, asked.stop, asked.sampling, rest = options.read(body.get("options"))
    if rest:
        asked.own["options"] = rest
    asked.thought = thought.read(body.get("think"))
    asked.shape = _shape(body.get("format"))
    if body.get("logprobs") is True:
        more = body.get("top_logprobs")
        asked.logprobs = more if isinstance(more, int) else 0


def _shape(value: Any) -> Shape | None:
    if value is None or value == "":
        return None
    if value == "json":
        return Shape("json")
    if isinstance(value, dict):
        return Shape("schema", schema=value) if value else Shape("json")
    raise InvalidRequest('format is neither "json" nor a JSON schema.', param="format")


def _tools(value: Any) -> list[Tool]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise InvalidRequest("tools is not a list.", param="tools")
    return [_tool(nth, one) for nth, one in enumerate(value)]


def _tool(nth: int, value: Any) -> Tool:
    function = value.get("function") if isinstance(value, dict) else None
    name = function.get("name") if isinstance(function, dict) else None
    if function is None or not isinstance(name, str) or not name:
        raise InvalidRequest(f"tools[{nth}] has no function with a name.", param="tools")
    schema = function.get("parameters") or {}
    if not isinstance(schema, dict):
        raise InvalidRequest(f"tools[{nth}].function.parameters is not an object.", param="tools")
    return Tool(name, str(function.get("description") or ""), schema, origin="ollama")


def _string(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise InvalidRequest(f"{name} is not a string.", param=name)
    return value or ""
