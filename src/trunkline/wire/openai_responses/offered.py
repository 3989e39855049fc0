"""Reads the tools that a client offers: functions, free-text tools, namespaces of them, and tools the vendor runs.

A tool's name in the conversation is unique: where two namespaces have the same one, the later is `namespace__name`, and
`raw["name"]` keeps how the client calls it. Source: `openai.types.responses.Tool`, SDK 3.52.0; what Codex 0.169 sends.
"""

from __future__ import annotations

from typing import Any

from trunkline.errors import InvalidRequest
from trunkline.model.conversation import Tool, ToolChoice
from trunkline.wire.openai_responses.fields import Json, inner, need, objects, pick, text, wrong

_FUNCTION = frozenset({"type", "name", "description", "parameters", "strict"})
_CUSTOM = frozenset({"type", "name", "description", "format"})
_SEARCHES = ("web_search", "web_search_preview")


class Offered:
    """The tools of one request, in the order in which they came."""

    def __init__(self) -> None:
        self._tools: dict[tuple[str, str], Tool] = {}
        self._taken: set[str] = set()

    @property
    def tools(self) -> list[Tool]:
        """All of them."""
        return list(self._tools.values())

    def add(self, body: Json, at: str) -> None:
        """The member `tools` of a request or of an `additional_tools` item. A tool that comes again replaces itself."""
        for nth, raw in enumerate(objects(body, "tools", at)):
            here = f"{at}tools[{nth}]."
            if need(raw, "type", here) == "namespace":
                space, words = need(raw, "name", here), text(raw, "description", here)
                for each, tool in enumerate(objects(raw, "tools", here)):
                    self._one(tool, f"{here}tools[{each}].", space, words)
            else:
                self._one(raw, here, "", "")

    def name(self, namespace: str, name: str) -> str:
        """What a tool that the client calls so is called in the conversation."""
        found = self._tools.get((namespace, name))
        return found.name if found else name

    def _one(self, raw: Json, at: str, space: str, words: str) -> None:
        kind = need(raw, "type", at)
        if kind == "function":
            told = need(raw, "name", at)
            tool = Tool(told, schema=inner(raw, "parameters", at), strict=pick(raw, "strict", bool, at))
            left = _FUNCTION
        elif kind == "custom":
            told = need(raw, "name", at)
            form = inner(raw, "format", at)
            tool = Tool(told, custom=True, grammar=form if form.get("type") == "grammar" else None)
            left = _CUSTOM
        else:
            served = "web_search" if kind.startswith(_SEARCHES) else kind
            tool = Tool(served, server=True, kind=served, raw=raw, origin="openai_responses")
            self._tools[space, str(raw.get("server_label") or kind)] = tool
            return
        tool.description = text(raw, "description", at)
        tool.namespace, tool.origin = space, "openai_responses"
        tool.raw = {name: value for name, value in raw.items() if name not in left}
        if words:
            tool.raw["namespace"] = words
        self._place(tool, told)

    def _place(self, tool: Tool, told: str) -> None:
        key = (tool.namespace, told)
        before = self._tools.get(key)
        if before is not None:
            tool.name = before.name
        elif told in self._taken:
            tool.name = f"{tool.namespace}__{told}"
        if tool.name != told:
            tool.raw["name"] = told
        self._taken.add(tool.name)
        self._tools[key] = tool


def choice(body: Json, offered: Offered) -> tuple[ToolChoice | None, Any]:
    """(the choice, what of it only this wire understands): a tool of the vendor's that must be used, for one."""
    parallel = pick(body, "parallel_tool_calls", bool)
    said = body.get("tool_choice")
    if said is None:
        return (None, None) if parallel is None else (ToolChoice(parallel=parallel), None)
    if isinstance(said, str):
        if said not in ("auto", "none", "required"):
            raise wrong("tool_choice", "`auto`, `none`, `required` or an object")
        return ToolChoice("any" if said == "required" else said, parallel=parallel), None  # type: ignore[arg-type]
    if not isinstance(said, dict):
        raise wrong("tool_choice", "a string or an object")
    kind = need(said, "type", "tool_choice.")
    if kind in ("function", "custom"):
        named = offered.name(text(said, "namespace", "tool_choice."), need(said, "name", "tool_choice."))
        return ToolChoice("one", named, parallel), None
    if kind == "allowed_tools":
        mode = text(said, "mode", "tool_choice.") or "auto"
        if mode not in ("auto", "required"):
            raise wrong("tool_choice.mode", "`auto` or `required`")
        named_ones = tuple(_allowed(offered, each) for each in objects(said, "tools", "tool_choice."))
        if not named_ones:
            raise InvalidRequest("`tool_choice.tools` names no tool.", param="tool_choice.tools")
        return ToolChoice("auto" if mode == "auto" else "any", parallel=parallel, allowed=named_ones), None
    return ToolChoice(parallel=parallel), said


def _allowed(offered: Offered, raw: Json) -> str:
    kind = str(raw.get("type") or "function")
    if kind in ("function", "custom"):
        return offered.name(str(raw.get("namespace") or ""), str(raw.get("name") or ""))
    return "web_search" if kind.startswith(_SEARCHES) else kind
