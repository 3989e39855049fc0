"""The tools of a request, and the choice among them, for a provider of the Messages API."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

from trunkline.model.conversation import Conversation, Tool, ToolChoice
from trunkline.model.dialect import Dialect
from trunkline.wire import absent, loss
from trunkline.wire.anthropic.claude import generation, is_claude, takes
from trunkline.wire.anthropic.names import Names
from trunkline.wire.anthropic.schema import as_object_schema, is_closed

Json = dict[str, Any]

_SEARCHES = frozenset({"ollama"})
"""Clones that run `web_search_*` themselves (docs.ollama.com/api/anthropic-compatibility, 2026-11-20)."""


@dataclass(slots=True)
class Offered:
    """What is said of tools. `hints` go into the system prompt, `demand` behind all that was said, since it is for this
    turn alone. `forced`: a call is demanded.
    """

    tools: list[Json] = field(default_factory=list)
    choice: Json | None = None
    customs: set[str] = field(default_factory=set)
    hints: list[str] = field(default_factory=list)
    demand: str = ""
    lost: list[str] = field(default_factory=list)
    absent: list[Tool] = field(default_factory=list)

    @property
    def forced(self) -> bool:
        return self.choice is not None and self.choice["type"] in ("any", "tool")


def offer(conversation: Conversation, dialect: Dialect, names: Names) -> Offered:
    """Tools and choice. Raises `InvalidRequest` where the model has no tools and they may not be dropped."""
    out = Offered()
    offered = conversation.tools
    if offered and dialect.tools is False:
        out.lost += loss.refuse_or_lose(dialect, ["tools"], "this model cannot call tools")
        return out
    choice = conversation.choice
    if choice is not None and choice.allowed:
        offered = [tool for tool in offered if tool.name in choice.allowed]
    there: set[str] = set()
    for tool in offered:
        written = _tool(tool, conversation, dialect, names)
        if written is None:
            out.lost.append(loss.tool(tool))
            out.absent.append(tool)
            continue
        there.add(tool.name)
        out.tools.append(written)
        if tool.server and tool.origin != "anthropic":
            out.lost += loss.unsaid(tool, written)
        if tool.strict and not written.get("strict"):
            out.lost.append(loss.called(conversation.wire, "strict"))
        if tool.custom:
            out.customs.add(names.sent(tool.name, tool.namespace))
    if told := absent.note(out.absent):
        out.hints.append(told)
    if choice is not None and out.tools:
        if choice.mode == "one" and choice.name not in there:
            out.lost.append(loss.called(conversation.wire, "tool_choice"))
            choice = replace(choice, mode="auto")
        _choose(out, choice, dialect, names)
    return out


def _tool(tool: Tool, conversation: Conversation, dialect: Dialect, names: Names) -> Json | None:
    if tool.origin == "anthropic" and "type" in tool.raw and (is_claude(dialect) or _runs(tool, dialect)):
        return dict(tool.raw)
    if tool.server:
        return _search(tool) if tool.kind == "web_search" and _runs(tool, dialect) else None
    out: Json = {"name": names.sent(tool.name, tool.namespace)}
    description = _description(tool)
    if description:
        out["description"] = description
    schema = _FREE if tool.custom else as_object_schema(tool.schema)
    out["input_schema"] = schema
    if tool.strict and is_claude(dialect) and dialect.json_schema and is_closed(schema):
        out["strict"] = True
    if tool.origin == "anthropic" and is_claude(dialect) and "type" not in tool.raw:
        out.update(tool.raw)
    return _marked(out, tool.cached)


_FREE: Json = {
    "type": "object",
    "properties": {"input": {"type": "string", "description": "The whole input as free text."}},
    "required": ["input"],
}


def _description(tool: Tool) -> str:
    """What it does; of a free-text tool also which grammar its text must follow."""
    definition = (tool.grammar or {}).get("definition")
    if not tool.custom or not definition:
        return tool.description
    syntax = (tool.grammar or {}).get("syntax") or "the following"
    return f"{tool.description}\n\n`input` must follow this grammar ({syntax}):\n{definition}".strip()


def _runs(tool: Tool, dialect: Dialect) -> bool:
    """Whether the provider runs a web search itself."""
    return tool.kind == "web_search" and (is_claude(dialect) or dialect.provider in _SEARCHES)


def _search(tool: Tool) -> Json:
    """Another vendor's web search as Anthropic's, with what both know."""
    out: Json = {"type": "web_search_20250305", "name": "web_search"}
    filters = tool.raw.get("filters")
    domains = filters.get("allowed_domains") if isinstance(filters, dict) else None
    if isinstance(domains, list) and domains:
        out["allowed_domains"] = domains
    place = tool.raw.get("user_location")
    if isinstance(place, dict) and place.get("type") == "approximate":
        out["user_location"] = {name: value for name, value in place.items() if value is not None}
    return out


def _marked(block: Json, cached: str) -> Json:
    if cached:
        block["cache_control"] = control(cached)
    return block


def control(cached: str) -> Json:
    """`cache_control` for a mark of a conversation (`5m`, `1h`)."""
    return {"type": "ephemeral"} if cached == "5m" else {"type": "ephemeral", "ttl": cached}


def _choose(out: Offered, choice: ToolChoice, dialect: Dialect, names: Names) -> None:
    mode = choice.mode
    forced = mode in ("any", "one")
    if forced and not takes(dialect.forced_tool, generation(dialect).forced_tool):
        what = f"the tool {json.dumps(names.sent(choice.name))}" if mode == "one" else "one of your tools"
        out.demand = f"You must call {what} in this turn."
        mode = "auto"
    match mode:
        case "one":
            out.choice = {"type": "tool", "name": names.sent(choice.name)}
        case "any" | "none" | "auto":
            out.choice = {"type": mode}
    if choice.parallel is False and out.choice is not None and mode != "none":
        out.choice["disable_parallel_tool_use"] = True


def from_history(messages: list[Json]) -> list[Json]:
    """The tools that were called, for a request that offers none: Claude refuses calls in a history without tools."""
    called = [
        block["name"]
        for message in messages
        if message["role"] == "assistant"
        for block in message["content"]
        if block["type"] == "tool_use"
    ]
    return [{"name": name, "input_schema": {"type": "object", "properties": {}}} for name in dict.fromkeys(called)]
