"""The tools of a conversation as Ollama is told them. It knows no `tool_choice`: a forced call is asked for."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from trunkline.model.conversation import Conversation, Tool, ToolChoice
from trunkline.model.dialect import Dialect
from trunkline.wire import loss
from trunkline.wire.ollama.schema import reduced

_FREE_TEXT: dict[str, Any] = {"required": ["input"], "properties": {"input": {"type": "string"}}}


@dataclass(slots=True)
class Offered:
    """`tools` as sent; `names` by (namespace, name); `customs` as sent; `hint` asks for a call in this turn."""

    tools: list[dict[str, Any]] = field(default_factory=list)
    names: dict[tuple[str, str], str] = field(default_factory=dict)
    customs: set[str] = field(default_factory=set)
    hint: str = ""
    lost: list[str] = field(default_factory=list)
    absent: list[Tool] = field(default_factory=list)

    def name(self, namespace: str, name: str) -> str:
        """What a tool is called there."""
        return self.names.get((namespace, name), name)

    @property
    def changed(self) -> dict[str, str]:
        """Sent name → the client's, where they differ."""
        return {sent: name for (_, name), sent in self.names.items() if sent != name}


def offered(conversation: Conversation, dialect: Dialect) -> Offered:
    """Raises `InvalidRequest` when the model takes no tools and they may not be dropped."""
    out = Offered()
    tools = [tool for tool in conversation.tools if not tool.server]
    out.absent = [tool for tool in conversation.tools if tool.server]
    out.lost += [loss.tool(tool) for tool in out.absent]
    _name(out, tools)
    choice = conversation.choice or ToolChoice()
    if not tools or choice.mode == "none":
        return out
    if dialect.tools is False:
        out.lost += loss.refuse_or_lose(dialect, ["tools"], f"{dialect.model} takes no tools.")
        return out
    if choice.allowed:
        tools = [tool for tool in tools if tool.name in choice.allowed]
    for tool in tools:
        out.tools.append(_tool(tool, out.name(tool.namespace, tool.name)))
        if tool.custom:
            out.customs.add(out.name(tool.namespace, tool.name))
    if any(tool.strict for tool in tools):
        out.lost.append(loss.called(conversation.wire, "strict"))
    out.hint = _hint(choice, tools, out)
    if out.hint or choice.mode == "one":
        out.lost.append(loss.called(conversation.wire, "tool_choice"))
    if choice.parallel is False:
        out.lost.append(loss.called(conversation.wire, "parallel"))
    return out


def _name(out: Offered, tools: list[Tool]) -> None:
    """Ollama takes any name, so it stays, unless two namespaces have the same one."""
    often = Counter(tool.name for tool in tools)
    for tool in tools:
        twice = often[tool.name] > 1 and tool.namespace
        out.names[tool.namespace, tool.name] = f"{tool.namespace}__{tool.name}" if twice else tool.name


def _tool(tool: Tool, name: str) -> dict[str, Any]:
    described = tool.description
    if tool.custom:
        described = "\n\n".join(one for one in (described, _grammar(tool)) if one)
    function: dict[str, Any] = {"name": name}
    if described:
        function["description"] = described
    function["parameters"] = reduced(_FREE_TEXT if tool.custom else tool.schema)
    return {"type": "function", "function": function}


def _grammar(tool: Tool) -> str:
    """What bounds a free-text tool's input, in words: Chat nests `{grammar: {…}}`, Responses does not."""
    given = tool.grammar or {}
    inner = given.get("grammar")
    inner = inner if isinstance(inner, dict) else given
    definition = inner.get("definition")
    if not isinstance(definition, str) or not definition:
        return ""
    return f"`input` follows this {inner.get('syntax') or 'lark'} grammar:\n{definition}"


def _hint(choice: ToolChoice, tools: list[Tool], out: Offered) -> str:
    if choice.mode == "any" and tools:
        return "You must call one of the tools."
    found = next((tool for tool in tools if tool.name == choice.name), None)
    if choice.mode == "one" and found is not None:
        return f"You must call the tool {out.name(found.namespace, found.name)}."
    return ""
