"""Tools and the choice among them, as a client of the Messages API offers them.

Three kinds: the client's own, the client's by a schema that is built into the model (`builtin`), and the vendor's,
which run on its servers. Source: platform.claude.com/docs/en/agents-and-tools/tool-use (2026-11-20).
"""

from __future__ import annotations

import re
from typing import Any

from trunkline.model.conversation import Tool, ToolChoice
from trunkline.wire.anthropic.builtin import builtin
from trunkline.wire.anthropic.shapes import a_string, an_object, cached, invalid
from trunkline.wire.arguments import as_text

Json = dict[str, Any]

_DATED = re.compile(r"_\d{6,8}\Z")
_MEMBERS = frozenset({"type", "name", "description", "input_schema", "strict", "cache_control"})
_KINDS = {"tool_search_tool_bm25": "tool_search", "tool_search_tool_regex": "tool_search", "mcp_toolset": "mcp"}


def tools(value: Any) -> list[Tool]:
    """The tools that are offered."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise invalid("tools", "must be a list")
    return [_tool(an_object(one, f"tools.{nth}"), f"tools.{nth}") for nth, one in enumerate(value)]


def _tool(one: Json, where: str) -> Tool:
    kind = one.get("type")
    if kind in (None, "custom"):
        return _own(one, where)
    base = _DATED.sub("", a_string(kind, f"{where}.type"))
    named = one.get("name")
    name = named if isinstance(named, str) and named else base
    known = builtin(base)
    if known is not None:
        return Tool(name, known.description, known.schema, raw=one, origin="anthropic", cached=cached(one))
    return Tool(name, server=True, kind=_KINDS.get(base, base), raw=one, origin="anthropic", cached=cached(one))


def _own(one: Json, where: str) -> Tool:
    description = one.get("description")
    description = description if isinstance(description, str) else ""
    if isinstance(examples := one.get("input_examples"), list) and examples:
        # No other wire has a member for them.
        description = f"{description}\n\nExamples of its input: {as_text(examples)}".strip()
    strict = one.get("strict")
    return Tool(
        a_string(one.get("name"), f"{where}.name"),
        description,
        an_object(one.get("input_schema") or {}, f"{where}.input_schema"),
        strict=strict if isinstance(strict, bool) else None,
        raw={name: value for name, value in one.items() if name not in _MEMBERS},
        origin="anthropic",
        cached=cached(one),
    )


def choice(value: Any) -> ToolChoice | None:
    """Which of them must be called."""
    if value is None:
        return None
    asked = an_object(value, "tool_choice")
    alone = asked.get("disable_parallel_tool_use")
    parallel = not alone if isinstance(alone, bool) else None
    match asked.get("type"):
        case "auto":
            return ToolChoice("auto", parallel=parallel)
        case "any":
            return ToolChoice("any", parallel=parallel)
        case "none":
            return ToolChoice("none")
        case "tool":
            return ToolChoice("one", a_string(asked.get("name"), "tool_choice.name"), parallel)
    raise invalid("tool_choice.type", "must be `auto`, `any`, `tool` or `none`")
