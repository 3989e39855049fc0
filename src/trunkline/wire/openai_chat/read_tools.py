"""A client's tools, its choice among them, and the form that it wants the answer in."""

from __future__ import annotations

from typing import Any

from trunkline.model.conversation import Shape, Tool, ToolChoice
from trunkline.wire.openai_chat.fields import Json, flag, items, record, refuse, text, wrong


def tools(body: Json) -> list[Tool]:
    """`tools` and the legacy `functions`. Raises `InvalidRequest`."""
    found = [_tool(each, f"tools[{nth}]") for nth, each in enumerate(items(body.get("tools"), "tools"))]
    for nth, each in enumerate(items(body.get("functions"), "functions")):
        found.append(_function(record(each, f"functions[{nth}]"), f"functions[{nth}]"))
    search = body.get("web_search_options")
    if search is not None:
        raw = {"web_search_options": record(search, "web_search_options")}
        found.append(Tool("web_search", server=True, kind="web_search", raw=raw, origin="openai_chat"))
    return found


def _tool(value: Any, at: str) -> Tool:
    tool = record(value, at)
    kind = text(tool.get("type"), f"{at}.type") or ("function" if "function" in tool else "")
    if not kind:
        refuse(f"{at}.type", "is missing")
    if kind == "function":
        if not isinstance(tool.get("function"), dict):
            refuse(f"{at}.function", "must be an object")
        return _function(tool["function"], f"{at}.function")
    if kind == "custom":
        custom = record(tool.get("custom"), f"{at}.custom")
        return Tool(
            _name(custom, f"{at}.custom"),
            text(custom.get("description"), f"{at}.custom.description"),
            custom=True,
            grammar=_grammar(record(custom.get("format"), f"{at}.custom.format")),
        )
    return Tool(kind, server=True, kind=kind, raw=tool, origin="openai_chat")


def _function(function: Json, at: str) -> Tool:
    return Tool(
        _name(function, at),
        text(function.get("description"), f"{at}.description"),
        record(function.get("parameters"), f"{at}.parameters"),
        flag(function.get("strict"), f"{at}.strict"),
    )


def _name(value: Json, at: str) -> str:
    name = text(value.get("name"), f"{at}.name")
    if not name:
        refuse(f"{at}.name", "is missing")
    return name


def _grammar(form: Json) -> Json | None:
    """A custom tool's format, flat: `syntax` and `definition`; None where any text will do."""
    inner = form.get("grammar")
    if isinstance(inner, dict):
        return {"type": "grammar", **inner}
    return form if form.get("type") == "grammar" else None


def choice(body: Json) -> ToolChoice | None:
    """`tool_choice` with `parallel_tool_calls`, or the legacy `function_call`. None: nothing was said."""
    value, at = body.get("tool_choice"), "tool_choice"
    if value is None and body.get("function_call") is not None:
        value, at = body["function_call"], "function_call"
        value = {"type": "function", "function": value} if isinstance(value, dict) else value
    parallel = flag(body.get("parallel_tool_calls"), "parallel_tool_calls")
    if parallel is None and body.get("functions") and not body.get("tools"):
        # Who offers `functions` can be told of one call an answer.
        parallel = False
    if value is None:
        return None if parallel is None else ToolChoice(parallel=parallel)
    found = _chosen(value, at)
    found.parallel = parallel
    return found


def _chosen(value: Any, at: str) -> ToolChoice:
    match value:
        case "auto" | "none":
            return ToolChoice(value)
        case "required" | "any":
            return ToolChoice("any")
        case {"type": "allowed_tools"}:
            allowed = record(value.get("allowed_tools"), f"{at}.allowed_tools")
            names = [_named(record(each, f"{at}.allowed_tools.tools")) for each in items(allowed.get("tools"), at)]
            forced = allowed.get("mode") == "required"
            return ToolChoice("any" if forced else "auto", allowed=tuple(name for name in names if name))
        case {"type": str()}:
            name = _named(value)
            if not name:
                refuse(f"{at}.{value['type']}.name", "is missing")
            return ToolChoice("one", name)
    raise wrong(at, "must be none, auto, required, or an object that names a tool")


def _named(value: Json) -> str:
    """The tool that a reference names; a tool of the provider's own is named by its type."""
    kind = value.get("type")
    inner = value.get(kind) if isinstance(kind, str) else None
    name = (inner if isinstance(inner, dict) else value).get("name")
    if isinstance(name, str):
        return name
    return kind if isinstance(kind, str) and kind not in ("function", "custom") else ""


def shape(body: Json) -> Shape | None:
    """`response_format`. None for plain text."""
    value = body.get("response_format")
    if value is None:
        return None
    form = record(value, "response_format")
    match form.get("type"):
        case "text":
            return None
        case "json_object":
            return Shape("json")
        case "json_schema":
            at = "response_format.json_schema"
            given = record(form.get("json_schema"), at)
            if not isinstance(given.get("schema"), dict):
                refuse(f"{at}.schema", "must be an object")
            return Shape(
                "schema",
                text(given.get("name"), f"{at}.name"),
                given["schema"],
                flag(given.get("strict"), f"{at}.strict"),
                text(given.get("description"), f"{at}.description"),
            )
    raise wrong("response_format.type", "must be text, json_object or json_schema")
