"""The tools of a conversation as Gemini takes them, and how they are to be used."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from trunkline.model.conversation import Conversation, Tool, ToolChoice
from trunkline.model.dialect import Dialect
from trunkline.wire import loss
from trunkline.wire.gemini.names import Names
from trunkline.wire.gemini.read_tools import KINDS
from trunkline.wire.gemini.spelling import Json
from trunkline.wire.gemini.thinking import version

_OURS = {kind: name for name, kind in KINDS.items()}
"""The other wires' name for a thing that the provider runs itself → Google's."""

_FREE_TEXT: Json = {"type": "object", "properties": {"input": {"type": "string"}}, "required": ["input"]}


@dataclass(slots=True)
class Tools:
    """What became of the tools. `demand` is to be said of a call in this turn."""

    body: Json = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    absent: list[Tool] = field(default_factory=list)
    demand: str = ""
    customs: frozenset[str] = frozenset()
    offered: frozenset[str] = frozenset()


def write_tools(conversation: Conversation, dialect: Dialect, names: Names) -> Tools:
    """`tools` and `toolConfig`. Raises `InvalidRequest` where tools cannot be had."""
    out = Tools()
    if conversation.tools and dialect.tools is False:
        out.lost += loss.refuse_or_lose(dialect, ["tools"], "this model takes no tools.")
        return out
    functions = [tool for tool in conversation.tools if not tool.server]
    if functions:
        declared = [_declared(tool, names) for tool in functions]
        out.body["tools"] = [{"functionDeclarations": declared}]
        out.offered = frozenset(each["name"] for each in declared)
        out.customs = frozenset(names.sent(tool.name) for tool in functions if tool.custom)
    servers = [tool for tool in conversation.tools if tool.server]
    theirs = conversation.wire == "gemini"
    if servers and (theirs or not functions):
        entries = [entry for tool in servers if (entry := _server(tool)) is not None]
        if entries:
            out.body["tools"] = [*out.body.get("tools", []), *entries]
        out.absent = [tool for tool in servers if _server(tool) is None]
        for tool in servers:
            if tool.origin != "gemini" and tool.kind == "web_search":
                out.lost += loss.unsaid(tool, {})
    elif servers:
        # Google takes its own tools beside functions only with their calls replayed, which other wires cannot.
        out.absent = servers
    out.lost += [loss.tool(tool) for tool in out.absent]
    strict = any(tool.strict for tool in functions)
    if strict and version(dialect.model) < (2, 5):
        out.lost.append(loss.called(conversation.wire, "strict"))
        strict = False
    _choose(conversation, dialect, names, out, functions=bool(functions), strict=strict)
    return out


def _declared(tool: Tool, names: Names) -> Json:
    description = tool.description
    if tool.custom and tool.grammar:
        description = f"{description}\n\nThe input's form: {json.dumps(tool.grammar, ensure_ascii=False)}".strip()
    declared: Json = {"name": names.sent(tool.name)}
    if description:
        declared["description"] = description
    schema = _FREE_TEXT if tool.custom else tool.schema or {"type": "object", "properties": {}}
    declared["parametersJsonSchema"] = schema
    if tool.origin == "gemini":
        declared |= tool.raw
    return declared


def _server(tool: Tool) -> Json | None:
    if tool.origin == "gemini":
        return tool.raw
    return {_OURS[tool.kind]: {}} if tool.kind in _OURS else None


def _choose(
    conversation: Conversation, dialect: Dialect, names: Names, out: Tools, *, functions: bool, strict: bool
) -> None:
    """`strict`: what a function is called with must fit its schema. Google holds a call to it in the modes `ANY` and
    `VALIDATED`, not in `AUTO` (ai.google.dev/gemini-api/docs/function-calling, 2026-11).
    """
    choice = conversation.choice or (ToolChoice() if strict else None)
    if choice is None:
        return
    own = {tool.name for tool in conversation.tools if not tool.server}
    mode, wished = choice.mode, [choice.name] if choice.mode == "one" else [*choice.allowed]
    if wished and not own.intersection(wished):
        # Of Google's own tools none can be demanded, and names of what is not declared are refused.
        out.lost.append(loss.called(conversation.wire, "tool_choice"))
        mode = "auto"
    if not functions:
        return
    if choice.parallel is False:
        out.lost.append(loss.called(conversation.wire, "parallel"))
    allowed = [names.sent(name) for name in wished if name in own]
    calling: Json
    if mode == "none":
        calling = {"mode": "NONE"}
    elif mode == "auto":
        calling = {"mode": "VALIDATED" if allowed or strict else "AUTO"}
    elif dialect.forced_tool is False:
        calling, allowed = {"mode": "VALIDATED" if strict else "AUTO"}, []
        out.demand = f"You must call the tool {choice.name}." if choice.name else "You must call one of the tools."
    else:
        calling = {"mode": "ANY"}
    if allowed:
        calling["allowedFunctionNames"] = allowed
    out.body["toolConfig"] = {"functionCallingConfig": calling}
