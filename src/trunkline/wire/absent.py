"""Tools that a client wants the provider to run, and that this provider lacks: told to the model, and answered for it.

The model is told in the system prompt that it has no such tool. A call that it makes all the same, or that the client
demands, reaches the client as its own format's call of a provider's tool with a result that says `unavailable`; where a
format has no such thing, as words. What is replayed of that later is, for the model, a call that failed.
Source of the forms: platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool and its siblings;
`openai.types.responses`, SDK 3.52.0 (2026-11-20).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from trunkline.model.conversation import Conversation, Opaque, Part, Text, Tool, ToolCall, ToolResult, Turn
from trunkline.model.events import BlockStop, Event, Other, TextDelta, TextStart
from trunkline.model.wires import Wire
from trunkline.wire import loss
from trunkline.wire.arguments import as_text

Json = dict[str, Any]

UNAVAILABLE = "unavailable"
SEARCHES_TOOLS = "tool_search"
"""The kind of tool that finds tools which are not offered yet."""
_LONGEST_QUERY = 400
_SEARCH_FOR = "Perform a web search for the query: "
"""How the request begins with which Claude Code searches; it offers nothing but the search, and does not always demand
a call of it (seen 2026-11)."""

_RESULTS = {
    "web_search": "web_search_tool_result",
    "web_fetch": "web_fetch_tool_result",
    "code_execution": "code_execution_tool_result",
    "tool_search": "tool_search_tool_result",
}
"""A kind → the block of Anthropic's format that its results come in; `_error` behind it is what a failure is called."""

_ITEMS: dict[str, tuple[str, str]] = {
    "web_search": ("web_search_call", "ws_"),
    "file_search": ("file_search_call", "fs_"),
    "image_generation": ("image_generation_call", "ig_"),
    "code_execution": ("code_interpreter_call", "ci_"),
}
"""A kind → the item of Responses that its calls are, and how ids of such items begin."""


def names(tools: Iterable[Tool]) -> dict[str, str]:
    """How the client calls each tool → its kind, as it is reported."""
    return {tool.name: loss.tool(tool) for tool in tools}


def note(tools: Sequence[Tool]) -> str:
    """What the model is told; empty where nothing is missing. The same for the same tools, so that caches hold."""
    # A search among tools is not missed: here all of them are offered.
    missed = dict.fromkeys(tool.name for tool in tools if loss.tool(tool) != SEARCHES_TOOLS)
    if not missed:
        return ""
    listed = ", ".join(missed)
    return (
        f"Not available in this conversation: {listed}. Do not call it, whatever else is said of it. Where it would be "
        "needed, say that it is not available here, and answer from what you know, saying that you do."
    )


def demanded(asked: Conversation, absent: dict[str, str]) -> str:
    """The name of the absent tool that the client demands a call of; empty where it demands none."""
    choice = asked.choice
    odd = asked.own.get("tool_choice")
    if isinstance(odd, dict):
        # Responses names a tool of the vendor's by its type.
        kind = loss.tool_kind(str(odd.get("type")))
        return next((name for name, absents in absent.items() if absents == kind), "")
    mode = choice.mode if choice is not None else "auto"
    if choice is not None and mode == "one":
        return choice.name if choice.name in absent else ""
    only = bool(absent) and all(tool.server and tool.name in absent for tool in asked.tools)
    demands = mode == "any" or (mode == "auto" and _last(asked).startswith(_SEARCH_FOR))
    return next(iter(absent)) if only and demands else ""


def query(asked: Conversation) -> str:
    """What the user said last, as the arguments of a call that nobody made: JSON text."""
    return as_text({"query": _last(asked).removeprefix(_SEARCH_FOR)[:_LONGEST_QUERY]})


def _last(asked: Conversation) -> str:
    """The user's last words."""
    said = next((turn for turn in reversed(asked.turns) if turn.role == "user"), None)
    return "\n".join(part.text for part in said.parts if isinstance(part, Text)) if said else ""


def answered(wire: Wire, name: str, kind: str, arguments: str, seed: str) -> list[Event]:
    """A call of a tool that nobody runs, and that it failed, as the client's format says it. `seed` makes its id."""
    mark = hashlib.sha256(f"{seed}:{name}".encode(errors="surrogatepass")).hexdigest()[:24]
    asked = _object(arguments)
    if wire == "anthropic" and kind in _RESULTS:
        ident, result = f"srvtoolu_{mark}", _RESULTS[kind]
        error = {"type": f"{result}_error", "error_code": UNAVAILABLE}
        return [
            Other(wire, {"type": "server_tool_use", "id": ident, "name": name, "input": asked}),
            Other(wire, {"type": result, "tool_use_id": ident, "content": error}),
        ]
    if wire == "openai_responses" and kind in _ITEMS:
        type_, start = _ITEMS[kind]
        item: Json = {"type": type_, "id": start + mark, "status": "failed", **_members(kind, asked)}
        return [Other(wire, item)]
    return [TextStart(), TextDelta(f"[{name} is not available here.]"), BlockStop()]


def _members(kind: str, asked: Json) -> Json:
    text = str(asked.get("query") or "")
    match kind:
        case "web_search":
            return {"action": {"type": "search", "query": text}}
        case "file_search":
            return {"queries": [text] if text else [], "results": None}
        case "code_execution":
            return {"code": str(asked.get("code") or text), "container_id": "", "outputs": None}
    return {"result": None}


def _object(arguments: str) -> Json:
    try:
        value = json.loads(arguments) if arguments else {}
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def replayed(asked: Conversation) -> Conversation:
    """The conversation with each failed call of a provider's tool as the call and the result that a model knows."""
    if not any(_failure(part, turn) for turn in asked.turns for part in turn.parts):
        return asked
    turns: list[Turn] = []
    results: list[Part] = []
    for turn in asked.turns:
        if turn.role == "user" and results:
            turn, results = replace(turn, parts=[*results, *turn.parts]), []
        elif results:
            turns.append(Turn("user", results))
            results = []
        if turn.role != "assistant":
            turns.append(turn)
            continue
        kept: list[Part] = []
        done: set[str] = set()
        for part in turn.parts:
            if results and not (isinstance(part, Opaque) and (_failure(part, turn) or _result_of(part) in done)):
                turns += [replace(turn, parts=kept), Turn("user", results)]
                kept, results = [], []
            found = _failure(part, turn)
            if found is not None:
                call, result = found
                kept.append(call)
                results.append(result)
                done.add(call.id)
            elif not (isinstance(part, Opaque) and _result_of(part) in done):
                kept.append(part)
        if kept or not turn.parts:
            turns.append(replace(turn, parts=kept))
    if results:
        turns.append(Turn("user", results))
    return replace(asked, turns=turns)


def _failure(part: Part, turn: Turn) -> tuple[ToolCall, ToolResult] | None:
    """A call that failed, and what it came to; None for any other part."""
    if not isinstance(part, Opaque):
        return None
    raw = part.raw
    if part.wire == "anthropic" and raw.get("type") == "server_tool_use":
        ident, name = str(raw.get("id")), str(raw.get("name"))
        code = next((code for one in turn.parts if (code := _error_of(one, ident))), "")
        asked = raw.get("input")
    elif part.wire == "openai_responses" and raw.get("status") == "failed":
        ident, name = str(raw.get("id")), str(raw.get("type")).removesuffix("_call")
        code = UNAVAILABLE if any(raw.get("type") == item for item, _ in _ITEMS.values()) else ""
        asked = raw.get("action") or {}
    else:
        return None
    if not code:
        return None
    words = f"{name} failed: {code}."
    return ToolCall(ident, name, as_text(asked or {})), ToolResult(ident, [Text(words)], failed=True, name=name)


def _result_of(part: Opaque) -> str:
    """The id of the call whose result this is; empty for what is none."""
    ident = part.raw.get("tool_use_id") if part.wire == "anthropic" else None
    return ident if isinstance(ident, str) else ""


def _error_of(part: Part, ident: str) -> str:
    """The error code of the result of a call; empty where it is another's, or did not fail."""
    if not isinstance(part, Opaque) or _result_of(part) != ident:
        return ""
    content = part.raw.get("content")
    return str(content.get("error_code") or "") if isinstance(content, dict) else ""
